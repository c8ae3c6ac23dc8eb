package samples

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// browser is somebody's, without scripts: it presses by itself the button of forms that
// only carry a message on. As real ones do, it keeps Lax cookies to itself when a form
// of one site goes to another.
type browser struct {
	t      *testing.T
	client http.Client
	page   page
	// visited are the addresses of the last step, without queries.
	visited []string
	// stops is the end of an address to which no form is carried on: the page that has
	// it stays.
	stops string
}

// page is what the browser shows.
type page struct {
	address *url.URL
	status  int
	heading string
	text    string
	forms   []form
	links   []string
	refresh string // where it moves on to by itself
}

type form struct {
	action string
	fields url.Values
	onward bool // it only carries a message on
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, client: http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// open goes to an address, or to a path of the services.
func (b *browser) open(address string) {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = lab.services + address
	}
	b.visited = nil
	b.travel(b.request(http.MethodGet, address, nil))
}

// follow follows the link of the page whose address has this in it.
func (b *browser) follow(part string) {
	b.t.Helper()
	for _, link := range b.page.links {
		if strings.Contains(link, part) {
			b.open(b.absolute(link))
			return
		}
	}
	b.t.Fatalf("no link has %s in it: %q at %s", part, b.page.links, b.page.address)
}

// submit fills in the form of the page whose action ends so, and sends it.
func (b *browser) submit(suffix string, fields ...string) {
	b.t.Helper()
	for _, f := range b.page.forms {
		if strings.HasSuffix(f.action, suffix) {
			for i := 0; i < len(fields); i += 2 {
				f.fields.Set(fields[i], fields[i+1])
			}
			b.visited = nil
			b.travel(b.request(http.MethodPost, b.absolute(f.action), f.fields))
			return
		}
	}
	b.t.Fatalf("no form goes to %s: %q at %s (%d)", suffix, b.page.heading, b.page.address, b.page.status)
}

func (b *browser) absolute(address string) string {
	b.t.Helper()
	to, err := b.page.address.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	return to.String()
}

func (b *browser) request(method, address string, fields url.Values) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(fields.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", "en")
	return r
}

// maxSteps bounds redirects.
const maxSteps = 30

// travel sends a request, and goes on for as long as nobody has to do anything.
func (b *browser) travel(r *http.Request) {
	b.t.Helper()
	for range maxSteps {
		answer := b.send(r)
		to := answer.Header.Get("Location")
		source, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			b.t.Fatal(err)
		}
		b.visited = append(b.visited, r.URL.Scheme+"://"+r.URL.Host+r.URL.Path)
		b.read(r.URL, answer.StatusCode, string(source))
		switch {
		case to != "":
			r = b.request(http.MethodGet, b.absolute(to), nil)
		case b.page.refresh != "":
			r = b.request(http.MethodGet, b.absolute(b.page.refresh), nil)
		case b.onward() != nil:
			f := b.onward()
			target := b.absolute(f.action)
			if policy := answer.Header.Get("Content-Security-Policy"); strings.HasPrefix(f.action, "http") && !strings.Contains(policy, f.action) {
				b.t.Fatalf("the policy of %s has no form to %s: %s", r.URL.Path, target, policy)
			}
			r = b.request(http.MethodPost, target, f.fields)
		default:
			return
		}
	}
	b.t.Fatalf("going round and round: %q", b.visited)
}

// onward is the form that only carries a message on; nil without one.
func (b *browser) onward() *form {
	for i, f := range b.page.forms {
		if f.onward && (b.stops == "" || !strings.HasSuffix(f.action, b.stops)) {
			return &b.page.forms[i]
		}
	}
	return nil
}

// send sends a request with the cookies that a browser would.
func (b *browser) send(r *http.Request) *http.Response {
	b.t.Helper()
	client := b.client
	foreign := r.Method == http.MethodPost && b.page.address != nil && r.URL.Host != b.page.address.Host
	if foreign {
		client.Jar = nil
		r.Header.Set("Origin", b.page.address.Scheme+"://"+b.page.address.Host)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	answer, err := client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	if foreign {
		b.client.Jar.SetCookies(r.URL, answer.Cookies())
	}
	return answer
}

// read reads HTML of ours, which is XML but for attributes without a value and elements
// without an end.
func (b *browser) read(address *url.URL, status int, source string) {
	b.t.Helper()
	b.page = page{address: address, status: status}
	d := xml.NewDecoder(strings.NewReader(source))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var words, heading strings.Builder
	inHeading := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			b.t.Fatalf("reading %s: %v", address, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inHeading = token.Name.Local == "h1"
			b.element(token)
		case xml.EndElement:
			inHeading = false
			words.WriteByte(' ')
		case xml.CharData:
			words.Write(token)
			if inHeading {
				heading.Write(token)
			}
		}
	}
	b.page.text, b.page.heading = strings.Join(strings.Fields(words.String()), " "), strings.TrimSpace(heading.String())
}

func (b *browser) element(e xml.StartElement) {
	a := map[string]string{}
	for _, one := range e.Attr {
		a[one.Name.Local] = one.Value
	}
	switch e.Name.Local {
	case "meta":
		if a["http-equiv"] == "refresh" {
			b.page.refresh = strings.TrimPrefix(a["content"], "0;url=")
		}
	case "a":
		b.page.links = append(b.page.links, a["href"])
	case "form":
		_, onward := a["data-post-on"]
		b.page.forms = append(b.page.forms, form{a["action"], url.Values{}, onward})
	case "input":
		if n := len(b.page.forms); n > 0 && a["name"] != "" && a["type"] != "checkbox" {
			b.page.forms[n-1].fields.Add(a["name"], a["value"])
		}
	}
}

// shows wants texts on the page.
func (b *browser) shows(status int, texts ...string) {
	b.t.Helper()
	if b.page.status != status {
		b.t.Errorf("%s answered %d, want %d: %s", b.page.address.Path, b.page.status, status, b.page.text)
	}
	for _, text := range texts {
		if !strings.Contains(b.page.text, text) {
			b.t.Errorf("%s does not show %q: %s", b.page.address.Path, text, b.page.text)
		}
	}
}

// values are the fields of a form, by name and value.
func values(pairs []string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}
