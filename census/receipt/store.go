package receipt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"clave/identity"
)

// ErrNoReceipt says that there is no such receipt.
var ErrNoReceipt = errors.New("there is no such receipt")

// Digest is the SHA-256 of a PDF that was handed out.
type Digest [sha256.Size]byte

// String writes the digest in hexadecimal, as sha256sum does.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// DigestOf is the digest of a file.
func DigestOf(pdf []byte) Digest { return sha256.Sum256(pdf) }

// Copy is one PDF that was handed out.
type Copy struct {
	Digest Digest
	At     time.Time
}

// Store keeps receipts and which copies of them were handed out. Each method is one
// atomic fact and joins the transaction in ctx.
type Store interface {
	// AddReceipt stores a receipt that New made.
	AddReceipt(ctx context.Context, r Receipt) error
	// ReceiptByCode returns the receipt with that verification code and the copies
	// handed out so far, the oldest first, or ErrNoReceipt.
	ReceiptByCode(ctx context.Context, code string) (Receipt, []Copy, error)
	// ReceiptsOf returns a person's receipts, the newest first: at most limit, and
	// only those before the receipt with the id in before, or from the newest when it
	// is empty.
	ReceiptsOf(ctx context.Context, person identity.PersonID, before string, limit int) ([]Receipt, error)
	// NoteCopy remembers that a PDF with that digest was handed out; the same digest
	// again changes nothing.
	NoteCopy(ctx context.Context, id string, d Digest, at time.Time) error
}

// Keep is how long a receipt is kept. Our choice: fifteen years, for which Ley 6/2020,
// article 9.3.a, makes trust service providers keep what they know about an identified
// holder; the conditions that somebody accepted must be provable as long.
const Keep = 15 * 365 * 24 * time.Hour
