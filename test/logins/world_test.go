package logins

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"clave/audit"
	"clave/broker"
	"clave/broker/logout"
	"clave/broker/registry"
	"clave/census"
	"clave/identity"
	"clave/internal/clocktest"
	"clave/keys"
	"clave/keys/keystest"
	"clave/store"
	"clave/store/storetest"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/route"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// front answers with what the outcome says, and counts.
type front struct {
	issued   atomic.Int32
	redeemed atomic.Bool
	ended    atomic.Int32

	// kept takes the services that take part in sessions; told are those that were told.
	kept logout.Store
	mu   sync.Mutex
	told []string
}

func (f *front) Name() string { return "fake" }

func (f *front) Issue(ctx context.Context, _ broker.Request, out broker.Outcome) ([]byte, error) {
	if out.Session != "" {
		p := logout.Participant{Session: out.Session, Front: f.Name(), Service: out.RelyingParty, RelyingParty: out.RelyingParty, At: out.AuthTime, EndsAt: out.SessionEndsAt}
		if err := f.kept.AddParticipant(ctx, p); err != nil {
			return nil, err
		}
	}
	return fmt.Appendf(nil, "%d:%s:%s", f.issued.Add(1), out.Level, out.Attributes.Value(identity.GivenName)), nil
}

func (f *front) Reissue(context.Context, broker.Request, []byte) ([]byte, error) {
	if f.redeemed.Load() {
		return nil, broker.ErrRedeemed
	}
	return []byte("again"), nil
}

func (f *front) Answer(w http.ResponseWriter, _ *http.Request, _ broker.Request, answer []byte, via broker.Via) {
	fmt.Fprintf(w, "answer %s via %d", answer, via)
}

func (f *front) Refuse(w http.ResponseWriter, _ *http.Request, _ broker.Request, reason broker.Reason, _ broker.Via) {
	fmt.Fprintf(w, "refused %s", reason)
}

func (f *front) Home(broker.Request) string { return "https://service.example/" }

func (f *front) EndSession(context.Context, broker.SessionID) error {
	f.ended.Add(1)
	return nil
}

// Reaches implements logout.Teller.
func (f *front) Reaches(logout.Participant) bool { return true }

// Tell implements logout.Teller.
func (f *front) Tell(w http.ResponseWriter, _ *http.Request, _ logout.ID, p logout.Participant) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, p.Service)
	fmt.Fprintf(w, "tell %s", p.Service)
}

type fixedParties struct{ snapshot *registry.Snapshot }

func (p fixedParties) Snapshot() *registry.Snapshot { return p.snapshot }

// readSessions counts how often a session is read.
type readSessions struct {
	broker.Sessions
	times atomic.Int64
}

func (s *readSessions) Session(ctx context.Context, tokenHash []byte) (broker.Session, error) {
	s.times.Add(1)
	return s.Sessions.Session(ctx, tokenHash)
}

type countless struct{}

func (countless) LoginOpened(string)                                    {}
func (countless) LoginFinished(string, identity.Method, identity.Level) {}
func (countless) LoginRefused(string, broker.Reason)                    {}

// world is a broker on a real database, with a method that proves what the
// test says.
type world struct {
	broker   *broker.Broker
	logouts  *logout.Logouts
	register *store.Persons
	sessions *readSessions
	front    *front
	server   http.Handler
	clock    *clocktest.Clock
	// prove is what POST /login/{id}/pin claims.
	prove func(l *broker.Login) broker.Evidence
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{front: &front{}, clock: clocktest.At(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC))}
	ring := keystest.New(t, w.clock.Now)
	log := slog.New(slog.DiscardHandler)
	engine := pages()
	persons := store.NewPersons(db, ring.Columns(), ring.Index())
	seed(t, db, ring, persons)
	w.register = persons
	w.sessions = &readSessions{Sessions: store.NewSessions(db, ring.Columns())}
	party := func(id string, sso registry.SSO) *registry.RelyingParty {
		return &registry.RelyingParty{
			ID: id, Name: registry.Names{"es": "Servicio", "en": "Service"}, Sector: id, MinimumLevel: identity.Low, SSO: sso,
			Methods: []identity.Method{identity.PIN}, Attributes: []identity.Attribute{identity.GivenName},
		}
	}
	w.broker = broker.New(broker.Config{
		Tx: db, Logins: store.NewLogins(db, ring.Columns()), Sessions: w.sessions, Register: persons,
		Parties: fixedParties{registry.NewSnapshot(1, []*registry.RelyingParty{party("silent", registry.SSOSilent), party("ask", registry.SSOAsk), party("apart", registry.SSOApart)})},
		Trail:   audit.NewRecorder(db.Audit(), ring.Columns(), w.clock.Now), Keys: ring, Pages: engine,
		Meter: countless{}, Log: log, Now: w.clock.Now,
		Fronts: []broker.Front{w.front}, Installed: []identity.Method{identity.PIN},
	})
	w.prove = func(*broker.Login) broker.Evidence { return w.pin("ana") }
	w.front.kept = store.NewLogouts(db, ring.Columns())
	w.logouts = logout.New(logout.Config{
		Broker: w.broker, Store: w.front.kept, Parties: w.broker.Parties, Cookies: ring.Cookies(),
		Pages: engine, Log: log, Now: w.clock.Now,
	})
	w.logouts.AddTeller(w.front)
	router := mux.NewRouter()
	err := route.Mount(router, append(slices.Concat(engine.Routes(), w.broker.Routes(), w.logouts.Routes()),
		route.Route{Method: http.MethodGet, Path: "/open/{party}", Access: route.Peer, Handler: w.open},
		route.Route{Method: http.MethodGet, Path: "/login/{id}/pin", Access: route.Login, Handler: func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(rw, "pin page")
		}},
		route.Route{Method: http.MethodPost, Path: "/login/{id}/pin", Access: route.Login, Handler: w.enter},
		route.Route{Method: http.MethodGet, Path: "/mine", Access: route.Public, Handler: w.mine},
	), route.Guards{Login: w.broker.Guard, Around: w.broker.Around, Fail: engine.ErrorPage, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	w.server = store.ScopeRequests(router)
	return w
}

// pages is made once: it parses every template in six languages.
var pages = sync.OnceValue(func() *page.Engine {
	texts, err := lang.Load()
	if err != nil {
		panic(err)
	}
	engine := page.New(texts, page.Frame{Log: slog.New(slog.DiscardHandler)})
	engine.Compare(func(err error) { panic(err) })
	return engine
})

func seed(t *testing.T, db *store.DB, ring *keys.Keyring, persons *store.Persons) {
	t.Helper()
	file := "document,kind,given_name,first_surname,second_surname,birth_date,support_number,issue_date,expiry_date,address,postal_code,city,province,country,deceased_on,previous_document\n" +
		"12345678Z,dni,Ana,Prueba,Una,1980-01-01,BAA000589,2021-06-15,2031-06-15,Calle 1,28001,Madrid,Madrid,ES,,\n" +
		"99999999R,dni,Beto,Prueba,Dos,1980-01-01,BAA000590,2021-06-15,2031-06-15,Calle 1,28001,Madrid,Madrid,ES,,\n"
	ctx := context.Background()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := census.Import(ctx, store.NewCensus(db, ring.Columns(), ring.Index()), strings.NewReader(file), census.Options{Rejects: io.Discard, Now: now}); err != nil {
		t.Fatal(err)
	}
	var rows []census.Registration
	for person, number := range map[identity.PersonID]string{"ana": "12345678Z", "beto": "99999999R"} {
		document, err := identity.ParseDocument(number)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, census.Registration{
			Person: person, Document: document, State: identity.Registered, Level: identity.Advanced,
			Channel: identity.ByOffice, Language: "es", At: now,
		})
	}
	if err := persons.Enrol(ctx, rows, now); err != nil {
		t.Fatal(err)
	}
}

func (w *world) pin(person identity.PersonID) broker.Evidence {
	return broker.Evidence{Method: identity.PIN, Level: identity.Substantial, Person: person, At: w.clock.Now(), Factors: []string{"otp"}}
}

func (w *world) open(rw http.ResponseWriter, r *http.Request) {
	w.broker.Open(rw, r, broker.Request{
		Front: "fake", RelyingParty: mux.Vars(r)["party"], Passive: r.URL.Query().Has("passive"), Fresh: r.URL.Query().Has("fresh"),
		Attributes: []identity.Attribute{identity.GivenName, identity.DocumentNumber}, Return: []byte(r.URL.Query().Get("return")),
	})
}

// mine is a page of ours for who is logged in.
func (w *world) mine(rw http.ResponseWriter, r *http.Request) {
	citizen, err := w.broker.LoggedIn(r, broker.Request{RelyingParty: registry.OwnID, Level: identity.Low})
	switch {
	case err != nil:
		_, _ = io.WriteString(rw, err.Error())
	case citizen == nil:
		_, _ = io.WriteString(rw, "nobody")
	default:
		fmt.Fprintf(rw, "%s in the frame of %s", citizen.Standing.Person, page.From(r.Context()).Account)
	}
}

func (w *world) enter(rw http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	ev := w.prove(l)
	err := w.broker.Tx(r.Context(), func(ctx context.Context) error {
		if err := w.broker.Begin(ctx, l, ev.Person); err != nil {
			return err
		}
		return w.broker.Succeed(ctx, l, ev)
	})
	if err != nil && !errors.Is(err, broker.ErrEnded) {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	w.broker.Return(rw, r, l)
}

// browser keeps cookies.
type browser struct {
	w       *world
	mu      sync.Mutex
	cookies map[string]string
}

func (w *world) browser() *browser { return &browser{w: w, cookies: map[string]string{}} }

// copy is the same browser's other tab, or its cookies at an earlier time.
func (b *browser) copy() *browser {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &browser{w: b.w, cookies: maps.Clone(b.cookies)}
}

type reply struct {
	code           int
	location, body string
}

func (b *browser) do(method, path, form string) reply {
	r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(form))
	r.Header.Set("Accept-Language", "es")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	b.mu.Lock()
	for k, v := range b.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	b.mu.Unlock()
	rec := httptest.NewRecorder()
	b.w.server.ServeHTTP(rec, r)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range rec.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return reply{rec.Code, rec.Header().Get("Location"), rec.Body.String()}
}

func (b *browser) post(path, form string) reply { return b.do(http.MethodPost, path, form) }

// start opens a login and returns the dispatcher's path, whether or not the browser
// was sent past it to the only method.
func (b *browser) start(t *testing.T, where string) string {
	t.Helper()
	r := b.do(http.MethodGet, "/open/"+where, "")
	if r.code != http.StatusSeeOther {
		t.Fatalf("opening: got %d %s", r.code, r.body)
	}
	return strings.TrimSuffix(r.location, "/pin")
}

// get follows our own redirects.
func (b *browser) get(t *testing.T, path string) reply {
	t.Helper()
	for range 5 {
		r := b.do(http.MethodGet, path, "")
		if r.code != http.StatusSeeOther {
			return r
		}
		path = r.location
	}
	t.Fatal("redirects without end")
	return reply{}
}

func (r reply) wants(t *testing.T, want string) {
	t.Helper()
	if !strings.Contains(r.body, want) {
		t.Errorf("got %d %q, want it to hold %q", r.code, r.body, want)
	}
}

func (r reply) is(t *testing.T, want int) {
	t.Helper()
	if r.code != want {
		t.Errorf("got %d, want %d", r.code, want)
	}
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(t, newWorld(t, db)) })
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

// crossSite is a form that another site's page sends with the browser's cookies.
func crossSite(b *browser, path string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+path, nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range b.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	return r
}
