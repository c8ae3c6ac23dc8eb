package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/keys/keystest"
	"clave/providers/movil"
	"clave/providers/movil/app"
	mt "clave/providers/movil/moviltest"
	"clave/providers/providertest"
	"clave/sandbox/phone"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/page/pagetest"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// world is the method with its app, and the browser of one phone.
type world struct {
	*mt.World
	*pagetest.Browser
	pins    *pins
	network netip.Addr // where the phone is
}

// pins are what waits for every device.
type pins struct{ all []app.PIN }

func (p *pins) PINsOf(context.Context, movil.Device) ([]app.PIN, error) { return p.all, nil }

// newWorld opens a browser that has activated nothing. Whoever shows a certificate is
// the advanced citizen.
func newWorld(t testing.TB) *world {
	t.Helper()
	return over(t, engine(t))
}

// engine makes pages. That takes a while, so tests of many worlds share one.
func engine(t testing.TB) *page.Engine {
	t.Helper()
	texts, err := lang.Load()
	if err != nil {
		t.Fatal(err)
	}
	e := page.New(texts, page.Frame{Zone: time.UTC})
	e.Compare(func(err error) { t.Error(err) })
	return e
}

func over(t testing.TB, pages *page.Engine) *world {
	t.Helper()
	inner, _ := mt.New(t)
	inner.Pages = pages
	w := &world{World: inner, pins: &pins{}, network: netip.MustParseAddr("192.0.2.1")}
	log := slog.New(slog.NewTextHandler(w.Log, nil))
	a := app.New(app.Config{
		Movil: w.Provider, PINs: w.pins, PushKey: "BPush", Cookies: keystest.Fixed(t).Cookies(), Pages: w.Pages, Log: log, Now: w.Clock.Now,
	})
	certified := func(route.Proof) route.Middleware {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				standing, err := w.Citizens.Standing(r.Context(), w.Person(mt.Advanced))
				if err != nil {
					t.Error(err)
				}
				next.ServeHTTP(rw, r.WithContext(broker.WithCitizen(r.Context(), &broker.Citizen{Standing: standing})))
			})
		}
	}
	router := mux.NewRouter()
	if err := route.Mount(router, a.Routes(), route.Guards{Device: a.Guard, Citizen: certified, Fail: w.Pages.ErrorPage, Log: log}); err != nil {
		t.Fatal(err)
	}
	w.Browser = pagetest.New(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		from := audit.Requester{Address: w.network, Agent: "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile"}
		router.ServeHTTP(rw, r.WithContext(audit.WithRequester(r.Context(), from)))
	}))
	return w
}

// send does what the scripts do: JSON there and back.
func (w *world) send(path string, body any) map[string]any {
	w.T.Helper()
	method, content := http.MethodGet, io.Reader(nil)
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			w.T.Fatal(err)
		}
		method, content = http.MethodPost, bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, pagetest.Origin+path, content)
	r.Header.Set("Accept-Language", w.Language)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if w.CrossSite {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	for name, value := range w.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	w.Server.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		if w.Cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(w.Cookies, c.Name)
		}
	}
	w.Status = rec.Code
	said := map[string]any{}
	_ = json.Unmarshal(rec.Body.Bytes(), &said) // a page is nothing that was said
	return said
}

// at is an attribute of the page that was shown last.
func (w *world) at(attribute string) string {
	w.T.Helper()
	found := regexp.MustCompile(attribute + `="(.*?)"[ >]`).FindStringSubmatch(w.Page)
	if found == nil {
		w.T.Fatalf("the page has no %s:\n%s", attribute, w.Main())
	}
	return html.UnescapeString(found[1])
}

// options are JSON in an attribute; pagetest resolved its entities, quotes among them.
func (w *world) options(attribute string) json.RawMessage {
	w.T.Helper()
	_, rest, found := strings.Cut(w.Page, attribute+`="`)
	if !found {
		w.T.Fatalf("the page has no %s:\n%s", attribute, w.Main())
	}
	var raw json.RawMessage
	if err := json.NewDecoder(strings.NewReader(rest)).Decode(&raw); err != nil {
		w.T.Fatal(err)
	}
	return raw
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// open shows the device key, and must be let in.
func (w *world) open(d mt.Owned) {
	w.T.Helper()
	if said := w.tryOpen(d.Phone, d.Device.ID); w.Status != http.StatusOK {
		w.T.Fatalf("opening: got %d %v", w.Status, said)
	}
}

func (w *world) tryOpen(p *phone.Phone, id movil.DeviceID) map[string]any {
	w.T.Helper()
	w.Get(app.Path)
	challenge := w.at("data-door")
	return w.send("/movil/open", map[string]any{"device": id, "challenge": challenge, "signature": text(p.Sign([]byte(challenge)))})
}

// opened is a world whose browser is open on the advanced citizen's device.
func opened(t testing.TB) (*world, mt.Owned) {
	t.Helper()
	return openedOver(t, engine(t))
}

func openedOver(t testing.TB, pages *page.Engine) (*world, mt.Owned) {
	t.Helper()
	w := over(t, pages)
	d := w.Owned(t, mt.Advanced)
	w.open(d)
	return w, d
}

// home is where browsers are that ask for logins, at the other network when far.
var (
	near = movil.Place{Address: netip.MustParseAddr("192.0.2.1"), Browser: "Firefox, Windows"}
	far  = movil.Place{Address: netip.MustParseAddr("198.51.100.7"), Browser: "Chrome, Linux"}
)

// asked is a request by QR that a browser shows.
func (w *world) asked(from movil.Place) (movil.Request, *broker.Login) {
	w.T.Helper()
	l := w.Broker().Open(providertest.Party())
	r, err := w.AskByQR(w.T.Context(), l, from)
	if err != nil {
		w.T.Fatal(err)
	}
	return r, l
}

// sent is a request by document.
func (w *world) sent() (movil.Request, *broker.Login) {
	w.T.Helper()
	l := w.Broker().Open(providertest.Party())
	r, err := w.AskByDocument(w.T.Context(), l, mt.Pair(mt.Advanced), near)
	if err != nil {
		w.T.Fatal(err)
	}
	return r, l
}

// scan reads the QR of a request.
func (w *world) scan(r movil.Request) string { return movil.HandlePath + r.Handle(w.Clock.Now()) }

func (w *world) state(l *broker.Login) movil.State {
	w.T.Helper()
	r, err := w.Watch(w.T.Context(), l)
	if err != nil {
		w.T.Fatal(err)
	}
	return r.State
}
