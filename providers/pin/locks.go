package pin

import (
	"context"
	"fmt"

	"clave/identity"
	"clave/internal/tally"
)

// Locks are what too many wrong PINs lead to; the registrar opens them for who proved
// otherwise who they are: by certificate, at an office, or with a letter.
type Locks struct{ Tallies tally.Store }

// Unlock forgets the wrong PINs of a person, in the transaction in ctx.
func (l Locks) Unlock(ctx context.Context, person identity.PersonID) error {
	if _, err := l.Tallies.HoldTally(ctx, wrongPINsOf(person)); err != nil {
		return fmt.Errorf("holding the wrong PINs: %w", err)
	}
	if err := l.Tallies.KeepTally(ctx, wrongPINsOf(person), tally.Tally{}); err != nil {
		return fmt.Errorf("forgetting the wrong PINs: %w", err)
	}
	return nil
}
