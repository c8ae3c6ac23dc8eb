package invitation

import (
	"context"
	"time"

	"clave/identity"
	"clave/internal/tally"
)

// Ending is how an invitation ended. The list is closed.
type Ending string

// The endings; an invitation that only expired has none.
const (
	Spent    Ending = "spent"    // its holder registered
	Replaced Ending = "replaced" // a newer letter was asked for
	Returned Ending = "returned" // the post brought the letter back
	Void     Ending = "void"     // its holder registered otherwise, withdrew, was revoked or died
)

// Invitation is a code that was sent.
type Invitation struct {
	ID string // random
	// Letter is the number of the letter that carries the code.
	Letter string
	// Sum is the keyed hash of the code.
	Sum                 []byte
	IssuedAt, ExpiresAt time.Time
	// EndedAt is zero while nothing ended it.
	EndedAt time.Time
}

// Live tells whether the code can be used.
func (i *Invitation) Live(now time.Time) bool { return i.EndedAt.IsZero() && now.Before(i.ExpiresAt) }

// Held is what is known of a document's letters.
type Held struct {
	// Letters are when they were asked for, Tries when wrong codes were typed.
	Letters, Tries tally.Tally
	// Invitations are those of Kept, the newest first.
	Invitations []Invitation
}

// Kept is how long an invitation stays after it was issued, so that an old code is told
// from a wrong one.
const Kept = 2 * Life

// Store keeps invitations. Each method joins the transaction in ctx.
type Store interface {
	// HoldInvitations reads what is known of a document's letters and holds it until the
	// transaction ends, a document without letters included.
	HoldInvitations(ctx context.Context, document identity.DocumentID) (Held, error)
	// KeepTimes writes the times of a document that the transaction holds.
	KeepTimes(ctx context.Context, document identity.DocumentID, letters, tries tally.Tally) error
	// AddInvitation stores an invitation of a document that the transaction holds, and
	// ends the one that has not ended as replaced.
	AddInvitation(ctx context.Context, document identity.DocumentID, i Invitation) error
	// SpendInvitation ends an invitation as spent, in one statement. It answers false when
	// it ended before or has expired.
	SpendInvitation(ctx context.Context, id string, now time.Time) (bool, error)
	// ReturnInvitation ends the invitation of a letter as returned. It answers false when
	// there is none, or it ended before.
	ReturnInvitation(ctx context.Context, letter string, now time.Time) (bool, error)
}
