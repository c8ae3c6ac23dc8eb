package certificatetest

import (
	"context"
	"maps"
	"sync"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/providers/certificate"
)

// Memory keeps presentations and persons in memory. Transactions run one at a time,
// and a failed one leaves nothing behind.
type Memory struct {
	writing sync.Mutex // held by the running transaction
	mu      sync.Mutex
	state   state
	// Dead are documents of the deceased.
	Dead map[identity.DocumentID]bool
}

type state struct {
	presentations map[broker.LoginID]presentation
	persons       map[identity.DocumentID]identity.PersonID
}

type presentation struct {
	certificate.Presentation
	spent bool
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{
		state: state{map[broker.LoginID]presentation{}, map[identity.DocumentID]identity.PersonID{}},
		Dead:  map[identity.DocumentID]bool{},
	}
}

type inTx struct{}

// Tx runs fn in a transaction; a Tx inside a Tx joins it.
func (m *Memory) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Value(inTx{}) != nil {
		return fn(ctx)
	}
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	before := state{maps.Clone(m.state.presentations), maps.Clone(m.state.persons)}
	m.mu.Unlock()
	err := fn(context.WithValue(ctx, inTx{}, true))
	if err != nil {
		m.mu.Lock()
		m.state = before
		m.mu.Unlock()
	}
	return err
}

// KeepPresentation implements certificate.Presentations.
func (m *Memory) KeepPresentation(_ context.Context, p certificate.Presentation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, found := m.state.presentations[p.Login]; found && (old.spent || !old.Asked.Before(p.Asked)) {
		return certificate.ErrHandleUsed
	}
	m.state.presentations[p.Login] = presentation{Presentation: p}
	return nil
}

// Presentation implements certificate.Presentations.
func (m *Memory) Presentation(_ context.Context, login broker.LoginID) (certificate.Presentation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept := m.state.presentations[login]
	if kept.spent {
		return certificate.Presentation{Login: login, Spent: true}, nil
	}
	return kept.Presentation, nil
}

// SpendPresentation implements certificate.Presentations.
func (m *Memory) SpendPresentation(_ context.Context, login broker.LoginID, ticket []byte, now time.Time) (certificate.Presentation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept, found := m.state.presentations[login]
	if !found || kept.spent || string(kept.Ticket) != string(ticket) || !now.Before(kept.ExpiresAt) {
		return certificate.Presentation{}, certificate.ErrNoPresentation
	}
	kept.spent = true
	m.state.presentations[login] = kept
	return kept.Presentation, nil
}

// Ensure implements certificate.Persons.
func (m *Memory) Ensure(_ context.Context, p identity.Person, _ string) (identity.PersonID, identity.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state.persons[p.Document] == "" {
		m.state.persons[p.Document] = identity.PersonID("person-" + p.Document.Reveal())
	}
	if m.Dead[p.Document] {
		return m.state.persons[p.Document], identity.Deceased, nil
	}
	return m.state.persons[p.Document], identity.Unregistered, nil
}
