package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// timings collects how long things took, by name.
type timings struct {
	mu sync.Mutex
	by map[string][]time.Duration
}

func newTimings() *timings { return &timings{by: map[string][]time.Duration{}} }

func (t *timings) add(name string, d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.by[name] = append(t.by[name], d)
}

// Latency is a distribution, in milliseconds.
type Latency struct {
	P50 float64 `json:"p50_ms"`
	P95 float64 `json:"p95_ms"`
	P99 float64 `json:"p99_ms"`
	Max float64 `json:"max_ms"`
}

func latency(all []time.Duration) Latency {
	if len(all) == 0 {
		return Latency{}
	}
	slices.Sort(all)
	at := func(share float64) float64 {
		i := min(len(all)-1, int(share*float64(len(all))))
		return float64(all[i].Microseconds()) / 1000
	}
	return Latency{at(0.50), at(0.95), at(0.99), at(1)}
}

// Step is what one kind of request took.
type Step struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	Latency
}

func (t *timings) steps() []Step {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []Step
	for _, name := range slices.Sorted(maps.Keys(t.by)) {
		found = append(found, Step{name, len(t.by[name]), latency(t.by[name])})
	}
	slices.SortStableFunc(found, func(a, b Step) int { return cmp.Compare(b.P50, a.P50) })
	return found
}

// run is many logins, or others, and what became of them.
type run struct {
	took     []time.Duration
	failures map[string]int
	elapsed  time.Duration
}

// eachTakesAtMost bounds one of many.
const eachTakesAtMost = 30 * time.Second

// results gathers what many at once report.
type results struct {
	mu       sync.Mutex
	took     []time.Duration
	failures map[string]int
}

func (r *results) note(took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		if r.failures == nil {
			r.failures = map[string]int{}
		}
		r.failures[err.Error()]++
		return
	}
	r.took = append(r.took, took)
}

// flatOut keeps so many browsers busy until n are done.
func flatOut(ctx context.Context, n, browsers int, one func(context.Context) error) run {
	var r results
	var next atomic.Int64
	var all sync.WaitGroup
	started := time.Now()
	for range browsers {
		all.Go(func() {
			for next.Add(1) <= int64(n) {
				since := time.Now()
				bound, cancel := context.WithTimeout(ctx, eachTakesAtMost)
				err := one(bound)
				cancel()
				r.note(time.Since(since), err)
			}
		})
	}
	all.Wait()
	return run{r.took, r.failures, time.Since(started)}
}

// paced starts n at a steady rate. Each is measured from when it was
// due, so that waiting for a slow server counts.
func paced(ctx context.Context, n int, perSecond float64, one func(context.Context) error) run {
	var r results
	var all sync.WaitGroup
	started := time.Now()
	for i := range n {
		due := started.Add(time.Duration(float64(i) / perSecond * float64(time.Second)))
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		}
		all.Go(func() {
			bound, cancel := context.WithTimeout(ctx, eachTakesAtMost)
			defer cancel()
			err := one(bound)
			r.note(time.Since(due), err)
		})
	}
	all.Wait()
	return run{r.took, r.failures, time.Since(started)}
}

// failed gives the failures as one error.
func (r run) failed() error {
	if len(r.failures) == 0 {
		return nil
	}
	n := 0
	for _, count := range r.failures {
		n += count
	}
	first := slices.Sorted(maps.Keys(r.failures))[0]
	return fmt.Errorf("%d of %d failed, in %d ways; one is: %s", n, n+len(r.took), len(r.failures), first)
}
