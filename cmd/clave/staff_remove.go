package main

import (
	"context"
	"fmt"
	"io"

	"clave/census/staff"
	"clave/identity"
	"clave/store"
)

// staffRemoveCommand is `clave staff remove`.
type staffRemoveCommand struct {
	place
	Document string `arg:"" optional:"" help:"DNI or NIE; - reads it from standard input."`
	Person   string `help:"Or the internal id that clave staff list shows."`
}

// Run ends the membership and the open sessions.
func (c *staffRemoveCommand) Run(ctx context.Context, out io.Writer) error {
	if (c.Document == "") == (c.Person == "") {
		return exitStatus{1, "whom? give the document, or --person with the id that `clave staff list` shows"}
	}
	var document identity.DocumentID
	if c.Document != "" {
		var err error
		if document, err = documentOf(c.Document); err != nil {
			return err
		}
	}
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	person := identity.PersonID(c.Person)
	err = a.db.Tx(ctx, func(ctx context.Context) error {
		if !document.IsZero() {
			var err error
			if person, _, _, err = store.NewPersons(a.db, a.keys.Columns(), a.keys.Index()).Recognise(ctx, document); err != nil {
				return err
			}
		}
		return rosterOf(a.db, a.keys, a.trail, a.now).Remove(ctx, staff.By{Operator: a.actor}, person)
	})
	if err != nil {
		return remedy(err)
	}
	_, err = fmt.Fprintf(out, "%s has no access to the console any more\n", person)
	return err
}
