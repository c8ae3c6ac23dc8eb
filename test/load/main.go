package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"clave/identity"
	"clave/test/load/people"
)

type options struct {
	Engines  string
	Citizens int
	Logins   int
	// Registrations of each kind.
	Registrations int
	Browsers      int
	// Front is which protocol the logins speak: oidc or saml.
	Front   string
	SSO     string
	Binary  string
	JSON    string
	Profile string
	// Statements asks for the cost of each SQL text.
	Statements bool
	Seed       uint64
	// Others are how many logins each of the other services is measured by.
	Others int
	// Flood is how many passwords a second are tried while logins run; 0 leaves it.
	Flood int
	// Span is how long each part of the flood takes, Rate how many logins by PIN begin
	// in a second meanwhile.
	Span time.Duration
	Rate float64
}

func main() {
	var o options
	flag.StringVar(&o.Engines, "engine", "postgres", "postgres, sqlite, or both with a comma between")
	flag.IntVar(&o.Citizens, "citizens", 20_000, "registered citizens")
	flag.IntVar(&o.Logins, "logins", 3_000, "logins of the run that goes as fast as it can")
	flag.IntVar(&o.Registrations, "registrations", 1_000, "registrations of each kind: with letters, and by the registrar alone")
	flag.IntVar(&o.Browsers, "browsers", 16, "browsers at the same time")
	flag.StringVar(&o.Front, "front", "oidc", "how services speak: oidc, by each method, or saml, by PIN with each kind of key and answer")
	flag.StringVar(&o.SSO, "sso", "ask", "the relying party's choice about sessions: ask, silent or never")
	flag.StringVar(&o.Binary, "binary", "", "the clave binary; built from ./cmd/clave when empty")
	flag.BoolVar(&o.Statements, "statements", false, "let PostgreSQL tell what each statement costs, which costs a little itself")
	flag.StringVar(&o.Profile, "profile", "", "write the server's processor profile to this file, and its allocations beside it")
	flag.StringVar(&o.JSON, "json", "", "write the figures to this file too")
	flag.Uint64Var(&o.Seed, "seed", 1, "which citizens")
	flag.IntVar(&o.Others, "others", 300, "logins of each other service, as fast as they can")
	flag.IntVar(&o.Flood, "flood", 0, "measure nothing but logins by PIN while so many passwords a second are tried")
	flag.DurationVar(&o.Span, "span", 10*time.Second, "how long each part of the flood takes")
	flag.Float64Var(&o.Rate, "rate", 30, "logins by PIN that begin in a second of the flood")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// warmUp is how many logins run before anything is measured.
const warmUp = 200

// mostAddresses is from how many addresses logins come.
const mostAddresses = 64

// perCitizen keeps below the ten messages a day that one phone may get.
const perCitizen = 5

func (o options) run(ctx context.Context) error {
	if total := warmUp + o.Logins + o.Logins/2; o.Citizens*perCitizen < total || o.Citizens < 10*o.Browsers {
		return fmt.Errorf("%d citizens are too few for %d logins: one phone takes ten messages a day", o.Citizens, total)
	}
	folder, err := os.MkdirTemp("", "clave-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if o.Binary == "" {
		if o.Binary, err = build(ctx, folder); err != nil {
			return err
		}
	}
	var reports []Report
	for _, engine := range strings.Split(o.Engines, ",") {
		report, err := o.measure(ctx, engine, folder)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", engine, err)
		}
		if err := report.print(os.Stdout); err != nil {
			return err
		}
		reports = append(reports, report)
	}
	if o.JSON == "" {
		return nil
	}
	text, err := json.MarshalIndent(reports, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.JSON, append(text, '\n'), 0o644)
}

// measure does everything for one engine.
func (o options) measure(ctx context.Context, engine, folder string) (report Report, err error) {
	data := filepath.Join(folder, engine)
	if err := os.Mkdir(data, 0o700); err != nil {
		return report, err
	}
	db, err := openDatabase(engine, data, o.Statements)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	m := &measurement{options: o, meter: meter{db: db}, population: people.New(o.Seed), phones: newPhones(), report: newReport(o, engine)}
	if m.services, err = services(o.Front); err != nil {
		return report, err
	}
	m.report.By = m.services[0].name
	if err := m.prepare(ctx, filepath.Join(data, "master.key")); err != nil {
		return report, err
	}
	m.server, err = startServer(ctx, o.Binary, data, db.url, registrations(o.SSO, m.services, m.saml), o.arguments()...)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, m.server.stop()) }()
	if m.wallet, err = openWallet(data, m.server.issuer); err != nil {
		return report, err
	}

	following := make(chan error, 1)
	reading, halt := context.WithCancel(ctx)
	go func() { following <- m.phones.follow(reading, filepath.Join(data, "inbox.jsonl")) }()
	defer func() {
		halt()
		err = errors.Join(err, <-following)
	}()
	err = m.all(ctx)
	return m.report, err
}

// arguments are what the server is told besides.
func (o options) arguments() (more []string) {
	if o.Profile != "" {
		more = append(more, "--profile", o.Profile)
	}
	if o.Flood > 0 {
		more = append(more, "--rate", fmt.Sprint(oneAddress))
	}
	return more
}

// measurement is the runs on one database.
type measurement struct {
	options
	meter
	services   []service
	saml       samlCredentials
	phones     *phones
	wallet     *wallet
	users      [][]byte
	population people.Population
	invited    []newcomer
	report     Report
}

// prepare fills the database, and measures what needs no server.
func (m *measurement) prepare(ctx context.Context, masterFile string) error {
	started := time.Now()
	r, err := openRegister(ctx, m.db.url, masterFile, m.population)
	if err != nil {
		return err
	}
	defer r.db.Close()
	// As many again as come, and some more for the deceased among them.
	if err := r.fill(ctx, m.Citizens+3*m.Registrations, m.Citizens); err != nil {
		return fmt.Errorf("filling the database: %w", err)
	}
	newcomers := &numbers{population: m.population, from: m.Citizens}
	if m.invited, err = r.invite(ctx, newcomers, m.Registrations); err != nil {
		return fmt.Errorf("sending letters: %w", err)
	}
	fmt.Fprintf(os.Stderr, "%s: %d citizens in %.1f s\n", m.report.Engine, m.Citizens, time.Since(started).Seconds())
	if err := r.passwords(ctx, m.Citizens); err != nil {
		return err
	}
	if m.users, err = r.devices(ctx, min(m.Citizens, m.devices())); err != nil {
		return err
	}
	if m.Front == "saml" {
		if m.saml, err = newSAMLCredentials(ctx, r); err != nil {
			return err
		}
	}
	if m.Registrations == 0 || m.Flood > 0 {
		return nil
	}
	if err := m.db.settle(ctx); err != nil {
		return err
	}
	m.report.Registrar, err = r.registerAll(ctx, m.meter, newcomers, m.Registrations, m.Browsers)
	return err
}

// devices is how many citizens have a phone with the app: so many that none of them
// comes back while a request of theirs waits.
func (o options) devices() int { return 2*o.Others + 10*o.Browsers }

func (m *measurement) all(ctx context.Context) error {
	m.web = &http.Transport{MaxIdleConnsPerHost: 4 * m.Browsers, MaxIdleConns: 4 * m.Browsers, DisableCompression: true}
	defer m.web.CloseIdleConnections()
	first := &browser{web: m.web, origin: m.server.issuer, timings: newTimings()}
	parties, err := m.parties(ctx, first)
	if err != nil {
		return err
	}
	citizens := &numbers{population: m.population, of: m.Citizens}
	advanced := &numbers{population: m.population, of: m.Citizens, advanced: true}
	owners := &numbers{population: m.population, of: len(m.users)}
	near := newAddresses(1, mostAddresses)
	defer near.close()
	by := func(s service) func(*timings) func(context.Context) error {
		return func(t *timings) func(context.Context) error {
			v := visitor{service: s, party: parties[s.name], origin: m.server.issuer, population: m.population, phones: m.phones, wallet: m.wallet, users: m.users, timings: t}
			whose := citizens
			if s.method == identity.Movil {
				whose = owners
			}
			if s.level > identity.Low {
				whose = advanced // with the basic registration nobody gets so far
			}
			return func(ctx context.Context) error {
				v, number := v, whose.take()
				v.web = near.at(number)
				return v.login(ctx, number)
			}
		}
	}
	with := by(m.services[0])
	if m.report.MemoryAtRest, err = memory(m.server.cmd.Process.Pid, "VmRSS"); err != nil {
		return err
	}
	if err := flatOut(ctx, warmUp, m.Browsers, with(newTimings())).failed(); err != nil {
		return fmt.Errorf("warming up: %w", err)
	}
	if err := m.db.settle(ctx); err != nil { // plans made for empty tables read them as a whole
		return err
	}
	if m.Flood > 0 {
		return m.flooded(ctx, with(newTimings()), parties[byPassword.name])
	}
	if err := m.logins(ctx, with); err != nil {
		return err
	}
	half := paced(ctx, m.Logins/2, m.report.PerSecond/2, with(newTimings()))
	m.report.HalfLoad = latency(half.took)
	if m.report.MemoryPeak, err = memory(m.server.cmd.Process.Pid, "VmHWM"); err != nil {
		return err
	}
	if err := half.failed(); err != nil {
		return err
	}
	for _, s := range m.services[1:] {
		if m.Others == 0 {
			break
		}
		if err := m.method(ctx, s, by(s)); err != nil {
			return fmt.Errorf("logins by %s: %w", s.name, err)
		}
	}
	if m.Registrations == 0 {
		return nil
	}
	return m.registrations(ctx)
}

// parties are the services' software, by their names.
func (m *measurement) parties(ctx context.Context, b *browser) (map[string]relyingParty, error) {
	read := func() (func(service) (relyingParty, error), error) {
		if m.Front == "saml" {
			return discoverSAML(ctx, b, m.server.issuer, m.saml)
		}
		return discover(ctx, b, m.server.issuer)
	}
	of, err := read()
	if err != nil {
		return nil, err
	}
	found := map[string]relyingParty{}
	for _, s := range m.services {
		if found[s.name], err = of(s); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// logins is the run that the costs of a login are counted in.
func (m *measurement) logins(ctx context.Context, with func(*timings) func(context.Context) error) (err error) {
	if m.Statements {
		if err := m.db.forgetStatements(ctx); err != nil {
			return err
		}
	}
	if m.report.Costs, err = m.flatOut(ctx, m.Logins, m.Browsers, with); err != nil {
		return err
	}
	if m.Statements {
		m.report.Statements, err = m.db.statements(ctx, m.Logins)
	}
	return err
}

// mostHashed is how many browsers log in by password at once: in a longer line some
// would be told to try again on a machine that does other work.
const mostHashed = 8

// method measures the logins of another method, after some that are not measured.
func (m *measurement) method(ctx context.Context, s service, with func(*timings) func(context.Context) error) error {
	browsers := m.Browsers
	if s.method == identity.Permanente {
		browsers = min(browsers, mostHashed)
	}
	if err := flatOut(ctx, m.Others/10, browsers, with(newTimings())).failed(); err != nil {
		return err
	}
	costs, err := m.flatOut(ctx, m.Others, browsers, with)
	m.report.Methods = append(m.report.Methods, Method{s.name, costs})
	return err
}

// registrations lets everybody who holds a letter register.
func (m *measurement) registrations(ctx context.Context) (err error) {
	var next atomic.Int64
	with := func(t *timings) func(context.Context) error {
		v := &visitor{origin: m.server.issuer, web: m.web, population: m.population, phones: m.phones, timings: t}
		return func(ctx context.Context) error { return v.register(ctx, m.invited[next.Add(1)-1]) }
	}
	m.report.Letters, err = m.flatOut(ctx, len(m.invited), m.Browsers, with)
	return err
}

// numbers gives the numbers of citizens who are alive, from one on; of so many, when
// that is not 0, over and over; of those with the advanced registration alone, where
// that is wanted.
type numbers struct {
	population people.Population
	from, of   int
	advanced   bool
	taken      atomic.Int64
}

func (n *numbers) take() int {
	for {
		i := int(n.taken.Add(1) - 1)
		if n.of > 0 {
			i %= n.of
		}
		if n.advanced && n.population.Registration(n.from+i).Level != identity.Advanced {
			continue
		}
		if n.population.Citizen(n.from + i).DeceasedOn.IsZero() {
			return n.from + i
		}
	}
}
