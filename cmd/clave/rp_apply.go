package main

import (
	"context"
	"fmt"
	"io"

	"clave/broker/registry"
)

// rpApplyCommand is `clave rp apply`.
type rpApplyCommand struct {
	place
	Files  []string `arg:"" name:"file" type:"existingfile" help:"Files of relying parties."`
	DryRun bool     `help:"Check, show what would change, and change nothing."`
}

// Run tells all mistakes at once, or what changes. Running nodes know of it
// within five seconds.
func (c *rpApplyCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	rules, err := a.rules(ctx)
	if err != nil {
		return err
	}
	files, err := readParties(c.Files, rules)
	if err != nil {
		return err
	}
	prepare := func(current registry.Register) (registry.Change, error) {
		return registry.Prepare(current, a.now(), files...)
	}
	if c.DryRun {
		return c.preview(ctx, a, prepare, out)
	}
	change, revision, err := a.changeParties(ctx, prepare)
	if err != nil {
		return err
	}
	return told(out, change, fmt.Sprintf("applied; the register is at revision %d", revision))
}

func (c *rpApplyCommand) preview(ctx context.Context, a *access, prepare func(registry.Register) (registry.Change, error), out io.Writer) error {
	current, err := a.db.Registrations().Register(ctx)
	if err != nil {
		return fmt.Errorf("reading the relying parties: %w", err)
	}
	change, err := prepare(current)
	if err != nil {
		return err
	}
	return told(out, change, "nothing was changed: this was a dry run")
}

// told writes what changes and how it ended.
func told(out io.Writer, change registry.Change, end string) error {
	if change.Empty() {
		end = "nothing changes"
	}
	_, err := fmt.Fprintf(out, "%s%s\n", change.Diff(), end)
	return err
}
