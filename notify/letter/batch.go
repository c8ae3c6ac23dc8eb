package letter

import (
	"context"
	"time"
)

// Worth is how long a letter's code must still be good for the letter to be printed: the
// post needs some days, and the citizen some to read it. Our choice.
const Worth = 7 * 24 * time.Hour

// Kept is how long a letter's row stays after it was queued, for what the post returns
// late. It names nobody by then. Our choice.
const Kept = 365 * 24 * time.Hour

// BatchState is where a batch stands. The list is closed.
type BatchState string

// The states, in their order.
const (
	// Open: its letters belong to it and are still sealed; its files may be written anew.
	Open BatchState = "open"
	// Staged: its files are complete and its letters erased; the print house does not
	// see it yet.
	Staged BatchState = "staged"
	// Published: the print house has it.
	Published BatchState = "published"
)

// Batch is a number of letters that are handed over together.
type Batch struct {
	ID        string // random, fit for a file name
	State     BatchState
	Spool     string // which spool it is for
	CreatedAt time.Time
	Count     int
	// Letters are given for an open batch only, in the order of their numbers.
	Letters []Letter
}

// Batches keeps batches. Each method is one atomic fact.
type Batches interface {
	// OpenBatch returns the oldest batch of a spool that is not published yet. When there
	// is none it makes one of the oldest letters that are queued and still Worth printing,
	// at most limit; the zero Batch says that there are none.
	OpenBatch(ctx context.Context, spool string, now time.Time, limit int) (Batch, error)
	// BatchStaged marks an open batch's letters as handed over, erases what they held, and
	// the batch as staged. It answers false when the batch is not open any more.
	BatchStaged(ctx context.Context, id string, now time.Time) (bool, error)
	// BatchPublished marks a staged batch as published.
	BatchPublished(ctx context.Context, id string, now time.Time) error
}
