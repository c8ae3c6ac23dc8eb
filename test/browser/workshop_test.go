package browser

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"clave/audit"
	"clave/broker"
	"clave/broker/registry"
	"clave/census/pair"
	"clave/identity"
	"clave/keys/keystest"
	"clave/notify"
	"clave/providers/pin"
	clavebox "clave/sandbox"
	"clave/store"
	"clave/web/frame"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/route"
)

// workshop is the product's pages in this process, where the clock is ours, more
// methods can be installed than the product has, and the frame says everything
// that it can say. Broker, method, store and pages are the real ones; the front is
// the shortest that there can be.
type workshop struct {
	*sandbox
	db      *store.DB
	tallies *store.PINTallies
	persons *store.Persons

	mu     sync.Mutex
	time   time.Time
	broke  bool // no budget for messages
	engine *page.Engine
	broker *broker.Broker
	rounds *rounds
}

func (w *workshop) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time
}

// pass lets time pass.
func (w *workshop) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time = w.time.Add(d)
}

// Send implements pin.Outbox.
func (w *workshop) Send(context.Context, notify.Message) error { return nil }

// Allow implements pin.Budget.
func (w *workshop) Allow(string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.broke
}

// Snapshot implements broker.Parties: a service that asks for little, and one that
// asks for much.
func (w *workshop) Snapshot() *registry.Snapshot {
	much := *little()
	much.ID, much.Sector, much.MinimumLevel, much.MinimumRegistration = "much", "much", identity.Substantial, identity.Advanced
	return registry.NewSnapshot(1, []*registry.RelyingParty{little(), &much})
}

func little() *registry.RelyingParty {
	return &registry.RelyingParty{
		ID: "little", Sector: "little", SSO: registry.SSOAsk, MinimumLevel: identity.Low, Methods: identity.Methods(),
		Name: registry.Names{"es": "Ayuntamiento de Ejemplo", "en": "Example Town Hall"},
	}
}

// quiet keeps nothing of what is audited and counted.
type quiet struct{}

func (quiet) Record(context.Context, audit.Event) error             { return nil }
func (quiet) LoginOpened(string)                                    {}
func (quiet) LoginFinished(string, identity.Method, identity.Level) {}
func (quiet) LoginRefused(string, broker.Reason)                    {}
func (quiet) Issue(context.Context, broker.Request, broker.Outcome) ([]byte, error) {
	return []byte("answer"), nil
}
func (quiet) Reissue(_ context.Context, _ broker.Request, answer []byte) ([]byte, error) {
	return answer, nil
}

// front sends everybody back to the service.
type front struct {
	quiet
	pages   *page.Engine
	service string
}

func (front) Name() string { return "short" }
func (f front) Answer(w http.ResponseWriter, r *http.Request, _ broker.Request, _ []byte, _ broker.Via) {
	f.pages.Leave(w, r, f.service+"/back")
}
func (f front) Refuse(w http.ResponseWriter, r *http.Request, _ broker.Request, reason broker.Reason, _ broker.Via) {
	f.pages.Leave(w, r, f.service+"/back?reason="+string(reason))
}

// newWorkshop opens a workshop with these methods installed. A phone takes two
// messages a day.
func newWorkshop(t *testing.T, installed ...identity.Method) *workshop {
	t.Helper()
	ctx, log := context.Background(), slog.New(slog.DiscardHandler)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!DOCTYPE html><html lang="en"><title>Service</title><h1>Service</h1>`)) // a browser that left needs none
	}))
	t.Cleanup(service.Close)
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + strings.Replace(server.Listener.Addr().String(), "127.0.0.1", "localhost", 1)
	w := &workshop{
		sandbox: &sandbox{t: t, issuer: issuer, service: service.URL},
		time:    time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC),
	}
	madrid, err := time.LoadLocation("Europe/Madrid")
	check(t, err)
	db, err := store.Open(ctx, "sqlite://"+filepath.Join(t.TempDir(), "workshop.db"), store.Options{Now: w.now})
	check(t, err)
	t.Cleanup(db.Close)
	w.db = db
	check(t, db.Migrate(ctx))
	ring := keystest.Fixed(t)
	columns, index := ring.Columns(), ring.Index()
	w.persons, w.tallies = store.NewPersons(db, columns, index), store.NewPINTallies(db, index)
	check(t, clavebox.Seed(ctx, store.NewCensus(db, columns, index), w.persons, w.now))
	texts, err := lang.Load()
	check(t, err)
	w.engine = page.New(texts, fullFrame(w.now, madrid, log))
	w.broker = broker.New(broker.Config{
		Tx: db, Logins: store.NewLogins(db, columns), Sessions: store.NewSessions(db, columns), Register: w.persons, Parties: w,
		Trail: quiet{}, Keys: ring, Pages: w.engine, Meter: quiet{}, Log: log, Now: w.now, Installed: installed,
		Fronts: []broker.Front{front{pages: w.engine, service: service.URL}},
	})
	composer, err := notify.NewComposer(texts, "localhost", madrid)
	check(t, err)
	pairs := pair.New(pair.Config{Tx: db, Register: w.persons, Tallies: w.tallies, Trail: quiet{}, Log: log, Now: w.now})
	method := pin.New(pin.Config{
		Broker: w.broker, Ways: w.broker, Pairs: pairs, Tallies: w.tallies, Challenges: store.NewPINs(db, columns, w.tallies),
		Trail: quiet{}, Codes: ring.PIN(), Outbox: w, Composer: composer, Budget: w, Cookies: ring.Cookies(), Pages: w.engine,
		PhoneLimit: 4, Log: log, Now: w.now,
	})
	routes := append(w.engine.Routes(), frame.New(w.engine).Routes()...)
	w.addLogouts(ring, service.URL)
	routes = slices.Concat(routes, w.broker.Routes(), w.rounds.Routes(), method.Routes(), w.doors(), w.logoutDoors())
	router := mux.NewRouter()
	check(t, route.Mount(router, routes, route.Guards{
		Login: w.broker.Guard, Around: w.broker.Around, Fail: w.engine.ErrorPage, Log: log, Origins: []string{issuer}, Sandbox: true,
	}))
	server.Config.Handler = store.ScopeRequests(router)
	server.Start()
	t.Cleanup(server.Close)
	return w
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// doors lead to pages that nothing leads to at once.
func (w *workshop) doors() []route.Route {
	return []route.Route{
		{Method: http.MethodGet, Path: "/open/{party}", Access: route.Public, Handler: func(rw http.ResponseWriter, r *http.Request) {
			w.broker.Open(rw, r, broker.Request{Front: "short", RelyingParty: mux.Vars(r)["party"]})
		}},
		{Method: http.MethodGet, Path: "/login/{id}/refusal/{reason}", Access: route.Login, Handler: func(rw http.ResponseWriter, r *http.Request) {
			w.broker.ShowRefusal(rw, r, broker.From(r.Context()), broker.Reason(mux.Vars(r)["reason"]))
		}},
		{Method: http.MethodGet, Path: "/failure/{key}", Access: route.Public, Handler: func(rw http.ResponseWriter, r *http.Request) {
			w.engine.ErrorPage(rw, r, http.StatusInternalServerError, mux.Vars(r)["key"], route.NewReference())
		}},
	}
}

// fullFrame says everything that a frame can say.
func fullFrame(now func() time.Time, zone *time.Location, log *slog.Logger) page.Frame {
	return page.Frame{
		Responsible: "Secretaría General de Administración Digital de Ejemplo", TaxNumber: "S2833002E",
		Address: "Calle de la Prueba 1, 28001 Madrid", Telephone: "060", TelephoneHours: "9:00–19:00",
		Mailbox: "ayuda@clave.example", OfficeSearch: "https://oficinas.example/", DataProtection: "dpd@clave.example",
		DataProtectionNotice: "https://proteccion.example/",
		Accessibility: page.Accessibility{
			Partial: true, Exceptions: "Los justificantes en PDF no llevan etiquetas; se ofrecen también como página.",
			Reviewed: "2026-11-20", Complaints: "https://quejas.example/",
		},
		Zone: zone, Now: now, Log: log,
	}
}
