package receipt

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"clave/identity"
	"clave/internal/onetime"
)

// Fact is what a receipt is about. The list is closed.
type Fact string

// The facts.
const (
	Registered  Fact = "registered"  // for the first time, or again
	Raised      Fact = "raised"      // from basic to advanced
	Changed     Fact = "changed"     // phone or e-mail
	Regenerated Fact = "regenerated" // a new activation code for Cl@ve Permanente
	Withdrawn   Fact = "withdrawn"   // the citizen renounced
	Revoked     Fact = "revoked"     // ex officio
	Lifted      Fact = "lifted"      // an ex-officio revocation was lifted
)

// Facts returns all facts.
func Facts() []Fact {
	return []Fact{Registered, Raised, Changed, Regenerated, Withdrawn, Revoked, Lifted}
}

// ParseFact reads a stored fact.
func ParseFact(s string) (Fact, error) {
	for _, f := range Facts() {
		if string(f) == s {
			return f, nil
		}
	}
	return "", fmt.Errorf("unknown fact %q of a receipt", s)
}

// Receipt is what a citizen was told about one change. It never changes. It prints
// masked.
type Receipt struct {
	ID string // random
	// Code is the verification code, 16 characters without groups. Public.
	Code   string
	Person identity.PersonID
	Fact   Fact
	At     time.Time // UTC, microseconds
	// Identity is what the reference data said at that moment.
	Identity identity.Person
	// Phone and Email are those that hold after the change; zero for none.
	Phone   identity.Phone
	Email   identity.Email
	Channel identity.Channel
	Level   identity.Registration // after the change; none for who left
	// Office and Officer say who did it, empty online.
	Office, Officer string
	// Language is in which one the citizen was told, such as "ca-valencia".
	Language string
	// Conditions is the version of the conditions accepted, such as "2026-11"; that
	// accepted last, where the change asked for no acceptance.
	Conditions string
}

// New completes a receipt with its ID and verification code, and brings its time to
// the precision in which it is kept.
func New(r Receipt) Receipt {
	r.ID = onetime.NewID()
	r.Code = onetime.NewPrinted(onetime.VerificationLength)
	r.At = r.At.UTC().Truncate(time.Microsecond)
	return r
}

// ReadCode reads a verification code as people type it, with or without groups, in
// either case. It reports false for what cannot be one.
func ReadCode(typed string) (string, bool) {
	return onetime.ReadPrinted(typed, onetime.VerificationLength)
}

// String returns the receipt's id and fact.
func (r Receipt) String() string { return fmt.Sprintf("receipt %s %s", r.ID, r.Fact) }

// Format prints String for every verb.
func (r Receipt) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (r Receipt) LogValue() slog.Value { return slog.StringValue(r.String()) }
