package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"clave/keys"
)

// keysRemoveCommand is `clave keys remove`.
type keysRemoveCommand struct {
	place
	Key string `arg:"" help:"ID of a retired key, as clave keys list shows it."`
}

// Run takes a retired key away before its time: what it signed is refused from
// then on. Only keys whose work is short-lived can go.
func (c *keysRemoveCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	r := find(a.keys.Records(), func(r keys.Record) bool { return r.ID == c.Key })
	switch r.Use {
	case "":
		return fmt.Errorf("there is no key %s; see `clave keys list`", c.Key)
	case keys.UseOIDC, keys.UseCookie, keys.UsePIN:
	case keys.UseSAML, keys.UseClave:
		if err := c.nobodyStays(ctx, a); err != nil {
			return err
		}
	default:
		return fmt.Errorf("key %s is of the use %s: what it made is kept for years and could never be opened or verified again", c.Key, r.Use)
	}
	err = a.keys.Remove(ctx, c.Key)
	if errors.Is(err, keys.ErrConflict) {
		return fmt.Errorf("key %s is %s: replace it first with `clave keys rotate %s --now`, and remove it when the new one is active", c.Key, r.State, r.Use)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s %s key %s is gone\n", r.Use, r.Alg, r.ID)
	return err
}

// nobodyStays makes sure that no registration has a service signed for with the key
// today: its citizens would get an error instead of an answer.
func (c *keysRemoveCommand) nobodyStays(ctx context.Context, a *access) error {
	register, err := a.db.Registrations().Register(ctx)
	if err != nil {
		return fmt.Errorf("reading the relying parties: %w", err)
	}
	var stay []string
	for _, p := range register.Parties {
		if p.StaysOn(c.Key, a.now()) {
			stay = append(stay, p.ID)
		}
	}
	if len(stay) > 0 {
		return fmt.Errorf("services of %s stay on key %s: take signing_key out of their registrations first", strings.Join(stay, ", "), c.Key)
	}
	return nil
}
