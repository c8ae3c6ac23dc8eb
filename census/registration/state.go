package registration

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"clave/census/registrar"
	"clave/identity"
)

// Running is a procedure that somebody is in the middle of. It prints without
// anything personal.
type Running struct {
	ID        string // random
	StartedAt time.Time
	ExpiresAt time.Time
	State

	table  Procedure
	row    Row
	handle Handle // what the browser holds, once this is kept
}

// State is what a running procedure keeps, sealed.
type State struct {
	// Holds are the facts that hold.
	Holds []Fact `json:"holds"`
	// Typed is what was typed: the document and the contrast datum canonical,
	// everything else as it was typed.
	Typed map[Field]string `json:"typed"`
	// Owner is to whom alone the handle opens the procedure, see Handle.Of; empty for
	// one that anybody may begin.
	Owner string `json:"owner,omitempty"`
	// By is on whose word the procedure runs, set when it begins.
	By registrar.By `json:"by"`
	// Person is the citizen's internal id, empty for who has none yet; Standing the
	// state in the register. For who is not logged in both are from when the pair was
	// found right, and only shown and recorded.
	Person   identity.PersonID `json:"person,omitempty"`
	Standing identity.State    `json:"standing,omitempty"`
	// Phone (E.164) and Email are what contact was found to say.
	Phone string `json:"phone,omitempty"`
	Email string `json:"email,omitempty"`
	// Possession is the code that goes to the phone, or to the address.
	Possession Possession `json:"possession"`
	// Done is what is shown at the end.
	Done *Outcome `json:"done,omitempty"`
}

// Outcome is what a finished procedure shows.
type Outcome struct {
	// Receipt is the verification code of the receipt.
	Receipt string `json:"receipt"`
	// Activation is the activation code for Cl@ve Permanente, empty when none was
	// issued. It is nowhere else in clear, and gone with the procedure.
	Activation string `json:"activation,omitempty"`
	// TookPhone says that the phone was another citizen's until then.
	TookPhone bool `json:"took_phone,omitempty"`
}

// Asks are the fields that a step of this procedure asks for.
func (r *Running) Asks(step StepName) []Field {
	s, _ := r.table.Step(step)
	return s.Asks
}

// Name is the procedure's name.
func (r *Running) Name() Name { return r.table.Name }

// At is the step where the procedure stands.
func (r *Running) At() StepName { return r.table.At(r.Holds) }

// May tells whether a step can be shown and answered now.
func (r *Running) May(step StepName) bool { return r.table.May(step, r.Holds) }

// Has tells whether a fact holds.
func (s *State) Has(f Fact) bool { return slices.Contains(s.Holds, f) }

// Document is the one that was typed.
func (s *State) Document() identity.DocumentID {
	d, _ := identity.ParseDocument(s.Typed[FieldDocument]) // it was parsed before it was kept
	return d
}

func (s *State) add(facts ...Fact) {
	for _, f := range facts {
		if !s.Has(f) {
			s.Holds = append(s.Holds, f)
		}
	}
}

func (s *State) drop(facts []Fact) {
	s.Holds = slices.DeleteFunc(s.Holds, func(f Fact) bool { return slices.Contains(facts, f) })
	if slices.Contains(facts, CodeSent) {
		s.Possession = s.Possession.void()
	}
}

// keep takes over what was typed into the fields of a step.
func (s *State) keep(asks []Field, typed map[Field]string) {
	if s.Typed == nil {
		s.Typed = map[Field]string{}
	}
	for _, f := range asks {
		if value, ok := typed[f]; ok {
			s.Typed[f] = value
		}
	}
}

// String names the procedure without anything personal.
func (r *Running) String() string { return "procedure " + r.ID }

// Format prints String for every verb.
func (r *Running) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (r *Running) LogValue() slog.Value { return slog.StringValue(r.String()) }

// encode writes the state as it is sealed.
func (s *State) encode() ([]byte, error) { return json.Marshal(s) }

// open reads a row.
func open(table Procedure, row Row, h Handle) (*Running, error) {
	r := &Running{ID: row.ID, StartedAt: row.StartedAt, ExpiresAt: row.ExpiresAt, table: table, row: row, handle: h}
	if err := json.Unmarshal(row.State, &r.State); err != nil {
		return nil, fmt.Errorf("reading procedure %s: %w", row.ID, err)
	}
	return r, nil
}
