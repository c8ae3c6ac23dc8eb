package identity

import (
	"fmt"
	"log/slog"
	"strings"
)

// PersonID is the random internal name of a person: the only one that logs,
// sessions and audit events use. It follows a changed document number.
type PersonID string

// Person is what the reference data say about somebody. It prints masked.
type Person struct {
	Document      DocumentID
	Kind          DocumentKind
	GivenName     string
	FirstSurname  string
	SecondSurname string // empty for who has one surname
	BirthDate     Date
}

// FamilyName returns the surnames as one text.
func (p Person) FamilyName() string {
	return strings.TrimSpace(p.FirstSurname + " " + p.SecondSurname)
}

// Attributes returns all that could be released about the person.
func (p Person) Attributes() Attributes {
	return Attributes{
		GivenName:      p.GivenName,
		FamilyName:     p.FamilyName(),
		FirstSurname:   p.FirstSurname,
		SecondSurname:  p.SecondSurname,
		BirthDate:      p.BirthDate,
		DocumentNumber: p.Document.Reveal(),
		DocumentKind:   p.Kind,
	}
}

// String returns the masked document number and nothing else.
func (p Person) String() string { return "person " + p.Document.String() }

// Format prints String for every verb.
func (p Person) Format(f fmt.State, _ rune) { writeMasked(f, p.String()) }

// LogValue gives logs String.
func (p Person) LogValue() slog.Value { return slog.StringValue(p.String()) }
