package proposal_test

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"clave/audit"
	"clave/census/proposal"
	"clave/census/registrar"
	"clave/census/staff"
	"clave/identity"
)

// bureau is a desk over a store and a register in memory. A transaction that fails
// leaves nothing of proposals, acts and trail.
type bureau struct {
	*proposal.Desk
	now    time.Time
	kept   map[string]proposal.Proposal
	done   []act
	events []audit.Event
	// refuses is what the registrar answers.
	refuses error
}

// act is what the registrar was told to do.
type act struct {
	change registrar.Change
	person identity.PersonID
	by     registrar.By
}

func newBureau() *bureau {
	b := &bureau{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), kept: map[string]proposal.Proposal{}}
	b.Desk = &proposal.Desk{
		Tx: b, Store: b, Registrar: b, Trail: b, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return b.now },
	}
	return b
}

// Tx implements proposal.Transactor.
func (b *bureau) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	kept, done, events := maps.Clone(b.kept), slices.Clone(b.done), slices.Clone(b.events)
	err := fn(ctx)
	if err != nil {
		b.kept, b.done, b.events = kept, done, events
	}
	return err
}

// AddProposal implements proposal.Store.
func (b *bureau) AddProposal(_ context.Context, p proposal.Proposal) error {
	for _, other := range b.kept {
		if other.Person == p.Person && other.Standing(p.At) == proposal.Open {
			return proposal.ErrOpen
		}
	}
	b.kept[p.ID] = p
	return nil
}

// Proposal implements proposal.Store.
func (b *bureau) Proposal(_ context.Context, id string) (proposal.Proposal, error) {
	p, found := b.kept[id]
	if !found {
		return p, proposal.ErrNone
	}
	return p, nil
}

// Proposals implements proposal.Store; nothing here lists.
func (b *bureau) Proposals(context.Context, proposal.Filter, time.Time) ([]proposal.Proposal, bool, error) {
	return nil, false, nil
}

// Decide implements proposal.Store.
func (b *bureau) Decide(_ context.Context, p proposal.Proposal) error {
	if b.kept[p.ID].Standing(p.Decided) != proposal.Open {
		return proposal.ErrDecided
	}
	b.kept[p.ID] = p
	return nil
}

// Allows implements proposal.Registrar.
func (b *bureau) Allows(context.Context, registrar.Change, identity.PersonID, registrar.By) (registrar.Entry, error) {
	return registrar.Entry{}, b.refuses
}

// Revoke implements proposal.Registrar.
func (b *bureau) Revoke(_ context.Context, person identity.PersonID, by registrar.By) (registrar.Done, error) {
	b.done = append(b.done, act{registrar.Revoked, person, by})
	return registrar.Done{}, b.refuses
}

// Lift implements proposal.Registrar.
func (b *bureau) Lift(_ context.Context, person identity.PersonID, by registrar.By) (registrar.Done, error) {
	b.done = append(b.done, act{registrar.Lifted, person, by})
	return registrar.Done{}, b.refuses
}

// Record implements audit.Trail.
func (b *bureau) Record(_ context.Context, e audit.Event) error {
	b.events = append(b.events, e)
	return nil
}

// kinds are those of the trail.
func (b *bureau) kinds() (all []audit.Kind) {
	for _, e := range b.events {
		all = append(all, e.Data.Kind())
	}
	return all
}

// member is somebody of the staff at work at an office.
func member(person identity.PersonID, role staff.Role, office string) *staff.Signed {
	return &staff.Signed{
		Member:  staff.Member{Person: person, Role: role, Offices: []string{office}},
		Session: staff.Session{ID: "session-" + string(person), Person: person, Office: office},
	}
}

// The staff: olga proposes, sara and sixto decide.
func olga() *staff.Signed  { return member("olga", staff.Officer, "P28001") }
func sara() *staff.Signed  { return member("sara", staff.Supervisor, "P08001") }
func sixto() *staff.Signed { return member("sixto", staff.Supervisor, "P28001") }

// fraud is what olga proposes about carmen.
func fraud(t *testing.T) proposal.Proposal {
	t.Helper()
	document, err := identity.ParseDocument("12345678Z")
	if err != nil {
		t.Fatal(err)
	}
	return proposal.Proposal{Person: "carmen", Document: document, Change: registrar.Revoked, Reason: proposal.Fraud, Number: "2026/17"}
}
