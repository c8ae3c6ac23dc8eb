package pin

import (
	"context"
	"fmt"
	"time"

	"clave/identity"
	"clave/internal/tally"
)

// Locks are what too many wrong PINs lead to; the registrar opens them for who proved
// otherwise who they are: by certificate, at an office, or with a letter.
type Locks struct {
	Tallies tally.Store
	Now     func() time.Time
}

// Hold waits until no login by PIN of the person is between trying a PIN and its end,
// and lets none begin to until the transaction in ctx ends.
func (l Locks) Hold(ctx context.Context, person identity.PersonID) error {
	if _, err := l.Tallies.HoldTally(ctx, wrongPINsOf(person)); err != nil {
		return fmt.Errorf("holding the wrong PINs: %w", err)
	}
	return nil
}

// Unlock forgets the wrong PINs of a person, in the transaction in ctx. It does so by
// a lock that ends now, and so it voids the PINs under way as well: they went to a
// phone that may have been the reason to change it.
func (l Locks) Unlock(ctx context.Context, person identity.PersonID) error {
	if err := l.Hold(ctx, person); err != nil {
		return err
	}
	if err := l.Tallies.KeepTally(ctx, wrongPINsOf(person), tally.Tally{LockedUntil: l.Now()}); err != nil {
		return fmt.Errorf("forgetting the wrong PINs: %w", err)
	}
	return nil
}
