package census

import (
	"fmt"
	"io"
	"log/slog"

	"clave/identity"
)

// Candidate is all that a login method needs to know about a document, read in
// one question. The zero value is an unknown document, which matches nothing.
// It prints masked.
type Candidate struct {
	// Known tells whether the register holds the document.
	Known     bool
	Reference Reference
	// Deceased is what the register says; it wins over every state.
	Deceased bool

	// PersonID is empty for who neither registered nor logged in with this
	// document.
	PersonID identity.PersonID
	// State is empty for an unknown document.
	State identity.State
	// Registration and Channel say how the person registered; they are given
	// only in the state registered or phone_revoked.
	Registration identity.Registration
	Channel      identity.Channel
	Phone        identity.Phone
	Email        identity.Email
	// EmailConfirmed: a code that went to Email came back.
	EmailConfirmed bool
	// Language is the one that the person used last; may be empty.
	Language string
}

// Matches reports whether the contrast datum belongs to the document. It says
// no for an unknown document, for one whose datum the register lacks, and for a
// deceased holder's: the caller answers all of these alike. Which of the data
// differs does not show in the time it takes.
// Source: our choice that an unknown or deceased person's document is a wrong
// pair like any other, so that nobody learns from the answer who exists.
func (c *Candidate) Matches(typed Contrast) bool {
	kind := c.Reference.Kind
	if kind == "" {
		kind = identity.DNI // the same work as for a known document
	}
	same := typed.equal(c.Reference.Contrast(), kind)
	return same && c.Known && !c.Deceased
}

// String returns the person's id and state.
func (c Candidate) String() string { return fmt.Sprintf("candidate %s %s", c.PersonID, c.State) }

// Format prints String for every verb.
func (c Candidate) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (c Candidate) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MatchesEither is Matches for a procedure that takes the issue date of a DNI as
// well as its validity date; a permanent DNI has the issue date alone.
func (c *Candidate) MatchesEither(typed Contrast) bool {
	return c.Matches(typed) || c.issued(typed)
}

// MatchesPrinted is Matches for a procedure that takes the support number of every
// document, or the issue date of a DNI without one.
func (c *Candidate) MatchesPrinted(typed Contrast) bool {
	other := Contrast{Kind: identity.SupportNumber, Value: c.Reference.SupportNumber}
	kind := c.Reference.Kind
	if kind == "" {
		kind = identity.DNI
	}
	return c.issued(typed) || typed.equal(other, kind) && c.Known && !c.Deceased
}

func (c *Candidate) issued(typed Contrast) bool {
	other := Contrast{Kind: identity.IssueDate, Value: c.Reference.IssueDate.String()}
	return typed.equal(other, identity.DNI) && c.Reference.Kind == identity.DNI && c.Known && !c.Deceased
}
