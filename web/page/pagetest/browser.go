// Package pagetest has a browser for tests of pages.
package pagetest

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Origin is where browsers find the pages.
const Origin = "https://clave.example"

// Browser holds cookies and walks pages; it fails its test when they are not as
// expected.
type Browser struct {
	T       testing.TB
	Server  http.Handler
	Cookies map[string]string
	// Language is the one that it asks for.
	Language string
	// CrossSite makes forms look as sent by a page of another site.
	CrossSite bool

	// Page is the last answer, with entities resolved.
	Page   string
	Status int
	Header http.Header
}

// New returns a browser without cookies, which asks for English.
func New(t testing.TB, server http.Handler) *Browser {
	return &Browser{T: t, Server: server, Cookies: map[string]string{}, Language: "en"}
}

// Do sends a request and answers where the browser is sent then.
func (b *Browser) Do(method, path string, form url.Values) string {
	b.T.Helper()
	r := httptest.NewRequest(method, Origin+path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept-Language", b.Language)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if b.CrossSite {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}
	}
	for name, value := range b.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.Server.ServeHTTP(w, r)
	answer := w.Result()
	for _, c := range answer.Cookies() {
		if b.Cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.Cookies, c.Name)
		}
	}
	b.Page, b.Status, b.Header = html.UnescapeString(w.Body.String()), w.Code, answer.Header
	return answer.Header.Get("Location")
}

// Get opens what must be a page.
func (b *Browser) Get(path string) {
	b.T.Helper()
	if to := b.Do(http.MethodGet, path, nil); b.Status != http.StatusOK {
		b.T.Fatalf("GET %s: got %d to %q, want a page", path, b.Status, to)
	}
}

// Sent opens a page that must lead elsewhere.
func (b *Browser) Sent(to, path string) {
	b.T.Helper()
	if got := b.Do(http.MethodGet, path, nil); b.Status != http.StatusSeeOther || got != to {
		b.T.Errorf("GET %s: got %d to %q, want %q", path, b.Status, got, to)
	}
}

// Post sends a form, name, value, name, value, and answers where the browser is sent
// then.
func (b *Browser) Post(path string, fields ...string) string {
	b.T.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.Do(http.MethodPost, path, form)
}

// Goes sends a form that must lead to a path.
func (b *Browser) Goes(to, path string, fields ...string) {
	b.T.Helper()
	if got := b.Post(path, fields...); b.Status != http.StatusSeeOther || got != to {
		b.T.Fatalf("POST %s: got %d to %q, want %q\n%s", path, b.Status, got, to, b.Main())
	}
}

// Wrong sends a form that must come back at once to be put right: see Mends.
func (b *Browser) Wrong(field, text, path string, fields ...string) {
	b.T.Helper()
	b.Stopped(http.StatusUnprocessableEntity, text, path, fields...)
	b.Mends(field, text, fields...)
}

// Mends tells whether the page asks to put a field right, in the title, in the summary
// and at the field, and still has what was typed.
func (b *Browser) Mends(field, text string, fields ...string) {
	b.T.Helper()
	b.Says("<title>Error:", text, `id="`+field+`-error"`, `href="#`+field)
	for i := 1; i < len(fields); i += 2 {
		if fields[i] != "" {
			b.Says(`value="` + fields[i] + `"`)
		}
	}
}

// Stopped sends a form that must be answered by a page that says why not.
func (b *Browser) Stopped(status int, text, path string, fields ...string) {
	b.T.Helper()
	b.Post(path, fields...)
	if b.Status != status {
		b.T.Fatalf("POST %s: got %d, want %d\n%s", path, b.Status, status, b.Main())
	}
	b.Says(text)
}

// Says tells what the page must hold.
func (b *Browser) Says(texts ...string) {
	b.T.Helper()
	for _, text := range texts {
		if !strings.Contains(b.Page, text) {
			b.T.Errorf("the page lacks %q", text)
		}
	}
}

// Lacks tells what the page must not hold.
func (b *Browser) Lacks(texts ...string) {
	b.T.Helper()
	for _, text := range texts {
		if strings.Contains(b.Page, text) {
			b.T.Errorf("the page has %q", text)
		}
	}
}

// Main is the content of the page.
func (b *Browser) Main() string {
	_, rest, _ := strings.Cut(b.Page, "<main")
	content, _, _ := strings.Cut(rest, "</main>")
	return content
}
