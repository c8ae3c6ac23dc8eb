package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"

	"clave/audit"
	"clave/broker"
	"clave/broker/logout"
	"clave/broker/registry"
	"clave/census/office"
	"clave/census/pair"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/census/registration"
	"clave/idp/local"
	"clave/idp/oidc"
	"clave/internal/metrics"
	"clave/internal/throttle"
	"clave/keys"
	"clave/notify"
	"clave/providers/certificate"
	"clave/providers/movil"
	"clave/providers/movil/app"
	"clave/providers/permanente"
	"clave/providers/permanente/password"
	"clave/providers/pin"
	"clave/store"
	"clave/web/console"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/portal"
	"clave/web/route"
)

// settings are what an installation is made from, read from flags or a file.
type settings struct {
	Issuer      string // origin, without a slash at the end
	DatabaseURL string
	// TrainingURL is a database of invented citizens, on which officers practise; empty
	// for none.
	TrainingURL string
	Connections int // to the database; 0 is store's default
	Master      *keys.Master
	Durable     bool
	Sandbox     bool
	Handsfree   string // path of the login without hands; empty outside the sandbox
	Frame       page.Frame
	Carriers    map[notify.Kind]notify.Carrier
	Budgets     []throttle.Limit // messages an hour, by key prefix: see pin.Budget
	Rate        throttle.Rate    // requests of one client network
	Clients     throttle.Clients
	Login       broker.Lifetimes // of logins and sessions; the zero value is the default
	Tokens      oidc.Lifetimes   // of what relying parties receive; the zero value is the default
	AuditKeep   time.Duration    // how long audit events stay; 0 for ever
	Documents   string           // address of the documentation for integrators
	Policy      string           // address of the policy on the use of the data
	Terms       string           // address of the terms of service
	// Certificates is for the method certificate; nil leaves it out.
	Certificates *certificates
	// Permanente bounds the hashing of passwords; nil leaves the method out.
	Permanente *password.QueueOptions
	// Movil is for the method of devices; nil leaves it out.
	Movil *movilSettings
	// Letters are handed to a print house; nil leaves registration by letter out.
	Letters     *letters
	Metrics     *metrics.Metrics
	Operations  net.Listener  // health and metrics; nil for none
	DrainDelay  time.Duration // how long requests are still taken after the order to stop
	StopTimeout time.Duration // how long requests under way may then take
	Log         *slog.Logger
	Now         func() time.Time
}

const (
	// budgetWindow is the period of the budgets for messages.
	budgetWindow = time.Hour
	// maxClients is how many client networks are told apart at once.
	maxClients = 100_000
)

// installation is the product, assembled: what answers, and what runs beside.
type installation struct {
	settings
	db      *store.DB
	keys    *keys.Keyring
	parties *registry.Registry
	persons *store.Persons
	census  *store.Census
	offices *store.Offices
	// directory searches the offices in memory.
	directory *office.Directory
	trail     audit.Trail
	outbox    *notify.Outbox
	// registrar is what all procedures change registrations with.
	registrar *registrar.Registrar
	broker    *broker.Broker
	logouts   *logout.Logouts
	own       *local.Front // of our own pages
	papers    *receipt.Renderer
	pairs     *pair.Checker
	pin       *pin.Provider
	// procedures are those of registration, online and at a desk.
	procedures *registration.Procedures
	// permanente is nil where the method is left out.
	permanente *permanente.Provider
	// movil and app are nil where the method is left out.
	movil *movil.Provider
	app   *app.App
	// certificate and console are nil where the method is left out.
	certificate *certificate.Provider
	console     *console.Console
	engine      *page.Engine
	door        *portal.Pages
	routes      []route.Route
	jobs        []func(ctx context.Context)
	swept       []sweeper
	// links are what the jobs need until they have ended; each ends before the next.
	links   []func(ctx context.Context)
	leaving atomic.Bool // told to stop: no new citizens, please
}

// assemble opens and migrates the database and builds the product on it. It
// starts nothing: see run.
func assemble(ctx context.Context, s settings) (*installation, error) {
	in := &installation{settings: s}
	if err := in.open(ctx); err != nil {
		return nil, err
	}
	if err := in.build(ctx); err != nil {
		in.db.Close()
		return nil, err
	}
	return in, nil
}

func (in *installation) open(ctx context.Context) error {
	db, err := store.Open(ctx, in.DatabaseURL, store.Options{Connections: in.Connections, Durable: in.Durable, Now: in.Now})
	if err != nil {
		return err
	}
	if err := in.claim(ctx, db); err != nil {
		db.Close()
		return err
	}
	in.db = db
	return nil
}

// claim migrates the database and keeps sandbox and service apart for ever.
func (in *installation) claim(ctx context.Context, db *store.DB) error {
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	kind, other := store.Service, "`clave dev`"
	if in.Sandbox {
		kind, other = store.Sandbox, "`clave serve`"
	}
	err := db.Dedicate(ctx, kind)
	if errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("this database belongs to %s: sandbox and service never share one; give another", other)
	}
	return err
}

// build makes the product, first what the rest stands on.
func (in *installation) build(ctx context.Context) error {
	texts, err := lang.Load()
	if err != nil {
		return err
	}
	if err := in.addKeys(ctx); err != nil {
		return err
	}
	in.addRegister(texts)
	jar := broker.CookieJar{Secure: !in.Sandbox}
	in.addBroker(jar)
	in.addLogout(jar)
	if err := in.addOIDC(); err != nil {
		return err
	}
	if err := in.addSAML(texts); err != nil {
		return err
	}
	in.addDialect()
	in.sweep(in.addPapers(texts))
	in.addOwnPages()
	shared, err := in.addPIN(texts, jar)
	if err != nil {
		return err
	}
	in.addPermanente(texts, shared)
	if err := in.addMovil(texts, shared); err != nil {
		return err
	}
	if err := in.addApp(shared); err != nil {
		return err
	}
	in.sweep(in.addCertificate(jar), in.addConsole(jar, deskSections()...), in.addLetters(texts), in.addProcedures(shared))
	in.addTrust(ctx)
	if err := in.addDesk(ctx, texts, shared); err != nil {
		return err
	}
	in.Metrics.Watch(in.standing, in.Now)

	deliverer := notify.NewDeliverer(in.outbox, notify.Options{Carriers: in.Carriers, Logger: in.Log, Metrics: notify.NewMetrics(in.Metrics.Registerer())})
	sealer := audit.NewSealer(in.db.Audit(), in.trail, in.keys.Columns(), in.keys.Audit(), in.Now, in.Log)
	in.jobs = append(in.jobs, in.keys.Run, in.parties.Run, deliverer.Run, sealer.Run, in.sweeping, in.pruning)
	return nil
}

// addKeys opens the keys, the audit trail and the relying parties.
func (in *installation) addKeys(ctx context.Context) (err error) {
	host, err := in.host()
	if err != nil {
		return err
	}
	if in.keys, in.trail, err = openKeys(ctx, in.db, in.Master, audit.System, in.Now, keys.Options{Issuer: host, Log: in.Log}); err != nil {
		return err
	}
	if in.parties, err = registry.Open(ctx, in.db.Registrations(), in.Log); err != nil {
		return err
	}
	in.addMetadata(ctx)
	return in.ensureAlgorithms(ctx)
}

// host is that of the issuer, which certificates and messages name.
func (in *installation) host() (string, error) {
	u, err := url.Parse(in.Issuer)
	if err != nil {
		return "", fmt.Errorf("reading the issuer: %w", err)
	}
	return u.Hostname(), nil
}

// addRegister makes what pages and messages are made with, and the register with
// what changes it.
func (in *installation) addRegister(texts *lang.Texts) {
	if in.Frame.OfficeSearch == "" {
		in.Frame.OfficeSearch = portal.OfficesPath
	}
	in.engine = page.New(texts, in.Frame)
	in.offices = store.NewOffices(in.db)
	in.directory = office.NewDirectory(in.offices)
	columns, index := in.keys.Columns(), in.keys.Index()
	in.persons, in.census = store.NewPersons(in.db, columns, index), store.NewCensus(in.db, columns, index)
	in.outbox = notify.NewOutbox(in.db.Outbox(), columns, in.Now)
	var registrations *store.Registrar
	in.registrar, registrations = register{
		db: in.db, keys: in.keys, trail: in.trail, outbox: in.outbox, texts: texts, frame: in.engine.Frame(), now: in.Now,
	}.registrar()
	in.sweep(registrations, store.NewInvitations(in.db, index))
}

// addBroker makes the broker, without fronts and methods.
func (in *installation) addBroker(jar broker.CookieJar) {
	columns := in.keys.Columns()
	logins, sessions := store.NewLogins(in.db, columns), store.NewSessions(in.db, columns)
	in.broker = broker.New(broker.Config{
		Tx: in.db, Logins: logins, Sessions: sessions, Register: in.persons, Parties: in.parties, Trail: in.trail,
		Keys: in.keys, Pages: in.engine, Jar: jar, Meter: in.Metrics, Log: in.Log, Now: in.Now,
		Installed: in.installed(), Lifetimes: in.Login, Handsfree: in.Handsfree,
	})
	in.routes = append(in.routes, in.broker.Routes()...)
	in.sweep(logins, sessions)
}

// ensureAlgorithms makes the signing keys that the registered relying parties
// ask for and that are missing.
func (in *installation) ensureAlgorithms(ctx context.Context) error {
	return in.keys.OIDC().Ensure(ctx, in.parties.Snapshot().Algorithms()...)
}

// handler answers for the issuer's host.
func (in *installation) handler() (http.Handler, error) {
	router := mux.NewRouter()
	limiter := throttle.NewLimiter[netip.Prefix](in.Rate, maxClients, in.Now)
	var operators route.Middleware // outside the sandbox they have a listener of their own
	if in.Sandbox {
		operators = func(next http.Handler) http.Handler { return next }
	}
	var officers func(act string) route.Middleware
	if in.console != nil {
		officers = in.console.Guard
	}
	var devices route.Middleware
	if in.app != nil {
		devices = in.app.Guard
	}
	err := route.Mount(router, in.Metrics.Timed(in.routes), route.Guards{
		Operator: operators, Officer: officers, Device: devices,
		Citizen: in.own.Guard,
		Login:   in.broker.Guard, Around: in.broker.Around, Throttle: throttle.Middleware(in.Clients, limiter, in.busy), Fail: in.engine.ErrorPage,
		RelyingParty: func(next http.Handler) http.Handler { return next }, // the front checks its clients
		Log:          in.Log, Origins: []string{in.Issuer}, Secure: !in.Sandbox, Sandbox: in.Sandbox,
	})
	if err != nil {
		return nil, fmt.Errorf("mounting the routes: %w", err)
	}
	return store.ScopeRequests(in.addressed(router)), nil
}

// busy shows and counts that a client asks too often.
func (in *installation) busy(w http.ResponseWriter, r *http.Request, status int, key, reference string) {
	in.Metrics.Throttled()
	in.engine.ErrorPage(w, r, status, key, reference)
}

// addressed puts the client where audit events find it.
func (in *installation) addressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := audit.Requester{Address: in.Clients.Address(r), Agent: r.UserAgent()}
		next.ServeHTTP(w, r.WithContext(audit.WithRequester(r.Context(), from)))
	})
}
