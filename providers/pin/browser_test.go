package pin_test

import (
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"clave/broker"
	"clave/providers/pin/pintest"
	"clave/providers/providertest"
	"clave/web/page"
	"clave/web/page/pagetest"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// browser walks the pages of one world.
type browser struct{ *pagetest.Browser }

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
	return &browser{pagetest.New(t, router)}
}

// wrong sends a form that must come back at once with an error and keep the step.
func (b *browser) wrong(field, text, path string, fields ...string) {
	b.T.Helper()
	b.Wrong(field, text, path, fields...)
	b.Says(`name="return" value="` + path + `"`) // a change of language keeps the step
}

// counted sends a form whose error counts: it must come back with the error by GET,
// so that a reload counts nothing.
func (b *browser) counted(field, text, path string, fields ...string) {
	b.T.Helper()
	b.Goes(path, path, fields...)
	for range 2 {
		b.Get(path)
		b.Mends(field, text, fields...)
	}
}

// input is the tag of a field on the page.
func (b *browser) input(name string) string {
	b.T.Helper()
	found := regexp.MustCompile(`(?s)<input id="` + name + `"[^>]*>`).FindString(b.Page)
	if found == "" {
		b.T.Errorf("the page has no field %q", name)
	}
	return found
}

// main is the content of the page without what differs between logins.
func (b *browser) main(l *broker.Login) string {
	return strings.ReplaceAll(b.Main(), string(l.Request.ID), "LOGIN")
}

func root(l *broker.Login) string { return "/login/" + string(l.Request.ID) }
