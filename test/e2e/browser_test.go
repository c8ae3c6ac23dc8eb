package e2e

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// browser is one person's browser: cookies and tabs.
type browser struct {
	jar  jar
	tabs map[string]*tab
	tab  *tab // in front
	// shows is what it shows to hosts that ask for a certificate; nil for none.
	shows *tls.Certificate
	// phone is set where it is one with the app.
	phone *held
	// forges are headers that it writes although only proxies should; nil for none.
	forges map[string]string
}

// tab shows a page and remembers how it came there.
type tab struct {
	page    *page
	citizen citizen   // who types
	history []request // pages shown, oldest first
	last    request   // what resend sends
	hops    int       // redirects since the last step
	shown   int       // pages of ours shown since the last step, those that move on included
}

// request is a step of a browser.
type request struct {
	method  string
	address *url.URL
	form    url.Values
	// from is the origin of the page that the step starts at; empty for an address
	// typed in.
	from string
	// policy is that of the page whose form was sent.
	policy *page
	// lax plays a browser that sends cookies with every form of another site.
	lax bool
}

func newBrowser() *browser {
	b := &browser{jar: jar{}, tabs: map[string]*tab{}}
	b.front("first")
	return b
}

func (b *browser) front(name string) {
	if b.tabs[name] == nil {
		b.tabs[name] = &tab{}
	}
	b.tab = b.tabs[name]
}

// maxHops is where a browser gives up.
const maxHops = 20

// visit makes a step: it follows redirects and pages that move on by themselves,
// until a page of ours stays or the relying party is reached.
func (w *world) visit(first request) error {
	if err := w.beforeStep(); err != nil {
		return err
	}
	b := w.browser
	t := b.tab
	t.last, t.hops, t.shown = first, 0, 0
	for r := first; ; t.hops++ {
		if t.hops > maxHops {
			return fmt.Errorf("more than %d redirects", maxHops)
		}
		if r.policy != nil && !r.policy.allowsFormTo(r.address) {
			return fmt.Errorf("form-action of %s stops the browser on its way to %s", r.policy.address.Path, r.address)
		}
		if w.arrived(r) {
			return nil
		}
		answer, err := w.send(b, r)
		if err != nil {
			return err
		}
		if location := answer.header.Get("Location"); location != "" {
			to, err := r.address.Parse(location)
			if err != nil {
				return fmt.Errorf("reading Location: %w", err)
			}
			if to.Query().Has("ticket") {
				w.ticket = to.String()
			}
			next := request{method: http.MethodGet, address: to, from: r.from, policy: r.policy}
			if answer.status == http.StatusTemporaryRedirect || answer.status == http.StatusPermanentRedirect {
				return fmt.Errorf("%s repeats a form by status %d", r.address.Path, answer.status)
			}
			r = next
			continue
		}
		t.page = answer
		if next, err := w.chosen(answer); err != nil || next != nil {
			if err != nil {
				return err
			}
			r = *next
			continue
		}
		t.shown++
		t.history = append(t.history, r)
		onward, err := answer.onward()
		if err != nil || onward == nil {
			return err
		}
		r = *onward
	}
}

// chosen is where the page goes that offers several methods, unless the script wants
// to look at it.
func (w *world) chosen(p *page) (*request, error) {
	if w.chooses == "" || !w.pattern(p, "broker.chooser.title").MatchString(p.heading) {
		return nil, nil
	}
	link, err := p.link("/" + w.chooses)
	if err != nil {
		return nil, err
	}
	to, err := p.address.Parse(link)
	if err != nil {
		return nil, err
	}
	return &request{method: http.MethodGet, address: to, from: origin(p.address)}, nil
}

// onward is where a page goes without anybody doing something: by refresh, or by
// the form that our script sends.
func (p *page) onward() (*request, error) {
	if p.refresh != "" {
		to, err := p.address.Parse(p.refresh)
		if err != nil {
			return nil, fmt.Errorf("reading the refresh: %w", err)
		}
		return &request{method: http.MethodGet, address: to, from: origin(p.address)}, nil
	}
	if !strings.Contains(p.source, "data-post-on") {
		return nil, nil
	}
	for _, f := range p.forms {
		if f.own {
			to, err := p.address.Parse(f.action)
			if err != nil {
				return nil, fmt.Errorf("reading the action: %w", err)
			}
			return &request{method: http.MethodPost, address: to, form: f.fields, from: origin(p.address), policy: p}, nil
		}
	}
	for _, f := range p.forms {
		to, err := p.address.Parse(f.action)
		if err != nil {
			return nil, fmt.Errorf("reading the action: %w", err)
		}
		if origin(to) != origin(p.address) {
			return &request{method: http.MethodPost, address: to, form: f.fields, from: origin(p.address), policy: p}, nil
		}
	}
	return nil, fmt.Errorf("the page %q has no form to send on", p.title)
}

// ownHalf is the citizen's half on the page where the PIN is entered.
var ownHalf = regexp.MustCompile(`<input id="half" type="text" value="([A-Z0-9]{4})" readonly`)

// send sends one request with the headers that browsers add, and reads the page.
func (w *world) send(b *browser, r request) (*page, error) {
	var body io.Reader
	if r.method == http.MethodPost {
		body = strings.NewReader(r.form.Encode())
	}
	out, err := http.NewRequest(r.method, r.address.String(), body)
	if err != nil {
		return nil, err
	}
	site := "none"
	switch r.from {
	case "":
	case origin(r.address):
		site = "same-origin"
	default:
		site = "cross-site" // localhost and 127.0.0.1 are two sites
	}
	out.Header.Set("Sec-Fetch-Site", site)
	out.Header.Set("Sec-Fetch-Mode", "navigate")
	out.Header.Set("Accept-Language", w.acceptLanguage)
	for name, value := range b.forges {
		out.Header.Set(name, value)
	}
	if r.method == http.MethodPost {
		out.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		out.Header.Set("Origin", r.from)
	}
	if r.method == http.MethodGet || site != "cross-site" || r.lax { // Lax
		b.jar.give(r.address.Hostname(), out)
	}
	w.asked = append(w.asked, r.address.String())
	client := w.client
	if w.asksForCertificate(r.address) {
		if client, err = w.mutual(b); err != nil {
			return nil, err
		}
	}
	answer, err := client.Do(out)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.address.Path, err)
	}
	defer answer.Body.Close()
	source, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.address.Path, err)
	}
	b.jar.take(r.address, answer)
	if half := ownHalf.FindSubmatch(source); half != nil {
		w.halves = append(w.halves, string(half[1]))
	}
	if origin(r.address) == w.origin {
		if err := errors.Join(unsafeCookie(r.address, answer), unsafeHeaders(r.address, answer)); err != nil {
			return nil, err
		}
	}
	return parsePage(r.address, answer.StatusCode, answer.Header, string(source))
}

// unsafeHeaders finds a header that every answer to a browser must have and this
// one has not.
func unsafeHeaders(address *url.URL, answer *http.Response) error {
	wanted := map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self';",
	}
	if address.Scheme == "https" {
		wanted["Strict-Transport-Security"] = "max-age="
	}
	for name, start := range wanted {
		if got := answer.Header.Get(name); !strings.HasPrefix(got, start) {
			return fmt.Errorf("%s has the header %s: %q", address.Path, name, got)
		}
	}
	return nil
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// open goes to an address typed in, or below the issuer.
func (w *world) open(address string) error {
	to, err := w.issuerURL().Parse(address)
	if err != nil {
		return err
	}
	return w.visit(request{method: http.MethodGet, address: to})
}

// submit sends a form of the page as it stands there, with values typed in.
func (w *world) submit(suffix string, typed url.Values) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	f, err := p.form(suffix)
	if err != nil {
		return err
	}
	to, err := p.address.Parse(f.action)
	if err != nil {
		return err
	}
	for name, values := range typed {
		if !f.fields.Has(name) && !strings.Contains(p.source, `name="`+name+`"`) {
			return fmt.Errorf("the form to %s has no field %s", suffix, name)
		}
		f.fields[name] = values
	}
	return w.visit(request{method: http.MethodPost, address: to, form: f.fields, from: origin(p.address), policy: p})
}

// shown is the page in front.
func (w *world) shown() (*page, error) {
	if p := w.browser.tab.page; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("the browser shows no page of ours")
}

// back goes to the page before, which browsers ask for again: none is stored.
func (w *world) back() error {
	t := w.browser.tab
	if len(t.history) < 2 {
		return fmt.Errorf("there is no page before")
	}
	before := t.history[len(t.history)-2]
	t.history = t.history[:len(t.history)-2]
	return w.visit(before)
}
