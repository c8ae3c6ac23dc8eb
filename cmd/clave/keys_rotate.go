package main

import (
	"context"
	"fmt"
	"io"

	"clave/audit"
	"clave/keys"
)

// keysRotateCommand is `clave keys rotate`.
type keysRotateCommand struct {
	place
	Use string `arg:"" enum:"oidc,audit,seal,cookie,pin" help:"oidc, audit, seal, cookie or pin."`
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
	var turns []keys.Turn
	err = a.db.Tx(ctx, func(ctx context.Context) error {
		if turns, err = rotate(ctx, keys.Use(c.Use)); err != nil {
			return err
		}
		for _, turn := range turns {
			if err := a.record(ctx, audit.Event{Data: turned(turn)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, turn := range turns {
		state := "takes over at " + day(turn.ActivatesAt)
		if turn.Done {
			state = "is active"
		}
		if _, err := fmt.Fprintf(out, "%s %s key %s %s\n", turn.Use, turn.Alg, turn.ID, state); err != nil {
			return err
		}
	}
	return nil
}

func turned(turn keys.Turn) audit.Data {
	if turn.Done {
		return audit.KeyActivated{Key: turn.ID, Use: string(turn.Use), Alg: turn.Alg}
	}
	return audit.KeyCreated{Key: turn.ID, Use: string(turn.Use), Alg: turn.Alg}
}
