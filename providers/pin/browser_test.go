package pin_test

import (
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"clave/broker"
	"clave/providers/pin/pintest"
	"clave/providers/providertest"
	"clave/web/page"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// browser holds cookies and walks the pages of one world.
type browser struct {
	t       testing.TB
	server  http.Handler
	cookies map[string]string
	page    string // of the last answer
	status  int
	header  http.Header
}

// site is a world with pages and some open logins.
func site(t testing.TB, logins int) (*pintest.World, []*broker.Login, *browser) {
	t.Helper()
	w, _ := pintest.NewWithPages(t)
	var open []*broker.Login
	for range logins {
		open = append(open, w.Broker().Open(providertest.Party()))
	}
	return w, open, newBrowser(t, w, open)
}

func newBrowser(t testing.TB, w *pintest.World, open []*broker.Login) *browser {
	t.Helper()
	router := mux.NewRouter()
	around := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			facts := page.Around{Service: "Example Town Hall", Cancel: "/cancel"}
			if r.Method == http.MethodPost {
				facts.Here = "/login/any" // where one chooses how to log in
			}
			next.ServeHTTP(rw, r.WithContext(page.With(r.Context(), facts)))
		})
	}
	err := route.Mount(router, w.Routes(), route.Guards{
		Login: w.Broker().Guard(t, open...), Around: around, Fail: w.Pages.ErrorPage, Log: slog.New(slog.NewTextHandler(w.Log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, server: router, cookies: map[string]string{}}
}

func (b *browser) do(method, path string, form url.Values) string {
	b.t.Helper()
	r := httptest.NewRequest(method, "https://clave.example"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.server.ServeHTTP(w, r)
	answer := w.Result()
	for _, c := range answer.Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	b.page, b.status, b.header = html.UnescapeString(w.Body.String()), w.Code, answer.Header
	return answer.Header.Get("Location")
}

// get opens a page; it fails unless that is a page.
func (b *browser) get(path string) {
	b.t.Helper()
	if to := b.do(http.MethodGet, path, nil); b.status != http.StatusOK {
		b.t.Fatalf("GET %s: got %d to %q, want a page", path, b.status, to)
	}
}

// post sends a form and returns where the browser is sent then.
func (b *browser) post(path string, fields ...string) string {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, path, form)
}

// goes sends a form that must lead to a path.
func (b *browser) goes(to, path string, fields ...string) {
	b.t.Helper()
	if got := b.post(path, fields...); b.status != http.StatusSeeOther || got != to {
		b.t.Fatalf("POST %s: got %d to %q, want %q\n%s", path, b.status, got, to, b.problems())
	}
}

// wrong sends a form that must come back at once with an error in the title, in
// the summary and at the field, and everything else that is said.
func (b *browser) wrong(field, text, path string, fields ...string) {
	b.t.Helper()
	b.post(path, fields...)
	if b.status != http.StatusUnprocessableEntity {
		b.t.Fatalf("POST %s: got %d, want %d", path, b.status, http.StatusUnprocessableEntity)
	}
	b.mends(field, text, fields...)
	b.says(`name="return" value="` + path + `"`) // a change of language keeps the step
}

// counted sends a form whose error counts: it must come back with the error by GET,
// so that a reload counts nothing.
func (b *browser) counted(field, text, path string, fields ...string) {
	b.t.Helper()
	b.goes(path, path, fields...)
	for range 2 {
		b.get(path)
		b.mends(field, text, fields...)
	}
}

// mends tells whether the page asks to put a field right, and still has what was
// typed.
func (b *browser) mends(field, text string, fields ...string) {
	b.t.Helper()
	b.says("<title>Error:", text, `id="`+field+`-error"`, `href="#`+field)
	for i := 1; i < len(fields); i += 2 {
		if fields[i] != "" {
			b.says(`value="` + fields[i] + `"`)
		}
	}
}

func (b *browser) problems() string {
	_, rest, _ := strings.Cut(b.page, "data-error-summary>")
	summary, _, _ := strings.Cut(rest, "</div>")
	return summary
}

func (b *browser) says(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(b.page, text) {
			b.t.Errorf("the page lacks %q", text)
		}
	}
}

func (b *browser) lacks(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(b.page, text) {
			b.t.Errorf("the page has %q", text)
		}
	}
}

// input is the tag of a field on the page.
func (b *browser) input(name string) string {
	b.t.Helper()
	found := regexp.MustCompile(`(?s)<input id="` + name + `"[^>]*>`).FindString(b.page)
	if found == "" {
		b.t.Errorf("the page has no field %q", name)
	}
	return found
}

// main is the content of the page without what differs between logins.
func (b *browser) main(l *broker.Login) string {
	_, rest, _ := strings.Cut(b.page, "<main")
	content, _, _ := strings.Cut(rest, "</main>")
	return strings.ReplaceAll(content, string(l.Request.ID), "LOGIN")
}

func root(l *broker.Login) string { return "/login/" + string(l.Request.ID) }
