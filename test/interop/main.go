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
	if err := clave.rotate(ctx, 2, ""); err != nil { // so that services know the next key
		return err
	}
	var results []result
	var running []*visitor
	defer func() {
		for _, v := range running {
			v.world.stop()
		}
	}()
	for _, p := range chosen {
		w := &world{clave: clave, places: o.Places, folder: filepath.Join(folder, p.name)}
		v := &visitor{world: w, result: result{peer: p.name}}
		running = append(running, v)
		v.walk(ctx, p)
		results = append(results, v.result)
	}
	for _, r := range []result{together(ctx, running), rollover(ctx, clave, running)} {
		if len(r.steps) > 0 {
			results = append(results, r)
		}
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

// visitor is a peer on its way; it runs until the end.
type visitor struct {
	world   *world
	service *service // nil until it runs and is registered
	result  result
}

// note writes down how a step went.
func (r *result) note(name string, err error, told ...string) bool {
	r.steps = append(r.steps, step{name, err})
	if err != nil {
		fmt.Printf("  FAILED  %s: %v\n", name, err)
	} else {
		fmt.Printf("  ok      %s\n", name)
	}
	for _, line := range told {
		fmt.Println("         ", line)
	}
	return err == nil
}

// walk lets one peer do all that it can alone.
func (v *visitor) walk(ctx context.Context, p peer) {
	w, r := v.world, &v.result
	fmt.Printf("\n%s\n", p.name)
	if r.version, r.missing = p.find(ctx, w.places); r.missing != "" {
		fmt.Printf("  not installed: %s\n", r.missing)
		return
	}
	fmt.Printf("  version %s\n", r.version)
	if err := os.MkdirAll(w.folder, 0o700); err != nil {
		r.note("start", err)
		return
	}
	s, err := p.start(ctx, w)
	if !r.note("start", err) || s.home == "" {
		return
	}
	if !r.note("register", w.register(ctx, p, s)) {
		return
	}
	v.service = s
	for _, one := range s.walks() {
		err := one.walk(ctx, w, s)
		r.note(one.name, err, w.told...)
		w.told = nil
	}
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
