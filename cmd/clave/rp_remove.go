package main

import (
	"context"
	"errors"
	"io"

	"clave/broker/registry"
)

// rpRemoveCommand is `clave rp remove`.
type rpRemoveCommand struct {
	place
	ID  string `arg:"" help:"Which one."`
	Yes bool   `help:"Really remove it."`
}

// Run removes it. Its sector stays taken, so that it can come back with the
// same citizens.
func (c *rpRemoveCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	prepare := func(current registry.Register) (registry.Change, error) {
		return registry.PrepareRemoval(current, a.now(), c.ID)
	}
	if !c.Yes {
		current, err := a.db.Registrations().Register(ctx)
		if err != nil {
			return err
		}
		change, err := prepare(current)
		if err != nil {
			return err
		}
		if err := told(out, change, "nothing was removed yet"); err != nil {
			return err
		}
		return errors.New("its citizens could not log in there any more; add --yes to remove it")
	}
	change, _, err := a.changeParties(ctx, prepare)
	if err != nil {
		return err
	}
	return told(out, change, "removed")
}
