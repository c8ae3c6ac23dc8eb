package census

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"time"

	"clave/identity"
)

// Registration is a person's row: who registered with which document, how, and
// how to reach them. It prints masked.
type Registration struct {
	// Person is made by NewPersonID when empty.
	Person   identity.PersonID
	Document identity.DocumentID
	// State is never deceased: that is what reference data say.
	State   identity.State
	Level   identity.Registration
	Channel identity.Channel
	Phone   identity.Phone
	Email   identity.Email
	// EmailConfirmed: a code that went to Email came back. Until then messages to it
	// hold nothing personal.
	EmailConfirmed bool
	// Conditions is the version of the conditions that the person accepted last.
	Conditions string
	// Language is a code such as "es" or "ca-valencia"; may be empty.
	Language string
	// At is when the person registered; zero for who never did.
	At time.Time
}

// NewPersonID makes a person's random name: 26 letters and digits, 128 bits.
func NewPersonID() identity.PersonID { return identity.PersonID(rand.Text()) }

// String returns the person's id and state.
func (r Registration) String() string { return fmt.Sprintf("registration %s %s", r.Person, r.State) }

// Format prints String for every verb.
func (r Registration) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (r Registration) LogValue() slog.Value { return slog.StringValue(r.String()) }
