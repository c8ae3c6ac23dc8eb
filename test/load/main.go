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
	Browsers int
	SSO      string
	Binary   string
	JSON     string
	Profile  string
	// Statements asks for the cost of each SQL text.
	Statements bool
	Seed       uint64
}

func main() {
	var o options
	flag.StringVar(&o.Engines, "engine", "postgres", "postgres, sqlite, or both with a comma between")
	flag.IntVar(&o.Citizens, "citizens", 20_000, "registered citizens")
	flag.IntVar(&o.Logins, "logins", 3_000, "logins of the run that goes as fast as it can")
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
	population := people.New(o.Seed)
	started := time.Now()
	if err := db.fill(ctx, filepath.Join(data, "master.key"), population, o.Citizens); err != nil {
		return report, fmt.Errorf("filling the database: %w", err)
	}
	fmt.Fprintf(os.Stderr, "%s: %d citizens in %.1f s\n", engine, o.Citizens, time.Since(started).Seconds())
	s, err := startServer(ctx, o.Binary, data, db.url, o.Profile, registration(o.SSO))
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()

	phones, following := newPhones(), make(chan error, 1)
	reading, halt := context.WithCancel(ctx)
	go func() { following <- phones.follow(reading, filepath.Join(data, "inbox.jsonl")) }()
	defer func() {
		halt()
		err = errors.Join(err, <-following)
	}()
	m := &measurement{options: o, db: db, server: s, phones: phones, population: population, report: newReport(o, engine)}
	err = m.all(ctx)
	return m.report, err
}

// measurement is the runs against one server.
type measurement struct {
	options
	db         *database
	server     *server
	web        *http.Transport
	phones     *phones
	population people.Population
	next       atomic.Int64
	report     Report
}

func (m *measurement) all(ctx context.Context) error {
	m.web = &http.Transport{MaxIdleConnsPerHost: 4 * m.Browsers, MaxIdleConns: 4 * m.Browsers, DisableCompression: true}
	defer m.web.CloseIdleConnections()
	first := &browser{web: m.web, origin: m.server.issuer, timings: newTimings()}
	party, err := discover(ctx, first, m.server.issuer)
	if err != nil {
		return err
	}
	with := func(t *timings) func(context.Context) error {
		v := &visitor{party: party, web: m.web, population: m.population, phones: m.phones, timings: t}
		return func(ctx context.Context) error { return v.login(ctx, m.citizen()) }
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
	if err := m.flatOut(ctx, with); err != nil {
		return err
	}
	half := paced(ctx, m.Logins/2, m.report.LoginsPerSecond/2, with(newTimings()))
	m.report.HalfLoad = latency(half.logins)
	if m.report.MemoryPeak, err = memory(m.server.cmd.Process.Pid, "VmHWM"); err != nil {
		return err
	}
	return half.failed()
}

// flatOut is the run that costs are counted in.
func (m *measurement) flatOut(ctx context.Context, with func(*timings) func(context.Context) error) error {
	if m.Statements {
		if err := m.db.forgetStatements(ctx); err != nil {
			return err
		}
	}
	before, err := m.count(ctx)
	if err != nil {
		return err
	}
	t := newTimings()
	r := flatOut(ctx, m.Logins, m.Browsers, with(t))
	after, err := m.count(ctx)
	if err != nil {
		return err
	}
	if m.Statements {
		if m.report.Statements, err = m.db.statements(ctx, m.Logins); err != nil {
			return err
		}
	}
	if err := r.failed(); err != nil {
		return err
	}
	commits, err := m.db.commits(before.lsn, after.lsn)
	if err != nil {
		return err
	}
	n := float64(m.Logins)
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / n }
	m.report.LoginsPerSecond = n / r.elapsed.Seconds()
	m.report.Latency = latency(r.logins)
	m.report.ServerCPU, m.report.DatabaseCPU = each(after.server-before.server), each(after.database-before.database)
	m.report.Allocations, m.report.AllocatedBytes = (after.objects-before.objects)/n, (after.bytes-before.bytes)/n
	m.report.Commits, m.report.WALBytes = float64(commits)/n, float64(after.log-before.log)/n
	m.report.Steps = t.steps()
	for _, s := range m.report.Steps {
		m.report.Requests += float64(s.Count) / n
	}
	return nil
}

// counters at one moment.
type counters struct {
	server, database time.Duration
	objects, bytes   float64 // allocated by the server
	lsn              string
	log              int64
}

func (m *measurement) count(ctx context.Context) (c counters, err error) {
	if c.lsn, c.log, err = m.db.position(ctx); err != nil {
		return c, err
	}
	if c.objects, c.bytes, err = m.allocated(ctx); err != nil {
		return c, err
	}
	if c.server, err = spentBy(m.server.cmd.Process.Pid); err != nil {
		return c, err
	}
	c.database, err = m.db.spent()
	return c, err
}

// citizen is the number of the next one who can log in: alive.
func (m *measurement) citizen() int {
	for {
		i := int(m.next.Add(1)-1) % m.Citizens
		if m.population.Citizen(i).DeceasedOn.IsZero() {
			return i
		}
	}
}
