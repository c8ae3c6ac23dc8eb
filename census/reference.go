package census

import (
	"fmt"
	"io"
	"log/slog"

	"clave/identity"
)

// Reference is a row of the population register: what it says about the holder
// of a document. It prints masked.
type Reference struct {
	identity.Person
	// SupportNumber is printed on the card, canonical; may be empty.
	SupportNumber string
	// IssueDate and ValidityDate of the document; may be zero.
	IssueDate    identity.Date
	ValidityDate identity.Date
	// Address is the fiscal address: where letters go. No page shows it.
	Address Address
	// DeceasedOn is zero for the living.
	DeceasedOn identity.Date
	// PreviousDocument is the number that the person had before, as a foreigner
	// who became Spanish; zero for most.
	PreviousDocument identity.DocumentID
}

// Address is where a letter finds somebody. It prints masked.
type Address struct {
	Street     string
	PostalCode string
	City       string
	Province   string
	Country    string // ISO 3166-1 alpha-2
}

// Deceased reports whether the register knows of the person's death.
func (r *Reference) Deceased() bool { return !r.DeceasedOn.IsZero() }

// Contrast returns the datum that proves that somebody holds the document; its
// value is empty where the register has none.
func (r *Reference) Contrast() Contrast {
	switch kind := identity.ContrastFor(r.Kind, r.ValidityDate); kind {
	case identity.ValidityDate:
		return Contrast{kind, r.ValidityDate.String()}
	case identity.IssueDate:
		return Contrast{kind, r.IssueDate.String()}
	default:
		return Contrast{kind, r.SupportNumber}
	}
}

// String returns nothing but a mask.
func (a Address) String() string {
	if a == (Address{}) {
		return ""
	}
	return "address •••"
}

// Format prints String for every verb.
func (a Address) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (a Address) LogValue() slog.Value { return slog.StringValue(a.String()) }
