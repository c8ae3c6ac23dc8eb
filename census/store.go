package census

import (
	"context"
	"errors"
	"time"

	"clave/identity"
)

// ErrBusy says that another import, or other work, held the database for too
// long. Nothing was imported.
var ErrBusy = errors.New("the database is busy with another import or a long transaction; try again when it has ended")

// Store keeps reference data.
type Store interface {
	// Seal turns reference data into a row to keep. Many goroutines call it.
	Seal(r *Reference) Row
	// Replace stores the rows that next gives until it gives nil, all of them or
	// none: while it runs, and when it dies, everybody sees what was held before.
	// A row replaces what is held about its document; of several rows about one
	// document that with the highest Line counts. A second Replace waits for the
	// first, or answers ErrBusy.
	Replace(ctx context.Context, now time.Time, next func() (*Row, error)) (Replaced, error)
}

// Row is reference data as they are kept: nobody reads them without the keys.
type Row struct {
	// Line orders rows about one document.
	Line int64
	// Document and Previous are blind indexes; Previous is nil for most.
	Document []byte
	Previous []byte
	Sealed   []byte
	// Fingerprint is equal for equal reference data, and tells nothing else.
	Fingerprint []byte
	Deceased    bool
}

// Replaced is what became of the rows.
type Replaced struct {
	// Documents counts those stored, Held those among them that were held before.
	Documents int64
	Held      int64
	// Followed are the persons who were known by a previous document and are
	// found by the present one from now on.
	Followed []identity.PersonID
	// Died are the persons who were alive to the register until now.
	Died []identity.PersonID
}
