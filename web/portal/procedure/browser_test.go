package procedure_test

import (
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/census/receipt"
	"clave/census/registration/registrationtest"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/portal/procedure"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// site is the pages over a world in memory.
type site struct {
	*registrationtest.World
	server http.Handler
	around page.Around
	// citizen is who is logged in; nil for nobody.
	citizen *broker.Citizen
}

var texts = sync.OnceValues(lang.Load)

func newSite(t testing.TB, around page.Around) *site {
	t.Helper()
	loaded, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{World: registrationtest.New(t), around: around}
	engine := page.New(loaded, page.Frame{Now: s.Clock.Now})
	pages := procedure.New(procedure.Config{
		Procedures: s.Procedures, Receipts: s.Town.Receipts, Engine: engine, Now: s.Clock.Now,
		Papers: receipt.NewRenderer(loaded, "https://clave.example", receipt.About{Name: "Cl@ve", Zone: time.UTC}),
		Log:    slog.New(slog.NewTextHandler(s.Log, nil)),
	})
	router := mux.NewRouter()
	err = route.Mount(router, slices.Concat(pages.Letter(), pages.Logged(), pages.Certified(), engine.Routes()), route.Guards{
		Citizen: s.guard,
		Around: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r.WithContext(page.With(r.Context(), s.around)))
			})
		},
		Fail: engine.ErrorPage, Log: slog.New(slog.NewTextHandler(s.Log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.server = router
	return s
}

// browser holds cookies and walks the pages.
type browser struct {
	t        testing.TB
	server   http.Handler
	language string
	cookies  map[string]string
	page     string // of the last answer
	status   int
	header   http.Header
	// crossSite makes forms look as sent by a page of another site.
	crossSite bool
}

func (s *site) browser(t testing.TB) *browser {
	return &browser{t: t, server: s.server, language: "en", cookies: map[string]string{}}
}

func (b *browser) do(method, path string, form url.Values) string {
	b.t.Helper()
	r := httptest.NewRequest(method, "https://clave.example"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept-Language", b.language)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if b.crossSite {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}
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

// sent opens a page that leads elsewhere.
func (b *browser) sent(to, path string) {
	b.t.Helper()
	if got := b.do(http.MethodGet, path, nil); b.status != http.StatusSeeOther || got != to {
		b.t.Errorf("GET %s: got %d to %q, want %q", path, b.status, got, to)
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
		b.t.Fatalf("POST %s: got %d to %q, want %q\n%s", path, b.status, got, to, b.main())
	}
}

// wrong sends a form that must come back with an error in the title, in the summary
// and at the field, and everything else that is said.
func (b *browser) wrong(field, text, path string, fields ...string) {
	b.t.Helper()
	b.post(path, fields...)
	if b.status != http.StatusUnprocessableEntity {
		b.t.Fatalf("POST %s: got %d, want %d", path, b.status, http.StatusUnprocessableEntity)
	}
	b.says("<title>Error:", text, `id="`+field+`-error"`, `href="#`+field)
	for i := 1; i < len(fields); i += 2 {
		if fields[i] != "" {
			b.says(`value="` + fields[i] + `"`)
		}
	}
}

// stopped sends a form that must be answered by a page that says why not.
func (b *browser) stopped(status int, text, path string, fields ...string) {
	b.t.Helper()
	b.post(path, fields...)
	if b.status != status {
		b.t.Fatalf("POST %s: got %d, want %d\n%s", path, b.status, status, b.main())
	}
	b.says(text)
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

// main is the content of the page.
func (b *browser) main() string {
	_, rest, _ := strings.Cut(b.page, "<main")
	content, _, _ := strings.Cut(rest, "</main>")
	return content
}
