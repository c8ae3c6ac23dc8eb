package proposal

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"clave/census/registrar"
	"clave/identity"
)

// Life is how long a proposal waits for a decision. Source: our choice; a week is long
// enough for a supervisor to come back, and short enough for its reason to hold still.
const Life = 7 * 24 * time.Hour

// kept is how long a proposal stays that is decided; the audit trail keeps it longer.
const kept = 90 * 24 * time.Hour

// Reason is why something is proposed. The list is closed, so that nobody writes about
// anybody into the audit trail.
type Reason string

// The reasons. Source: our choice, after the grounds for which a registration ends ex
// officio, and their contraries.
const (
	Fraud       Reason = "fraud"
	NameChanged Reason = "name_changed"
	Nationality Reason = "nationality"
	Expulsion   Reason = "expulsion"
	Mistake     Reason = "mistake"     // of an office
	Court       Reason = "court_order" // also to lift
	Cleared     Reason = "cleared"     // to lift: the ground was none, or is gone
)

// Reasons lists the reasons for a change: registrar.Revoked or registrar.Lifted.
func Reasons(c registrar.Change) []Reason {
	switch c {
	case registrar.Revoked:
		return []Reason{Fraud, NameChanged, Nationality, Expulsion, Mistake, Court}
	case registrar.Lifted:
		return []Reason{Cleared, Mistake, Court}
	default: // nothing else is proposed
		return nil
	}
}

// Why is why a proposal is rejected. The list is closed.
type Why string

// The whys.
const (
	NotProven  Why = "not_proven"
	OtherWay   Why = "other_way" // the citizen can be served at a desk
	WrongOne   Why = "wrong_one" // it is about another citizen
	Incomplete Why = "incomplete"
)

// Whys lists them.
func Whys() []Why { return []Why{NotProven, OtherWay, WrongOne, Incomplete} }

// State is how a proposal stands. The list is closed.
type State string

// The states.
const (
	Open     State = "open"
	Approved State = "approved"
	Rejected State = "rejected"
	Expired  State = "expired"
)

// Proposal is one. It prints without anything personal.
type Proposal struct {
	ID     string
	Person identity.PersonID
	// Document by which the proposer found the person; personal.
	Document identity.DocumentID
	Change   registrar.Change
	Reason   Reason
	Number   string // of the office's own file, as desk.ReadNumber gives it
	Proposer identity.PersonID
	Office   string
	At       time.Time
	// State as it is kept: see Standing.
	State   State
	Decider identity.PersonID
	Why     Why // of a rejected one
	Decided time.Time
}

// Standing is the state at a time.
func (p Proposal) Standing(now time.Time) State {
	if p.State == Open && !now.Before(p.Ends()) {
		return Expired
	}
	return p.State
}

// Ends is until when it can be decided.
func (p Proposal) Ends() time.Time { return p.At.Add(Life) }

// Expires is when the row can be deleted.
func (p Proposal) Expires() time.Time { return p.Ends().Add(kept) }

// check tells whether it can be proposed.
func (p Proposal) check() error {
	switch {
	case p.Person == "" || p.Document.IsZero() || p.Office == "" || p.Proposer == "":
		return ErrRight
	case p.Person == p.Proposer:
		return ErrOwn
	case !slices.Contains(Reasons(p.Change), p.Reason):
		return ErrReason
	}
	return nil
}

// mayDecide tells whether somebody may decide on it.
func (p Proposal) mayDecide(decider identity.PersonID, now time.Time) error {
	switch {
	case p.Standing(now) != Open:
		return ErrDecided
	case decider == "":
		return ErrRight
	case decider == p.Proposer, decider == p.Person:
		return ErrOwn
	}
	return nil
}

// String names the proposal.
func (p Proposal) String() string { return "proposal " + p.ID }

// Format prints String for every verb.
func (p Proposal) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (p Proposal) LogValue() slog.Value { return slog.StringValue(p.String()) }
