package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
)

// options are the command's.
type options struct {
	Binary string // of clave; built from ./cmd/clave when empty
	Only   string // names of peers, with commas between
	Keep   bool   // leaves the folder, for who wants to look
	Places places
}

// places are where software is that has no fixed one.
type places struct {
	Node   string // folder with node_modules
	Python string // interpreter that knows pysaml2
}

func main() {
	var o options
	flag.StringVar(&o.Binary, "binary", "", "the clave binary; built from ./cmd/clave when empty")
	flag.StringVar(&o.Only, "only", "", "walk these alone, with commas between: "+strings.Join(names(), ", "))
	flag.BoolVar(&o.Keep, "keep", false, "keep the folder with settings, keys and logs, and say where it is")
	flag.StringVar(&o.Places.Node, "node", os.Getenv("INTEROP_NODE"), "folder where `npm install @node-saml/node-saml` was done")
	flag.StringVar(&o.Places.Python, "python", cmp.Or(os.Getenv("INTEROP_PYTHON"), "python3"), "the Python that has pysaml2")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// errFailed: the list says what.
var errFailed = errors.New("not all passed")

func (o options) run(ctx context.Context) (err error) {
	chosen, err := choose(o.Only)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "clave-interop-")
	if err != nil {
		return err
	}
	if o.Keep {
		fmt.Println("everything is in", folder)
	} else {
		defer os.RemoveAll(folder)
	}
	clave, err := startProduct(ctx, o.Binary, filepath.Join(folder, "clave"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clave.process.stop()) }()
	var results []result
	for _, p := range chosen {
		results = append(results, o.walk(ctx, clave, p, filepath.Join(folder, p.name)))
	}
	return list(results)
}

// result is how a peer did.
type result struct {
	peer, version string
	missing       string // what has to be installed first; the peer was skipped
	steps         []step
}

// step is something a peer did.
type step struct {
	name string
	err  error
}

func (r result) verdict() string {
	switch {
	case r.missing != "":
		return "not installed"
	case slices.ContainsFunc(r.steps, func(s step) bool { return s.err != nil }):
		return "failed"
	}
	return "passed"
}

// walk lets one peer do all that it can.
func (o options) walk(ctx context.Context, clave *product, p peer, folder string) (r result) {
	r.peer = p.name
	fmt.Printf("\n%s\n", p.name)
	if r.version, r.missing = p.find(ctx, o.Places); r.missing != "" {
		fmt.Printf("  not installed: %s\n", r.missing)
		return r
	}
	fmt.Printf("  version %s\n", r.version)
	note := func(name string, err error) error {
		r.steps = append(r.steps, step{name, err})
		if err != nil {
			fmt.Printf("  FAILED  %s: %v\n", name, err)
		} else {
			fmt.Printf("  ok      %s\n", name)
		}
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		_ = note("start", err) // it is in the list
		return r
	}
	w := &world{clave: clave, places: o.Places, folder: folder}
	defer w.stop()
	s, err := p.start(ctx, w)
	if note("start", err) != nil {
		return r
	}
	if s != nil && s.home == "" {
		return r // it is no service
	}
	if note("register", w.register(ctx, p, s)) != nil {
		return r
	}
	for _, one := range s.walks() {
		_ = note(one.name, one.walk(ctx, w, s)) // it is in the list
		for _, told := range w.told {
			fmt.Println("         ", told)
		}
		w.told = nil
	}
	return r
}

// list says at the end how all did.
func list(results []result) error {
	fmt.Println()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	var failed error
	for _, r := range results {
		var bad []string
		for _, s := range r.steps {
			if s.err != nil {
				bad = append(bad, s.name)
			}
		}
		if len(bad) > 0 {
			failed = errFailed
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", r.verdict(), r.peer, r.version, cmp.Or(r.missing, strings.Join(bad, ", ")))
	}
	return errors.Join(failed, table.Flush())
}
