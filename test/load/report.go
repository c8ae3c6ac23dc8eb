package main

import (
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
)

// Report is what a run of this command says, also as JSON.
type Report struct {
	Engine        string `json:"engine"`
	Citizens      int    `json:"citizens"`
	Logins        int    `json:"logins"`
	Registrations int    `json:"registrations"`
	Browsers      int    `json:"browsers"`
	Front         string `json:"front"`
	SSO           string `json:"sso"`
	Processors    int    `json:"processors"`
	// By is at which service; Costs are those of a login there.
	By string `json:"by"`
	Costs
	HalfLoad Latency `json:"latency_at_half_load"`
	// Memory of the server in MB.
	MemoryAtRest float64 `json:"memory_at_rest_mb"`
	MemoryPeak   float64 `json:"memory_peak_mb"`
	// Methods are logins at the other services.
	Methods []Method `json:"methods,omitempty"`
	// Letters are registrations by who comes with a letter and ends with the receipt.
	Letters Costs `json:"registrations_by_letter"`
	// Registrar are registrations without pages and server, in this process.
	Registrar Costs `json:"registrations_by_registrar"`
	// Flood are the parts of a flood of passwords, in the place of all others.
	Flood []Part `json:"flood,omitempty"`
	// Statements are the dearest first, if asked for.
	Statements []Statement `json:"statements,omitempty"`
}

// Method is what logins at one service cost.
type Method struct {
	Name string `json:"name"`
	Costs
}

func newReport(o options, engine string) Report {
	return Report{Engine: engine, Citizens: o.Citizens, Logins: o.Logins, Registrations: o.Registrations, Browsers: o.Browsers, Front: o.Front, SSO: o.SSO, Processors: runtime.NumCPU()}
}

// print writes the report for people.
func (r Report) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	if len(r.Flood) > 0 {
		r.printFlood(t)
		return t.Flush()
	}
	line := func(name, format string, values ...any) { fmt.Fprintf(t, name+"\t"+format+"\n", values...) }
	fmt.Fprintf(t, "\n%s, %d citizens, %d logins, %d browsers, by %s, sso %s, %d processors shared with browsers and database\n",
		r.Engine, r.Citizens, r.Logins, r.Browsers, r.By, r.SSO, r.Processors)
	r.Costs.print(line, "login")
	line("latency of a login, half load", "p50 %.1f ms, p95 %.1f ms, p99 %.1f ms", r.HalfLoad.P50, r.HalfLoad.P95, r.HalfLoad.P99)
	line("memory of the server", "at rest %.0f MB, peak %.0f MB", r.MemoryAtRest, r.MemoryPeak)
	printSteps(t, "login", r.Steps)
	if len(r.Methods) > 0 {
		fmt.Fprintln(t, "\nlogins by\ta second\tms of server\tms of database\tcommits\trequests\tp50 ms\tp99 ms")
		for _, m := range append([]Method{{r.By, r.Costs}}, r.Methods...) {
			fmt.Fprintf(t, "%s\t%.0f\t%.1f\t%.1f\t%.2f\t%.1f\t%.0f\t%.0f\n", m.Name, m.PerSecond, m.ServerCPU, m.DatabaseCPU, m.Commits, m.Requests, m.Latency.P50, m.Latency.P99)
		}
	}
	if r.Registrations > 0 {
		fmt.Fprintf(t, "\n%d registrations with a letter, from the document's number to the receipt\n", r.Registrations)
		r.Letters.print(line, "registration")
		printSteps(t, "registration", r.Letters.Steps)
		fmt.Fprintf(t, "\n%d registrations by the registrar alone, without pages and server\n", r.Registrations)
		r.Registrar.print(line, "registration")
	}
	if len(r.Statements) > 0 {
		fmt.Fprintf(t, "\nstatement, flat out\tcalls per login\tms a call\tblocks\tbytes of log\n")
	}
	for _, s := range r.Statements {
		fmt.Fprintf(t, "%.90s\t%.2f\t%.3f\t%.1f\t%.0f\n", s.Text, s.Calls, s.Time, s.Blocks, s.WALBytes)
	}
	return t.Flush()
}

// print writes what one of many cost; one is what it is called.
func (c Costs) print(line func(name, format string, values ...any), one string) {
	line(one+"s per second", "%.0f", c.PerSecond)
	line("processor time per "+one, "%.2f ms = server %.2f + database %.2f", c.ServerCPU+c.DatabaseCPU, c.ServerCPU, c.DatabaseCPU)
	if c.Allocations > 0 {
		line("allocations per "+one, "%.0f, %.0f kB", c.Allocations, c.AllocatedBytes/1000)
	}
	if c.Commits > 0 {
		line("commits per "+one, "%.2f, %.1f kB of log", c.Commits, c.WALBytes/1000)
	}
	if c.Requests > 0 {
		line("requests per "+one, "%.1f", c.Requests)
	}
	line("latency of a "+one+", flat out", "p50 %.1f ms, p95 %.1f ms, p99 %.1f ms", c.Latency.P50, c.Latency.P95, c.Latency.P99)
}

func printSteps(w io.Writer, of string, steps []Step) {
	fmt.Fprintf(w, "\nrequest of a %s, flat out\tcount\tp50 ms\tp95 ms\tp99 ms\n", of)
	for _, s := range steps {
		fmt.Fprintf(w, "%s\t%d\t%.2f\t%.2f\t%.2f\n", s.Name, s.Count, s.P50, s.P95, s.P99)
	}
}

func (r Report) printFlood(w io.Writer) {
	fmt.Fprintf(w, "\n%s, %d citizens, %d processors shared with browsers and database\n", r.Engine, r.Citizens, r.Processors)
	fmt.Fprintln(w, "\tPIN p50 ms\tp99 ms\tfailed\tcores: server\tdatabase\tbrowsers\tcollections/s\tforms/s\thashed/s\tbusy/s\tthrottled/s\twaited ms\tanswer p50 ms\tp99 ms")
	for _, p := range r.Flood {
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%d\t%.2f\t%.2f\t%.2f\t%.1f\t%.0f\t%.1f\t%.1f\t%.1f\t%.0f\t%.0f\t%.0f\n", p.Name, p.PIN.P50, p.PIN.P99, p.Failed,
			p.ServerCores, p.DatabaseCores, p.ClientCores, p.Collections, p.Sent, p.Hashed, p.Busy, p.Throttled, p.Waited, p.Answer.P50, p.Answer.P99)
	}
}
