package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"clave/census/office"
	"clave/census/staff"
	"clave/store"
)

// staffAddCommand is `clave staff add`.
type staffAddCommand struct {
	place
	Document string   `arg:"" help:"DNI or NIE; - reads it from standard input, so that it stays out of the shell's history."`
	Role     string   `required:"" enum:"officer,reviewer,supervisor,administrator" help:"officer, reviewer, supervisor or administrator."`
	Office   []string `help:"Code of an office where they may act, as in clave office list; again for each further one."`
}

// Run makes the holder of the document a member of the staff.
func (c *staffAddCommand) Run(ctx context.Context, out io.Writer) error {
	document, err := documentOf(c.Document)
	if err != nil {
		return err
	}
	role, err := staff.ParseRole(c.Role)
	if err != nil {
		return err
	}
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	if err := c.known(ctx, office.NewDirectory(store.NewOffices(a.db))); err != nil {
		return err
	}
	m, err := rosterOf(a.db, a.keys, a.trail, a.now).Add(ctx, staff.By{Operator: a.actor}, document, role, c.Office)
	if err != nil {
		return remedy(err)
	}
	_, err = fmt.Fprintf(out, "%s is %s from now on, and signs in at /staff with a certificate\n", m.Person, m.Role)
	return err
}

// known tells whether the directory has all of the offices.
func (c *staffAddCommand) known(ctx context.Context, directory *office.Directory) error {
	for _, code := range c.Office {
		_, known, err := directory.Office(ctx, code)
		if err != nil {
			return err
		}
		if !known {
			return exitStatus{1, fmt.Sprintf("no office has the code %s; `clave office list` shows the codes, `clave office import` brings in a directory", code)}
		}
	}
	return nil
}

// remedy says what to do when the staff do not change.
func remedy(err error) error {
	for _, r := range []struct {
		why  error
		text string
	}{
		{staff.ErrUnknown, "neither the reference data nor a certificate ever said who holds this document; import the reference data with `clave census import`, or let the person log in by certificate once"},
		{staff.ErrBarred, "the holder of this document is deceased or was revoked ex officio: no login would be let in"},
		{staff.ErrMember, "already a member of the staff; change role and offices in the console, or remove and add again"},
		{staff.ErrNotMember, "no member of the staff; `clave staff list` shows who is"},
		{staff.ErrOffice, "this role works at an office; name one with --office CODE"},
		{staff.ErrLastAdministrator, "this is the last administrator; add another one first"},
	} {
		if errors.Is(err, r.why) {
			return exitStatus{1, r.text}
		}
	}
	return err
}
