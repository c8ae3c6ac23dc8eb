package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"clave/keys"
)

// keysRotateCommand is `clave keys rotate`.
type keysRotateCommand struct {
	place
	Use string `arg:"" enum:"oidc,audit,seal,cookie,pin,saml,clave" help:"oidc, audit, seal, cookie, pin, saml or clave."`
	Now bool   `help:"Do not wait until all have read the new key: for a key that others may know. Relying parties that keep the old keys refuse tokens until they read again."`
}

// Run begins the change, or finishes it when the next key has settled, and says
// when it is done.
func (c *keysRotateCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	rotate := a.keys.Rotate
	if c.Now {
		rotate = a.keys.RotateNow
	}
	turns, err := rotate(ctx, keys.Use(c.Use))
	if err != nil {
		return err
	}
	for _, turn := range turns {
		state := "takes over at " + turn.ActivatesAt.UTC().Format(time.RFC3339)
		switch {
		case turn.Done:
			state = "is active"
		case !turn.ReadyAt.IsZero():
			state = "is published: give services its certificate, and rotate again after " + turn.ReadyAt.UTC().Format(time.RFC3339)
		}
		if _, err := fmt.Fprintf(out, "%s %s key %s %s\n", turn.Use, turn.Alg, turn.ID, state); err != nil {
			return err
		}
	}
	return nil
}
