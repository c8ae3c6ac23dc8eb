package census

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"

	"clave/identity"
)

// Contrast is the second datum of the pair with which a citizen says who they
// are: a date as 2031-10-01, or a support number as people type it. It prints
// masked. The zero value matches nothing.
type Contrast struct {
	// Kind is which datum was asked for; it has to be the one that the
	// document demands.
	Kind  identity.ContrastKind
	Value string
}

// String returns the kind and a mask.
func (c Contrast) String() string { return string(c.Kind) + " •••" }

// Format prints String for every verb.
func (c Contrast) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (c Contrast) LogValue() slog.Value { return slog.StringValue(c.String()) }

// contrastBytes is more than any canonical datum has.
const contrastBytes = 16

// padded gives the canonical datum in a fixed size, so that comparing takes the
// same time whatever was typed; false for what is no such datum.
func (c Contrast) padded(document identity.DocumentKind) (padded [contrastBytes]byte, ok bool) {
	canonical := ""
	switch c.Kind {
	case identity.ValidityDate, identity.IssueDate:
		if date, err := identity.ParseDate(c.Value); err == nil {
			canonical = date.String()
		}
	case identity.SupportNumber:
		canonical, _ = identity.ParseSupport(c.Value, document) // "" is no datum
	}
	copy(padded[:], canonical)
	return padded, canonical != ""
}

// equal compares two data of a kind of document in constant time. Two absent
// data are not equal.
func (c Contrast) equal(other Contrast, document identity.DocumentKind) bool {
	a, okA := c.padded(document)
	b, okB := other.padded(document)
	same := subtle.ConstantTimeCompare(a[:], b[:]) == 1
	return same && okA && okB && c.Kind == other.Kind
}
