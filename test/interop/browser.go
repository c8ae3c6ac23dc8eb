package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	// mostHops bounds how often a browser is sent on.
	mostHops = 40
	// mostPage bounds what is read of a page, in bytes.
	mostPage = 1 << 20
)

// browser is one person's: it keeps cookies, follows redirects, and sends forms that
// carry a message of SAML, as the script of such a page does.
type browser struct {
	client *http.Client
	clave  *product
	// hint goes beside every request that a service sends to us.
	hint string
	// passed are the messages that went through it.
	passed []message
}

// page is where a browser came to rest.
type page struct {
	at     *url.URL
	status int
	body   string
}

func newBrowser(clave *product, hint string) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("making a browser: %w", err)
	}
	return &browser{
		client: &http.Client{
			Jar: jar, Timeout: time.Minute,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		clave: clave, hint: hint,
	}, nil
}

// open goes to an address and on from there, until a page asks for a person.
func (b *browser) open(ctx context.Context, address string) (page, error) {
	var form url.Values
	for range mostHops {
		b.note(address, form)
		p, next, err := b.step(ctx, address, form)
		if err != nil {
			return p, err
		}
		if next == "" {
			next = b.onward(p)
		}
		if next != "" {
			address, form = next, nil
			continue
		}
		var posts bool
		if posts, address, form = p.posts(); !posts {
			return p, nil
		}
	}
	return page{}, fmt.Errorf("the browser was sent on more than %d times, last to %s", mostHops, address)
}

// step is one request. Where it is redirected, next says to where.
func (b *browser) step(ctx context.Context, address string, form url.Values) (p page, next string, err error) {
	method, body := http.MethodGet, ""
	if form != nil {
		method = http.MethodPost
	}
	if b.hint != "" && b.clave.takes(address) {
		if form.Get("SAMLRequest") != "" {
			form.Set("login_hint", b.hint)
		} else if strings.Contains(address, "SAMLRequest=") {
			address += "&login_hint=" + url.QueryEscape(b.hint)
		}
	}
	body = form.Encode()
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return page{}, "", err
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := b.client.Do(r)
	if err != nil {
		return page{}, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostPage))
	if err != nil {
		return page{}, "", fmt.Errorf("reading a page: %w", err)
	}
	p = page{at: r.URL, status: answer.StatusCode, body: string(text)}
	if to, err := answer.Location(); err == nil && answer.StatusCode/100 == 3 {
		return p, to.String(), nil
	}
	return p, "", nil
}

// messageFields carry messages. The last two are those of the dialect.
var messageFields = [...]string{"SAMLRequest", "SAMLResponse", "logoutRequest", "logoutResponse"}

// note remembers messages on their way.
func (b *browser) note(address string, form url.Values) {
	values, binding := form, http.MethodPost
	if u, err := url.Parse(address); form == nil && err == nil {
		values, binding = u.Query(), http.MethodGet
	}
	for _, field := range messageFields {
		if value := values.Get(field); value != "" {
			to, _, _ := strings.Cut(address, "?")
			b.passed = append(b.passed, message{to, binding, field, value, values.Get("SigAlg")})
		}
	}
}

// onward is where a page goes on by itself, or, where ours tells which services were
// logged out, where its button leads; empty for nowhere.
func (b *browser) onward(p page) string {
	found := refresh.FindStringSubmatch(p.body)
	if found == nil && strings.HasPrefix(p.at.String(), b.clave.issuer+"/logout/") {
		found = button.FindStringSubmatch(p.body)
	}
	if found == nil {
		return ""
	}
	to, err := p.at.Parse(html.UnescapeString(found[1]))
	if err != nil {
		return ""
	}
	return to.String()
}

var (
	refresh  = regexp.MustCompile(`(?i)http-equiv="refresh" content="0;\s*url=([^"]*)"`)
	button   = regexp.MustCompile(`<a class="button" href="([^"]*)"`)
	formTag  = regexp.MustCompile(`(?is)<form\b([^>]*)>(.*?)</form>`)
	inputTag = regexp.MustCompile(`(?is)<input\b([^>]*)>`)
	quoted   = regexp.MustCompile(`(?is)([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')`)
)

// attributesOf reads what stands in a tag.
func attributesOf(tag string) map[string]string {
	found := map[string]string{}
	for _, m := range quoted.FindAllStringSubmatch(tag, -1) {
		found[strings.ToLower(m[1])] = html.UnescapeString(m[2] + m[3])
	}
	return found
}

// posts tells whether a page holds a form that its script sends by itself: one with a
// message of SAML, or one of who keeps what was posted meanwhile.
func (p page) posts() (yes bool, action string, fields url.Values) {
	for _, m := range formTag.FindAllStringSubmatch(p.body, -1) {
		form := attributesOf(m[1])
		fields = url.Values{}
		for _, input := range inputTag.FindAllStringSubmatch(m[2], -1) {
			if a := attributesOf(input[1]); a["name"] != "" {
				fields.Set(a["name"], a["value"])
			}
		}
		if !slices.ContainsFunc(messageFields[:], fields.Has) {
			continue
		}
		to, err := p.at.Parse(form["action"])
		if err != nil || !strings.EqualFold(form["method"], http.MethodPost) {
			continue
		}
		return true, to.String(), fields
	}
	return false, "", nil
}

// says is the page's text for who looks for a mistake, shortened.
func (p page) says() string {
	text := regexp.MustCompile(`(?is)<(script|style|head)\b.*?</(script|style|head)>`).ReplaceAllString(p.body, " ")
	text = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, " ")
	text = strings.Join(strings.Fields(html.UnescapeString(text)), " ")
	const most = 600
	if len(text) > most {
		text = text[:most] + " …"
	}
	return fmt.Sprintf("%s answers %d: %s", p.at.Redacted(), p.status, text)
}

// read is what stands at an address.
func read(ctx context.Context, web *http.Client, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := web.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, mostPage))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", address, err)
	}
	return text, nil
}
