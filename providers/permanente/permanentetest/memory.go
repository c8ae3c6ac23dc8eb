package permanentetest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"clave/identity"
	"clave/internal/tally"
	"clave/providers/permanente"
)

// Memory keeps accounts, activation codes, challenges and tallies in memory.
// Transactions run one at a time, and a failed one leaves nothing behind. It remembers
// which questions it was asked, so that tests can compare them.
type Memory struct {
	writing sync.Mutex // held by the running transaction
	mu      sync.Mutex
	state   memoryState
	calls   []string
}

type activation struct {
	sum   []byte
	wrong int
}

type memoryState struct {
	accounts    map[identity.PersonID]permanente.Account
	activations map[identity.PersonID]activation
	challenges  map[string]permanente.Challenge
	tallies     map[tally.Subject]tally.Tally
}

func (s memoryState) clone() memoryState {
	return memoryState{maps.Clone(s.accounts), maps.Clone(s.activations), maps.Clone(s.challenges), maps.Clone(s.tallies)}
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{state: memoryState{
		map[identity.PersonID]permanente.Account{}, map[identity.PersonID]activation{},
		map[string]permanente.Challenge{}, map[tally.Subject]tally.Tally{},
	}}
}

type memoryTxKey struct{}

// Tx runs fn in a transaction; a Tx inside a Tx joins it.
func (m *Memory) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Value(memoryTxKey{}) != nil {
		return fn(ctx)
	}
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	before := m.state.clone()
	m.mu.Unlock()
	err := fn(context.WithValue(ctx, memoryTxKey{}, true))
	if err != nil {
		m.mu.Lock()
		m.state = before
		m.mu.Unlock()
	}
	return err
}

// Calls are the questions since the last time, without what was asked about.
func (m *Memory) Calls() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls := m.calls
	m.calls = nil
	return calls
}

// Noted notes a question to somebody else among those to the store.
func (m *Memory) Noted(call string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, call)
}

// enter notes a call and holds the state until leave is called.
func (m *Memory) enter(ctx context.Context, call string, writes bool) (leave func()) {
	if writes && ctx.Value(memoryTxKey{}) == nil {
		panic("permanentetest: " + call + " outside a transaction")
	}
	m.mu.Lock()
	m.calls = append(m.calls, call)
	return m.mu.Unlock
}

// Tally implements tally.Store.
func (m *Memory) Tally(ctx context.Context, s tally.Subject) (tally.Tally, error) {
	defer m.enter(ctx, "tally "+string(s.Kind), false)()
	return m.tally(s), nil
}

func (m *Memory) tally(s tally.Subject) tally.Tally {
	t := m.state.tallies[s]
	t.Times = slices.Clone(t.Times)
	return t
}

// HoldTally implements tally.Store.
func (m *Memory) HoldTally(ctx context.Context, s tally.Subject) (tally.Tally, error) {
	defer m.enter(ctx, "hold tally "+string(s.Kind), true)()
	return m.tally(s), nil
}

// KeepTally implements tally.Store.
func (m *Memory) KeepTally(ctx context.Context, s tally.Subject, t tally.Tally) error {
	defer m.enter(ctx, "keep tally "+string(s.Kind), true)()
	t.Times = slices.Clone(t.Times)
	m.state.tallies[s] = t
	return nil
}

// Account implements permanente.Accounts.
func (m *Memory) Account(ctx context.Context, person identity.PersonID) (permanente.Account, error) {
	defer m.enter(ctx, "account", false)()
	return m.state.accounts[person], nil
}

// KeepAccount implements permanente.Accounts.
func (m *Memory) KeepAccount(ctx context.Context, a permanente.Account) error {
	defer m.enter(ctx, "keep account", true)()
	m.state.accounts[a.Person] = a
	return nil
}

// VoidPassword forgets a person's password, as the registrar does.
func (m *Memory) VoidPassword(ctx context.Context, person identity.PersonID) error {
	defer m.enter(ctx, "void account", true)()
	delete(m.state.accounts, person)
	return nil
}

// Issue gives a person an activation code.
func (m *Memory) Issue(_ context.Context, person identity.PersonID, sum []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state.activations[person] = activation{sum: sum}
	return nil
}

// HoldActivation implements permanente.Activations.
func (m *Memory) HoldActivation(ctx context.Context, person identity.PersonID) ([]byte, error) {
	defer m.enter(ctx, "hold activation", true)()
	return m.state.activations[person].sum, nil
}

// MissActivation implements permanente.Activations.
func (m *Memory) MissActivation(ctx context.Context, person identity.PersonID, tries, most int) (bool, error) {
	defer m.enter(ctx, "miss activation", true)()
	a, ok := m.state.activations[person]
	a.wrong += tries
	switch {
	case ok && a.wrong >= most:
		delete(m.state.activations, person)
		return true, nil
	case ok:
		m.state.activations[person] = a
	}
	return false, nil
}

// Challenge implements permanente.Challenges.
func (m *Memory) Challenge(ctx context.Context, key string) (permanente.Challenge, error) {
	defer m.enter(ctx, "challenge", false)()
	return m.state.challenges[key], nil
}

// KeepChallenge implements permanente.Challenges.
func (m *Memory) KeepChallenge(ctx context.Context, c permanente.Challenge) error {
	defer m.enter(ctx, "keep challenge", true)()
	m.state.challenges[c.Key] = c
	return nil
}

// DropChallenge implements permanente.Challenges.
func (m *Memory) DropChallenge(ctx context.Context, key string) error {
	defer m.enter(ctx, "drop challenge", true)()
	delete(m.state.challenges, key)
	return nil
}
