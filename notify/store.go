package notify

import (
	"context"
	"time"
)

// State is where a message stands. The list is closed.
type State string

// The states. All but Waiting are final, except that a receipt turns HandedOver
// into Delivered, Failed or Expired.
const (
	Waiting    State = "waiting"
	HandedOver State = "handed_over"
	Delivered  State = "delivered"
	Failed     State = "failed"
	Expired    State = "expired"
)

// Row is a message as it is stored: everything personal is in Sealed.
type Row struct {
	ID           string
	Lane         Lane
	Purpose      string
	RelyingParty string
	Replaces     string
	Sealed       []byte
	CreatedAt    time.Time
	// DueAt is when the row may be claimed: for a claimed one, when its lease ends.
	DueAt     time.Time
	ExpiresAt time.Time
	// SweepAt is when the row may be deleted.
	SweepAt time.Time
	// Tries counts the claims of this row, the present one included. It fences
	// a node whose lease ran out from one that claimed the row after it. A row that
	// is added with 1 is its node's own from the start.
	Tries int
}

// Lane is a queue within the outbox: messages of one kind and one urgency, so
// that no code waits behind a notice, nor an SMS behind a slow mail server.
type Lane struct {
	Kind   Kind
	Urgent bool
}

// Settlement is what became of a claimed row.
type Settlement struct {
	ID    string
	Tries int
	// State is Waiting for a row to be tried again at DueAt; otherwise final,
	// and the sealed part is erased. A row that was handed over and has no
	// ProviderID is deleted: nobody will say more about it.
	State State
	DueAt time.Time
	// ProviderID is what receipts will call the message; may be empty.
	ProviderID string
	At         time.Time
}

// Receipt is what a carrier heard about a message after handing it over.
type Receipt struct {
	ProviderID string
	State      State // Delivered, Failed or Expired
	At         time.Time
}

// Store keeps the outbox. Each method is one atomic fact.
type Store interface {
	// Add stores row, in the place of the one with the same Replaces (unless empty)
	// that is still waiting, in the caller's transaction when ctx carries one. It
	// calls committed once that transaction is committed.
	Add(ctx context.Context, row Row, committed func()) error
	// Claim takes up to limit waiting rows of a lane that are due and not
	// expired at now, the longest due first, and hides them from every other claim
	// until until.
	Claim(ctx context.Context, lane Lane, now, until time.Time, limit int) ([]Row, error)
	// Settle records what became of claimed rows, all in one commit. A row that
	// somebody else claimed meanwhile is not put back to waiting; a row that is
	// no longer waiting is left alone.
	Settle(ctx context.Context, settlements []Settlement) error
	// Confirm records receipts, all in one commit. Unknown ones are ignored.
	Confirm(ctx context.Context, receipts []Receipt) error
	// Sweep marks waiting rows that expired by now and are not claimed as
	// Expired, erases their sealed part, and deletes finished rows whose SweepAt
	// has come. It tells how many expired.
	Sweep(ctx context.Context, now time.Time) (expired int64, err error)
}
