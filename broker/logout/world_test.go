package logout_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/mux"

	"clave/broker"
	"clave/broker/logout"
	"clave/broker/logout/logouttest"
	"clave/broker/registry"
	"clave/internal/clocktest"
	"clave/keys"
	"clave/keys/keystest"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/page/pagetest"
	"clave/web/route"
)

// world is a browser with a session, logouts, and two fronts: "fake", whose services can
// be told, and "deaf", whose services cannot.
type world struct {
	t       *testing.T
	store   *logouttest.Memory
	logouts *logout.Logouts
	clock   *clocktest.Clock
	server  http.Handler
	after   logout.After // of the next GET or POST /start
	browser *pagetest.Browser

	mu    sync.Mutex
	live  bool // the session is
	told  []string
	lost  map[string]bool // services whose registration is gone
	asked []string        // what askers were answered
}

// ring is one for all tests: making keys takes long.
var ring = sync.OnceValue(func() *keys.Keyring { return keystest.Fixed(new(testing.T)) })

// pages is made once: it parses every template in six languages.
var pages = sync.OnceValue(func() *page.Engine {
	texts, err := lang.Load()
	if err != nil {
		panic(err)
	}
	engine := page.New(texts, page.Frame{Secure: true, Log: slog.New(slog.DiscardHandler)})
	engine.Compare(func(err error) { panic(err) })
	return engine
})

// newWorld has a session in which these services of the front "fake" took part.
func newWorld(t *testing.T, services ...string) *world {
	t.Helper()
	w := &world{t: t, store: logouttest.NewMemory(), clock: clocktest.At(logouttest.At()), live: true, lost: map[string]bool{}}
	for _, s := range services {
		w.takesPart("fake", s)
	}
	log := slog.New(slog.DiscardHandler)
	w.logouts = logout.New(logout.Config{
		Broker: w, Store: w.store, Parties: w, Cookies: ring().Cookies(), Jar: broker.CookieJar{Secure: true}, Pages: pages(), Log: log, Now: w.clock.Now,
	})
	w.logouts.AddTeller(fake{w})
	w.logouts.AddAsker(fake{w})
	start := func(rw http.ResponseWriter, r *http.Request) { w.logouts.Start(rw, r, w.after) }
	router := mux.NewRouter()
	err := route.Mount(router, append(append(w.logouts.Routes(), pages().Routes()...),
		route.Route{Method: http.MethodGet, Path: "/start", Access: route.Peer, Handler: start},
		route.Route{Method: http.MethodPost, Path: "/start", Access: route.Public, Handler: start},
		route.Route{Method: http.MethodPost, Path: "/told/{id}/{service}/{result}", Access: route.Peer, Handler: w.toldBy},
	), route.Guards{Fail: pages().ErrorPage, Log: log, Origins: []string{pagetest.Origin}, Secure: true})
	if err != nil {
		t.Fatal(err)
	}
	w.server = router
	w.browser = w.newBrowser()
	w.browser.Cookies["session"] = "citizen"
	w.after = logout.After{Front: "fake", Service: "asker", RelyingParty: "party-asker", State: []byte("state"), Proven: true}
	return w
}

func (w *world) newBrowser() *pagetest.Browser { return pagetest.New(w.t, w.server) }

func (w *world) takesPart(front, service string) {
	p := logouttest.Sample("session-1", service, 0)
	p.Front = front
	if err := w.store.AddParticipant(w.t.Context(), p); err != nil {
		w.t.Fatal(err)
	}
}

// Snapshot implements logout.Parties.
func (w *world) Snapshot() *registry.Snapshot {
	var parties []*registry.RelyingParty
	for _, s := range []string{"asker", "a", "b", "c"} {
		parties = append(parties, &registry.RelyingParty{
			ID: "party-" + s, Name: registry.Names{"es": "Servicio " + strings.ToUpper(s), "en": "Service " + strings.ToUpper(s)},
		})
	}
	return registry.NewSnapshot(1, parties)
}

// Tx implements logout.Broker.
func (w *world) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	return w.store.Tx(ctx, fn)
}

// CurrentSession implements logout.Broker. The cookie is Lax.
func (w *world) CurrentSession(r *http.Request) (*broker.Session, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c, err := r.Cookie("session"); err != nil || c.Value != "citizen" || !w.live || r.Method == http.MethodPost && r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return nil, nil
	}
	return &broker.Session{ID: "session-1"}, nil
}

// LogOut implements logout.Broker.
func (w *world) LogOut(_ http.ResponseWriter, r *http.Request, also func(context.Context, broker.Session) error) error {
	return w.Tx(r.Context(), func(ctx context.Context) error {
		s, err := w.CurrentSession(r)
		if err != nil || s == nil {
			return err
		}
		if err := also(ctx, *s); err != nil {
			return err
		}
		w.end()
		return nil
	})
}

func (w *world) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.live = false
}

// ended tells whether the session is over.
func (w *world) ended() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.live
}

func (w *world) toldBy(rw http.ResponseWriter, r *http.Request) {
	v := mux.Vars(r)
	w.logouts.Told(rw, r, logout.ID(v["id"]), v["service"], logout.Result(v["result"]))
}

// answers lets a service answer by a form of its own site, and gives back where the
// browser goes then.
func (w *world) answers(id logout.ID, service string, result logout.Result) string {
	w.t.Helper()
	from := w.newBrowser() // no cookie of ours comes along
	from.CrossSite = true
	return from.Post("/told/" + string(id) + "/" + service + "/" + string(result))
}

// started starts a logout that has to tell somebody, and names it.
func (w *world) started() logout.ID {
	w.t.Helper()
	to := w.browser.Do(http.MethodGet, "/start", nil)
	id, ok := strings.CutPrefix(to, "/logout/")
	if !ok {
		w.t.Fatalf("got %d to %q, want a logout", w.browser.Status, to)
	}
	return logout.ID(id)
}

// visits goes on to the next service, which must be this one.
func (w *world) visits(id logout.ID, service string) {
	w.t.Helper()
	w.browser.Get("/logout/" + string(id))
	w.browser.Says(fmt.Sprintf(`http-equiv="refresh" content="0;url=/logout/%s/next"`, id), fmt.Sprintf(`href="/logout/%s/next"`, id), "Service "+strings.ToUpper(service))
	w.browser.Sent("https://"+service+".example/slo?logout="+string(id), "/logout/"+string(id)+"/next")
}

// fake is a front. Its services can be told.
type fake struct{ w *world }

func (fake) Name() string { return "fake" }

func (f fake) Reaches(p logout.Participant) bool {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	return !f.w.lost[p.Service]
}

func (f fake) Tell(rw http.ResponseWriter, r *http.Request, id logout.ID, p logout.Participant) {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	f.w.told = append(f.w.told, p.Service+" as "+string(p.Told)+" in "+page.From(r.Context()).Service)
	rw.Header().Set("Location", "https://"+p.Service+".example/slo?logout="+string(id))
	rw.WriteHeader(http.StatusSeeOther)
}

func (f fake) LoggedOut(rw http.ResponseWriter, _ *http.Request, state []byte, complete bool, via broker.Via) {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	f.w.asked = append(f.w.asked, fmt.Sprintf("%s complete %t via %d", state, complete, via))
	rw.Header().Set("Location", "https://asker.example/")
	rw.WriteHeader(http.StatusSeeOther)
}

// look asks for a path as a browser does that fetches ahead, by that header, or that asks
// for headers only, without one.
func (w *world) look(path, header string) {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodHead, pagetest.Origin+path, nil)
	if header != "" {
		r = httptest.NewRequest(http.MethodGet, pagetest.Origin+path, nil)
		r.Header.Set(header, "prefetch;prerender")
	}
	for name, value := range w.browser.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer := httptest.NewRecorder()
	w.server.ServeHTTP(answer, r)
	if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Cache-Control") != "no-store" {
		w.t.Errorf("%s %s: got %d", path, header, answer.Code)
	}
}
