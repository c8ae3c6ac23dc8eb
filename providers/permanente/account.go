package permanente

import (
	"context"
	"fmt"
	"time"

	"clave/identity"
	"clave/internal/tally"
	"clave/providers/permanente/password"
)

// Account is the password of a person. The zero value is none, which nothing matches.
type Account struct {
	Person identity.PersonID
	// Hash is the password's, and Previous that of the one before it; empty when
	// there was none.
	Hash, Previous password.Hash
	SetAt          time.Time
	// WarnedAt is when a notice told the citizen last that it ends soon, ToldAt when a
	// page did.
	WarnedAt, ToldAt time.Time
	// Always: the citizen wants a code asked for in every login.
	Always bool
}

// Expires is when the password ends.
func (a Account) Expires() time.Time { return a.SetAt.AddDate(yearsValid, 0, 0) }

// expired tells whether it has.
func (a Account) expired(now time.Time) bool { return !now.Before(a.Expires()) }

// soon tells whether it ends so soon that the citizen is told.
func (a Account) soon(now time.Time) bool { return !now.Before(a.Expires().Add(-warnBefore)) }

// warns tells whether it is time for a notice that it ends soon.
func (a Account) warns(now time.Time) bool {
	return a.soon(now) && !now.Before(a.WarnedAt.Add(warnEvery))
}

// tells tells whether it is time for a page that says so after a login.
func (a Account) tells(now time.Time) bool {
	return a.Hash != "" && a.soon(now) && !now.Before(a.ToldAt.Add(tellEvery))
}

// Accounts keep passwords.
type Accounts interface {
	// Account reads a person's and, inside a transaction, holds it; the zero value
	// when there is none, or for no person.
	Account(ctx context.Context, person identity.PersonID) (Account, error)
	// KeepAccount writes one that the transaction in ctx has read.
	KeepAccount(ctx context.Context, a Account) error
}

// Activations are the activation codes that the registrar issues.
type Activations interface {
	// HoldActivation reads the sum of a person's code and holds it until the
	// transaction ends; nil when there is none, or for no person.
	HoldActivation(ctx context.Context, person identity.PersonID) ([]byte, error)
	// MissActivation adds wrong tries to a person's code, and voids it when there are
	// most of them: it tells whether it did. It does as much for no person and for
	// none.
	MissActivation(ctx context.Context, person identity.PersonID, tries, most int) (voided bool, err error)
}

// Locks are what too many wrong passwords from known browsers lead to; the registrar
// opens them for who proved otherwise who they are: by certificate, at an office, or
// with a letter.
type Locks struct{ Tallies tally.Store }

// Unlock forgets the wrong passwords of a person, in the transaction in ctx.
func (l Locks) Unlock(ctx context.Context, person identity.PersonID) error {
	if _, err := l.Tallies.HoldTally(ctx, fromKnown(person)); err != nil {
		return fmt.Errorf("holding the wrong passwords: %w", err)
	}
	if err := l.Tallies.KeepTally(ctx, fromKnown(person), tally.Tally{}); err != nil {
		return fmt.Errorf("forgetting the wrong passwords: %w", err)
	}
	return nil
}
