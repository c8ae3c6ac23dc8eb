package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
)

// Report is what a run of this command says, also as JSON.
type Report struct {
	Engine          string  `json:"engine"`
	Citizens        int     `json:"citizens"`
	Logins          int     `json:"logins"`
	Browsers        int     `json:"browsers"`
	SSO             string  `json:"sso"`
	Processors      int     `json:"processors"`
	LoginsPerSecond float64 `json:"logins_per_second"`
	Latency         Latency `json:"latency"`
	HalfLoad        Latency `json:"latency_at_half_load"`
	// Processor time of a login, in milliseconds.
	ServerCPU   float64 `json:"server_cpu_ms"`
	DatabaseCPU float64 `json:"database_cpu_ms"`
	// What the server takes from Go's memory for a login.
	Allocations    float64 `json:"allocations"`
	AllocatedBytes float64 `json:"allocated_bytes"`
	// What PostgreSQL's log received for a login; nothing is known of SQLite's.
	Commits  float64 `json:"commits,omitempty"`
	WALBytes float64 `json:"wal_bytes,omitempty"`
	Requests float64 `json:"requests"`
	// Memory of the server in MB.
	MemoryAtRest float64 `json:"memory_at_rest_mb"`
	MemoryPeak   float64 `json:"memory_peak_mb"`
	Steps        []Step  `json:"steps"`
	// Statements are the dearest first, if asked for.
	Statements []Statement `json:"statements,omitempty"`
}

func newReport(o options, engine string) Report {
	return Report{Engine: engine, Citizens: o.Citizens, Logins: o.Logins, Browsers: o.Browsers, SSO: o.SSO, Processors: runtime.NumCPU()}
}

// print writes the report for people.
func (r Report) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	line := func(name, format string, values ...any) { fmt.Fprintf(t, name+"\t"+format+"\n", values...) }
	fmt.Fprintf(t, "\n%s, %d citizens, %d logins, %d browsers, sso %s, %d processors shared with browsers and database\n",
		r.Engine, r.Citizens, r.Logins, r.Browsers, r.SSO, r.Processors)
	line("logins per second", "%.0f", r.LoginsPerSecond)
	line("processor time per login", "%.2f ms = server %.2f + database %.2f", r.ServerCPU+r.DatabaseCPU, r.ServerCPU, r.DatabaseCPU)
	line("allocations per login", "%.0f, %.0f kB", r.Allocations, r.AllocatedBytes/1000)
	if r.Commits > 0 {
		line("commits per login", "%.2f, %.1f kB of log", r.Commits, r.WALBytes/1000)
	}
	line("requests per login", "%.1f", r.Requests)
	line("latency of a login, flat out", "p50 %.1f ms, p95 %.1f ms, p99 %.1f ms", r.Latency.P50, r.Latency.P95, r.Latency.P99)
	line("latency of a login, half load", "p50 %.1f ms, p95 %.1f ms, p99 %.1f ms", r.HalfLoad.P50, r.HalfLoad.P95, r.HalfLoad.P99)
	line("memory of the server", "at rest %.0f MB, peak %.0f MB", r.MemoryAtRest, r.MemoryPeak)
	fmt.Fprintf(t, "\nrequest, flat out\tcount\tp50 ms\tp95 ms\tp99 ms\n")
	for _, s := range r.Steps {
		fmt.Fprintf(t, "%s\t%d\t%.2f\t%.2f\t%.2f\n", s.Name, s.Count, s.P50, s.P95, s.P99)
	}
	if len(r.Statements) > 0 {
		fmt.Fprintf(t, "\nstatement, flat out\tcalls per login\tms a call\tblocks\tbytes of log\n")
	}
	for _, s := range r.Statements {
		fmt.Fprintf(t, "%.90s\t%.2f\t%.3f\t%.1f\t%.0f\n", s.Text, s.Calls, s.Time, s.Blocks, s.WALBytes)
	}
	return t.Flush()
}
