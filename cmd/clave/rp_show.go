package main

import (
	"context"
	"fmt"
	"io"

	"clave/broker/registry"
)

// rpShowCommand is `clave rp show`.
type rpShowCommand struct {
	place
	ID string `arg:"" optional:"" help:"Which one; without it all."`
}

// Run writes YAML. Client secrets are hashes in it.
func (c *rpShowCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	register, err := a.db.Registrations().Register(ctx)
	if err != nil {
		return fmt.Errorf("reading the relying parties: %w", err)
	}
	shown := register.Parties
	if c.ID != "" {
		p, ok := registry.NewSnapshot(register.Revision, register.Parties).Party(c.ID)
		if !ok {
			return fmt.Errorf("showing relying party %q: %w", c.ID, registry.ErrUnknown)
		}
		shown = []*registry.RelyingParty{p}
	}
	text, err := registry.YAML(shown...)
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}
