package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"clave/test/load/people"
)

// oneAddress is how many requests a second one address may make of the server in a
// flood: the default of an installation.
const oneAddress = 50

// Part is a span of the flood: what logins by PIN took while something else went on,
// and what became of that.
type Part struct {
	Name string `json:"name"`
	// PIN is the time of a login from when it was due; Failed are those that did not
	// get through.
	PIN    Latency `json:"pin"`
	Failed int     `json:"failed"`
	// Cores that were busy with it, on average.
	ServerCores   float64 `json:"server_cores"`
	DatabaseCores float64 `json:"database_cores"`
	ClientCores   float64 `json:"client_cores"`
	// Collections of garbage in a second.
	Collections float64 `json:"collections"`
	// Of the flood, each second: forms sent, passwords hashed, told that too many wait,
	// and refused because one address asked too often.
	Sent      float64 `json:"sent"`
	Hashed    float64 `json:"hashed"`
	Busy      float64 `json:"busy"`
	Throttled float64 `json:"throttled"`
	// Waited is the mean time in line of what was hashed, in milliseconds; Answer the
	// time to the answer of a try.
	Waited float64 `json:"waited_ms"`
	Answer Latency `json:"answer"`
}

// intruder is a browser that nobody knows, with a login open.
type intruder struct {
	browser
	form *url.URL
}

// mostIntruders is how many browsers the flood comes from.
const mostIntruders = 64

// intrude opens logins from so many addresses.
func (m *measurement) intrude(ctx context.Context, party relyingParty, from *addresses) (found []intruder, err error) {
	for i := range mostIntruders {
		b := browser{web: from.at(i), origin: m.server.issuer, timings: newTimings()}
		attempt, err := party.begin()
		if err != nil {
			return nil, err
		}
		seen, err := b.follow(ctx, attempt.first)
		if err != nil {
			return nil, err
		}
		form, err := seen.at.Parse(seen.location)
		if err != nil || seen.status != http.StatusSeeOther {
			return nil, fmt.Errorf("opening a login for the flood: status %d", seen.status)
		}
		found = append(found, intruder{b, form})
	}
	return found, nil
}

// tally counts answers of tries by status.
type tally struct {
	mu   sync.Mutex
	by   map[int]int
	took []time.Duration
}

// try sends a form, whatever was answered to the ones before.
func (i intruder) try(ctx context.Context, form url.Values, t *tally) error {
	b := i.browser
	b.cookies = slices.Clone(b.cookies)
	b.timings = newTimings()
	since := time.Now()
	seen, err := b.post(ctx, i.form, form)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by == nil {
		t.by = map[int]int{}
	}
	t.by[seen.status]++
	t.took = append(t.took, time.Since(since))
	return nil
}

// floodRounds is in how many turns the parts run: what else the machine does is then
// spread over all of them.
const floodRounds = 3

// flooded runs all parts, in turns.
func (m *measurement) flooded(ctx context.Context, pins func(context.Context) error, byPassword relyingParty) error {
	many, one := newAddresses(2, mostIntruders), newAddresses(3, 1)
	defer many.close()
	defer one.close()
	everywhere, err := m.intrude(ctx, byPassword, many)
	if err != nil {
		return err
	}
	nearby, err := m.intrude(ctx, byPassword, one)
	if err != nil {
		return err
	}
	next := 0
	tried := func() url.Values {
		next++
		document := people.Document(next % m.Citizens) // who has a password
		if next%2 == 0 {
			document = people.Document(m.Citizens + 1_000_000 + next) // nobody's
		}
		return url.Values{"document": {document.Reveal()}, "password": {"Primavera-2026"}}
	}
	empty := func() url.Values { return url.Values{"document": {"x"}} }
	parts := []*part{
		{name: "PIN alone"},
		{name: "and forms without a password", by: everywhere, form: empty},
		{name: "and passwords, many addresses", by: everywhere, form: tried},
		{name: "and passwords, one address", by: nearby, form: tried},
	}
	for range floodRounds {
		for _, p := range parts {
			if err := m.run(ctx, p, pins); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
	}
	for _, p := range parts {
		m.report.Flood = append(m.report.Flood, p.report())
	}
	return nil
}

// part is what is sent while logins by PIN run, and what became of both.
type part struct {
	name string
	by   []intruder
	form func() url.Values

	answers tally
	pins    results
	spent   watched
}

// run is one turn of a part.
func (m *measurement) run(ctx context.Context, p *part, pins func(context.Context) error) error {
	span := m.Span / floodRounds
	var forms []url.Values
	if p.by != nil {
		for range int(span.Seconds() * float64(m.Flood)) {
			forms = append(forms, p.form())
		}
	}
	before, err := m.watch(ctx)
	if err != nil {
		return err
	}
	ended := make(chan run, 1)
	var next atomic.Int64
	go func() {
		ended <- paced(ctx, len(forms), float64(m.Flood), func(ctx context.Context) error {
			i := int(next.Add(1) - 1)
			return p.by[i%len(p.by)].try(ctx, forms[i], &p.answers)
		})
	}()
	logins := paced(ctx, int(span.Seconds()*m.Rate), m.Rate, pins)
	if err := (<-ended).failed(); err != nil {
		return err
	}
	after, err := m.watch(ctx)
	p.spent = p.spent.plus(before, after)
	p.pins.took = append(p.pins.took, logins.took...)
	for why, n := range logins.failures {
		if p.pins.failures == nil {
			p.pins.failures = map[string]int{}
		}
		p.pins.failures[why] += n
	}
	return err
}

// report sums the turns up.
func (p *part) report() Part {
	s, seconds := p.spent, p.spent.elapsed.Seconds()
	said := Part{
		Name: p.name, PIN: latency(p.pins.took), Answer: latency(p.answers.took),
		ServerCores: s.server.Seconds() / seconds, DatabaseCores: s.database.Seconds() / seconds, ClientCores: s.client.Seconds() / seconds,
		Collections: s.collections / seconds, Sent: float64(len(p.answers.took)) / seconds, Hashed: s.hashed / seconds,
		Busy:      float64(p.answers.by[http.StatusServiceUnavailable]) / seconds,
		Throttled: float64(p.answers.by[http.StatusTooManyRequests]) / seconds,
	}
	for why, n := range p.pins.failures {
		said.Failed += n
		fmt.Fprintf(os.Stderr, "%s: %d: %s\n", p.name, n, why)
	}
	if s.hashed > 0 {
		said.Waited = s.waited / s.hashed * 1000
	}
	return said
}

// watched are counters of the flood: at one moment, or between two.
type watched struct {
	at                          time.Time
	elapsed                     time.Duration
	server, database, client    time.Duration
	hashed, waited, collections float64
}

// plus adds what was counted between two moments.
func (w watched) plus(before, after watched) watched {
	w.elapsed += after.at.Sub(before.at)
	w.server += after.server - before.server
	w.database += after.database - before.database
	w.client += after.client - before.client
	w.hashed += after.hashed - before.hashed
	w.waited += after.waited - before.waited
	w.collections += after.collections - before.collections
	return w
}

func (m *measurement) watch(ctx context.Context) (w watched, err error) {
	address, err := url.Parse(m.server.issuer + "/metrics")
	if err != nil {
		return w, err
	}
	seen, err := (&browser{web: m.web, timings: newTimings()}).get(ctx, address)
	if err != nil {
		return w, fmt.Errorf("reading the server's metrics: %w", err)
	}
	w.hashed, _ = metric(seen.body, "clave_passwords_waited_seconds_count")
	w.waited, _ = metric(seen.body, "clave_passwords_waited_seconds_sum")
	w.collections, _ = metric(seen.body, "go_gc_duration_seconds_count")
	if w.server, err = spentBy(m.server.cmd.Process.Pid); err != nil {
		return w, err
	}
	if w.database, err = m.db.spent(); err != nil {
		return w, err
	}
	own, err := readProcess(os.Getpid())
	w.client, w.at = own.spent, time.Now()
	return w, err
}
