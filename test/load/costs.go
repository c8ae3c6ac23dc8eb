package main

import (
	"context"
	"net/http"
	"os"
	"time"
)

// Costs are how a run went that was as fast as it could, and what one of its many
// took.
type Costs struct {
	PerSecond float64 `json:"per_second"`
	Latency   Latency `json:"latency"`
	// Processor time, in milliseconds.
	ServerCPU   float64 `json:"server_cpu_ms"`
	DatabaseCPU float64 `json:"database_cpu_ms"`
	// What the server took from Go's memory.
	Allocations    float64 `json:"allocations,omitempty"`
	AllocatedBytes float64 `json:"allocated_bytes,omitempty"`
	// What PostgreSQL's log received; nothing is known of SQLite's.
	Commits  float64 `json:"commits,omitempty"`
	WALBytes float64 `json:"wal_bytes,omitempty"`
	Requests float64 `json:"requests,omitempty"`
	Steps    []Step  `json:"steps,omitempty"`
}

// meter counts what is spent. Without a server this process does the work itself.
type meter struct {
	db     *database
	server *server
	web    *http.Transport
}

// flatOut keeps so many hands busy until n are done, and counts what they cost.
func (m meter) flatOut(ctx context.Context, n, hands int, with func(*timings) func(context.Context) error) (c Costs, err error) {
	before, err := m.count(ctx)
	if err != nil {
		return c, err
	}
	t := newTimings()
	r := flatOut(ctx, n, hands, with(t))
	after, err := m.count(ctx)
	if err != nil {
		return c, err
	}
	if err := r.failed(); err != nil {
		return c, err
	}
	commits, err := m.db.commits(before.lsn, after.lsn)
	if err != nil {
		return c, err
	}
	many := float64(n)
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / many }
	c = Costs{
		PerSecond: many / r.elapsed.Seconds(), Latency: latency(r.took),
		ServerCPU: each(after.server - before.server), DatabaseCPU: each(after.database - before.database),
		Allocations: (after.objects - before.objects) / many, AllocatedBytes: (after.bytes - before.bytes) / many,
		Commits: float64(commits) / many, WALBytes: float64(after.log-before.log) / many, Steps: t.steps(),
	}
	for _, s := range c.Steps {
		c.Requests += float64(s.Count) / many
	}
	return c, nil
}

// counters at one moment.
type counters struct {
	server, database time.Duration
	objects, bytes   float64 // allocated by the server
	lsn              string
	log              int64
}

func (m meter) count(ctx context.Context) (c counters, err error) {
	if c.lsn, c.log, err = m.db.position(ctx); err != nil {
		return c, err
	}
	pid := os.Getpid()
	if m.server != nil {
		pid = m.server.cmd.Process.Pid
		if c.objects, c.bytes, err = m.allocated(ctx); err != nil {
			return c, err
		}
	}
	if c.server, err = spentBy(pid); err != nil {
		return c, err
	}
	c.database, err = m.db.spent()
	return c, err
}
