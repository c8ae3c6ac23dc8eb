package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	software "clave/sandbox/phone"
)

// held is a phone with the app, whose keys do what the app's scripts let them do.
type held struct {
	*software.Phone
	device string
}

// openApp makes the browser in front the phone in software of a citizen, and opens the
// app there.
func (w *world) openApp(document string) error {
	c, err := w.find(document)
	if err != nil {
		return err
	}
	handle, err := base64.RawURLEncoding.DecodeString(c.Secrets["movil_user_handle"])
	if err != nil || len(handle) == 0 {
		return fmt.Errorf("citizen %s has no phone with the app", document)
	}
	h := &held{software.Known(w.origin, document), c.Secrets["movil_device"]}
	h.User = handle
	w.browser.phone = h
	if err := w.open("/movil"); err != nil {
		return err
	}
	challenge, found := attributeOf(w.browser.tab.page, "data-door")
	if !found {
		return nil // it is open
	}
	status, err := w.script("/movil/open", map[string]any{
		"device": h.device, "challenge": challenge, "signature": base64.RawURLEncoding.EncodeToString(h.Sign([]byte(challenge))),
	})
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("%w: the app opens, it answers %d", errNot, status)
	}
	return w.open("/movil")
}

// scan reads the QR that another browser shows.
func (w *world) scan(name string) error {
	p, err := w.shownBy(name)
	if err != nil {
		return err
	}
	link, err := p.link(w.origin + "/movil/s/")
	if err != nil {
		return err
	}
	return w.open(link)
}

// shownBy is the page in front of another browser.
func (w *world) shownBy(name string) (*page, error) {
	b := w.browsers[name]
	if b == nil || b.tab.page == nil {
		return nil, fmt.Errorf("%s shows no page of ours", name)
	}
	return b.tab.page, nil
}

var bigCode = regexp.MustCompile(`class="big-code"[^>]*>([0-9]{3})<`)

// digits types what another browser shows, or something else.
func digits(w *world, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: digits NAME [wrong]")
	}
	p, err := w.shownBy(args[0])
	if err != nil {
		return err
	}
	shown := bigCode.FindStringSubmatch(p.source)
	if shown == nil {
		return fmt.Errorf("%s shows no digits", args[0])
	}
	typed := shown[1]
	if len(args) == 2 {
		if typed = "000"; shown[1] == typed {
			typed = "111"
		}
	}
	return w.submit("/movil/request/digits", url.Values{"digits": {typed}})
}

// approve signs with both keys of the phone what the app's page asks.
func approve(w *world, args []string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	h := w.browser.phone
	options, found := attributeOf(p, "data-approve")
	if h == nil || !found {
		return fmt.Errorf("%w: the page %q asks to approve", errNot, p.title)
	}
	f, err := p.form("/movil/request")
	if err != nil {
		return err
	}
	var asked struct {
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal([]byte(options), &asked); err != nil {
		return fmt.Errorf("reading what is asked: %w", err)
	}
	challenge, err := base64.RawURLEncoding.DecodeString(asked.Challenge)
	if err != nil {
		return fmt.Errorf("reading the challenge: %w", err)
	}
	signer := *h.Phone
	for _, how := range args {
		switch how {
		case "elsewhere":
			signer.Origin = "https://evil.example"
		case "locked":
			signer.Unverified = true
		default:
			return errors.New("usage: approve [elsewhere|locked]")
		}
	}
	response, err := signer.Get(json.RawMessage(options))
	if err != nil {
		return err
	}
	status, err := w.script("/movil/api/approve", map[string]any{
		"request": f.fields.Get("request"), "response": response, "signature": base64.RawURLEncoding.EncodeToString(signer.Sign(challenge)),
	})
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("%w: it is approved, the answer is %d", errNot, status)
	}
	return w.open("/movil/request/decided?approved")
}

// here signs on the first page of a login what it asks of the browser's own keys.
func here(w *world, args []string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	h := w.browser.phone
	options, found := attributeOf(p, "data-options")
	if h == nil || !found {
		return fmt.Errorf("%w: the page %q asks this device", errNot, p.title)
	}
	f, err := p.form("/movil/here")
	if err != nil {
		return err
	}
	challenge, err := base64.RawURLEncoding.DecodeString(f.fields.Get("challenge"))
	if err != nil {
		return fmt.Errorf("reading the challenge: %w", err)
	}
	response, err := h.Get(json.RawMessage(options))
	if err != nil {
		return err
	}
	typed := url.Values{"response": {string(response)}}
	if len(args) == 0 { // otherwise the passkey alone
		typed.Set("device", h.device)
		typed.Set("signature", base64.RawURLEncoding.EncodeToString(h.Sign(challenge)))
	}
	return w.submit("/movil/here", typed)
}

// attributeOf is an attribute of the page, the first of its name.
func attributeOf(p *page, name string) (string, bool) {
	found := regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(p.source)
	if found == nil {
		return "", false
	}
	return html.UnescapeString(found[1]), true
}

// script sends JSON from a page of ours, as its script does.
func (w *world) script(path string, body any) (status int, err error) {
	status, _, err = w.scriptReads(path, body)
	return status, err
}

// scriptReads is script for what it is told; without a body it asks only.
func (w *world) scriptReads(path string, body any) (status int, said []byte, err error) {
	method, text := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		if text, err = json.Marshal(body); err != nil {
			return 0, nil, err
		}
	}
	to := w.issuerURL().JoinPath(path)
	out, err := http.NewRequest(method, to.String(), bytes.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	out.Header.Set("Sec-Fetch-Site", "same-origin")
	out.Header.Set("Origin", w.origin)
	out.Header.Set("Content-Type", "application/json")
	out.Header.Set("Accept-Language", w.acceptLanguage)
	w.browser.jar.give(to.Hostname(), out)
	w.asked = append(w.asked, to.String())
	answer, err := w.client.Do(out)
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", method, strings.TrimPrefix(path, w.origin), err)
	}
	defer answer.Body.Close()
	w.browser.jar.take(to, answer)
	said, err = io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	return answer.StatusCode, said, errors.Join(err, unsafeCookie(to, answer), unsafeHeaders(to, answer))
}
