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
	Use string `arg:"" enum:"oidc,saml,clave,audit,seal,cookie,pin" help:"oidc, saml, clave, audit, seal, cookie or pin."`
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
		if _, err := fmt.Fprintf(out, "%s %s key %s %s\n", turn.Use, turn.Alg, turn.ID, stateOf(turn)); err != nil {
			return err
		}
	}
	return nil
}

// stateOf says what becomes of a new key. One with a certificate waits for the operator,
// who alone knows when services have been given it.
func stateOf(turn keys.Turn) string {
	switch {
	case turn.Done:
		return "is active"
	case turn.ActivatesAt.IsZero():
		return "is published; when services know its certificate, and not before " + turn.ReadyAt.UTC().Format(time.RFC3339) + ", give this command again"
	}
	return "takes over at " + turn.ActivatesAt.UTC().Format(time.RFC3339)
}
