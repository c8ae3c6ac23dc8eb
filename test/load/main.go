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

	"clave/test/load/people"
)

type options struct {
	Engines  string
	Citizens int
	Logins   int
	// Registrations of each kind.
	Registrations int
	Browsers      int
	SSO           string
	Binary        string
	JSON          string
	Profile       string
	// Statements asks for the cost of each SQL text.
	Statements bool
	Seed       uint64
}

func main() {
	var o options
	flag.StringVar(&o.Engines, "engine", "postgres", "postgres, sqlite, or both with a comma between")
	flag.IntVar(&o.Citizens, "citizens", 20_000, "registered citizens")
	flag.IntVar(&o.Logins, "logins", 3_000, "logins of the run that goes as fast as it can")
	flag.IntVar(&o.Registrations, "registrations", 1_000, "registrations of each kind: with letters, and by the registrar alone")
	flag.IntVar(&o.Browsers, "browsers", 16, "browsers at the same time")
	flag.StringVar(&o.SSO, "sso", "ask", "the relying party's choice about sessions: ask, silent or never")
	flag.StringVar(&o.Binary, "binary", "", "the clave binary; built from ./cmd/clave when empty")
	flag.BoolVar(&o.Statements, "statements", false, "let PostgreSQL tell what each statement costs, which costs a little itself")
	flag.StringVar(&o.Profile, "profile", "", "write the server's processor profile to this file, and its allocations beside it")
	flag.StringVar(&o.JSON, "json", "", "write the figures to this file too")
	flag.Uint64Var(&o.Seed, "seed", 1, "which citizens")
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
	if err := m.prepare(ctx, filepath.Join(data, "master.key")); err != nil {
		return report, err
	}
	m.server, err = startServer(ctx, o.Binary, data, db.url, o.Profile, registration(o.SSO))
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, m.server.stop()) }()

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

// measurement is the runs on one database.
type measurement struct {
	options
	meter
	phones     *phones
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
	if m.Registrations == 0 {
		return nil
	}
	if err := m.db.settle(ctx); err != nil {
		return err
	}
	m.report.Registrar, err = r.registerAll(ctx, m.meter, newcomers, m.Registrations, m.Browsers)
	return err
}

func (m *measurement) all(ctx context.Context) error {
	m.web = &http.Transport{MaxIdleConnsPerHost: 4 * m.Browsers, MaxIdleConns: 4 * m.Browsers, DisableCompression: true}
	defer m.web.CloseIdleConnections()
	first := &browser{web: m.web, origin: m.server.issuer, timings: newTimings()}
	party, err := discover(ctx, first, m.server.issuer)
	if err != nil {
		return err
	}
	citizens := &numbers{population: m.population, of: m.Citizens}
	with := func(t *timings) func(context.Context) error {
		v := &visitor{party: party, origin: m.server.issuer, web: m.web, population: m.population, phones: m.phones, timings: t}
		return func(ctx context.Context) error { return v.login(ctx, citizens.take()) }
	}
	if m.report.MemoryAtRest, err = memory(m.server.cmd.Process.Pid, "VmRSS"); err != nil {
		return err
	}
	if err := flatOut(ctx, warmUp, m.Browsers, with(newTimings())).failed(); err != nil {
		return fmt.Errorf("warming up: %w", err)
	}
	if err := m.db.settle(ctx); err != nil { // plans made for empty tables read them as a whole
		return err
	}
	if err := m.logins(ctx, with); err != nil {
		return err
	}
	half := paced(ctx, m.Logins/2, m.report.PerSecond/2, with(newTimings()))
	m.report.HalfLoad = latency(half.took)
	if m.report.MemoryPeak, err = memory(m.server.cmd.Process.Pid, "VmHWM"); err != nil {
		return err
	}
	if err := half.failed(); err != nil || m.Registrations == 0 {
		return err
	}
	return m.registrations(ctx)
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
// that is not 0, over and over.
type numbers struct {
	population people.Population
	from, of   int
	taken      atomic.Int64
}

func (n *numbers) take() int {
	for {
		i := int(n.taken.Add(1) - 1)
		if n.of > 0 {
			i %= n.of
		}
		if n.population.Citizen(n.from + i).DeceasedOn.IsZero() {
			return n.from + i
		}
	}
}
