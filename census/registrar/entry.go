package registrar

import (
	"fmt"
	"io"
	"log/slog"

	"clave/census"
	"clave/identity"
)

// Entry is a person in the register, as a transaction holds it. It prints masked.
type Entry struct {
	census.Registration
	// Identity is what the reference data say; the number alone where they do not
	// hold the document.
	Identity identity.Person
	// Deceased is what the reference data say.
	Deceased bool
	// Changes counts the lines of the history.
	Changes int64
}

// present is the level that counts now: who left has none, though the row remembers.
func (e Entry) present() identity.Registration {
	if e.State == identity.Registered || e.State == identity.PhoneRevoked {
		return e.Level
	}
	return identity.NoRegistration
}

// told changes the entry's language and conditions to what By says, where it does.
func (e Entry) told(by By) Entry {
	if by.Language != "" {
		e.Language = by.Language
	}
	if by.Conditions != "" {
		e.Conditions = by.Conditions
	}
	return e
}

// String returns the person's id and state.
func (e Entry) String() string { return fmt.Sprintf("entry %s %s", e.Person, e.State) }

// Format prints String for every verb.
func (e Entry) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (e Entry) LogValue() slog.Value { return slog.StringValue(e.String()) }

// Held is what a transaction holds until its end.
type Held struct {
	Entry
	// Holder is another registered citizen who has the phone that is claimed; the
	// zero Entry when nobody has.
	Holder Entry
}
