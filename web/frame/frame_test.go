package frame_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/mux"

	"clave/web/frame"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/route"
)

func served(t *testing.T, f page.Frame, more ...frame.Link) http.Handler {
	t.Helper()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	engine := page.New(texts, f)
	engine.Compare(func(err error) { t.Error(err) })
	router := mux.NewRouter()
	guards := route.Guards{Fail: engine.ErrorPage, Log: slog.New(slog.DiscardHandler)}
	if err := route.Mount(router, append(engine.Routes(), frame.New(engine, more...).Routes()...), guards); err != nil {
		t.Fatal(err)
	}
	return router
}

func get(h http.Handler, path string, l lang.Language) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", string(l))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func paths() []string {
	return []string{"/help", "/legal", "/accessibility", "/cookies", "/sitemap"}
}

func TestEveryPageIsThereInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := served(t, page.Frame{
		Responsible: "Ayuntamiento de Ejemplo", Telephone: "060", TelephoneHours: "9–19", Mailbox: "ayuda@clave.example",
		OfficeSearch: "https://offices.example/", TaxNumber: "P2807900B", Address: "Plaza Mayor 1", DataProtection: "dpd@clave.example",
		DataProtectionNotice: "https://privacy.example/",
		Accessibility:        page.Accessibility{Reviewed: "2026-11-21", Partial: true, Exceptions: "El vídeo.", Complaints: "https://claims.example/"},
	})
	for _, path := range paths() {
		seen := map[string]lang.Language{}
		for _, l := range lang.All() {
			w := get(h, path, l)
			body := w.Body.String()
			if w.Code != 200 || w.Header().Get("Content-Language") != string(l) || !strings.Contains(body, `<html lang="`+string(l)+`">`) {
				t.Errorf("%s in %s: got %d, %s", path, l, w.Code, w.Header().Get("Content-Language"))
			}
			if strings.Count(body, "<h1>") != 1 || strings.Contains(body, "{") || strings.Contains(body, "frame.") {
				t.Errorf("%s in %s: the page has no single heading, a hole or a key", path, l)
			}
			main := body[strings.Index(body, "<main"):strings.Index(body, "</main>")]
			if other, same := seen[main]; same {
				t.Errorf("%s is the same in %s and %s", path, l, other)
			}
			seen[main] = l
			for _, want := range paths() {
				if !strings.Contains(body, `href="`+want+`"`) {
					t.Errorf("%s in %s has no link to %s", path, l, want)
				}
			}
			for _, want := range []string{`href="tel:060"`, `href="mailto:ayuda@clave.example"`, `href="https://offices.example/"`} {
				if !strings.Contains(body, want) {
					t.Errorf("%s in %s lacks %s", path, l, want)
				}
			}
		}
	}
}

func TestTheStatementSaysWhatTheInstallationIs(t *testing.T) {
	t.Parallel()
	h := served(t, page.Frame{Responsible: "Ayuntamiento", Accessibility: page.Accessibility{Reviewed: "2026-11-21", Partial: true, Exceptions: "El vídeo.", Complaints: "https://claims.example/"}})
	body := get(h, "/accessibility", lang.Spanish).Body.String()
	for _, want := range []string{"Ayuntamiento se ha comprometido", "parcialmente conforme", "El vídeo.", "21 de noviembre de 2026", `href="https://claims.example/"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the statement lacks %q", want)
		}
	}
}

func TestAnInstallationThatSaysNothingShowsNothingEmpty(t *testing.T) {
	t.Parallel()
	h := served(t, page.Frame{})
	for _, path := range paths() {
		body := get(h, path, lang.English).Body.String()
		for _, bad := range []string{`href="tel:"`, `href="mailto:"`, `href=""`, "<dd></dd>", "<p></p>", "Data protection officer:"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s contains %s", path, bad)
			}
		}
	}
	if body := get(h, "/accessibility", lang.English).Body.String(); !strings.Contains(body, "Cl@ve is committed") || !strings.Contains(body, "fully complies") {
		t.Error("the statement names nobody")
	}
}

func TestTheSiteMapShowsWhatOtherRoomsAdd(t *testing.T) {
	t.Parallel()
	h := served(t, page.Frame{}, frame.Link{Path: "/verify", Text: "page.failure.reference"})
	if body := get(h, "/sitemap", lang.English).Body.String(); !strings.Contains(body, `<a href="/verify">Reference</a>`) {
		t.Error("the link is missing")
	}
}
