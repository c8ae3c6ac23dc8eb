package pintest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"clave/broker"
	"clave/identity"
	"clave/providers/pin"
)

// Memory keeps challenges and tallies in memory. Transactions run one at a time,
// and a failed one leaves nothing behind. It remembers which questions it was
// asked, so that tests can compare them.
type Memory struct {
	writing sync.Mutex // held by the running transaction
	mu      sync.Mutex
	state   memoryState
	calls   []string
}

type memoryState struct {
	challenges map[broker.LoginID]pin.Challenge
	tallies    map[pin.Subject]pin.Tally
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{state: memoryState{map[broker.LoginID]pin.Challenge{}, map[pin.Subject]pin.Tally{}}}
}

type memoryTx struct{}

// Tx runs fn in a transaction; a Tx inside a Tx joins it.
func (m *Memory) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Value(memoryTx{}) != nil {
		return fn(ctx)
	}
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	before := memoryState{maps.Clone(m.state.challenges), maps.Clone(m.state.tallies)}
	m.mu.Unlock()
	err := fn(context.WithValue(ctx, memoryTx{}, true))
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

// note remembers a question; call it with mu held.
func (m *Memory) note(ctx context.Context, call string, needsTx bool) {
	if needsTx && ctx.Value(memoryTx{}) == nil {
		panic("pintest: " + call + " outside a transaction")
	}
	m.calls = append(m.calls, call)
}

// Noted notes a question to somebody else among those to the store.
func (m *Memory) Noted(call string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, call)
}

func (m *Memory) tally(s pin.Subject) pin.Tally {
	t := m.state.tallies[s]
	t.Times = slices.Clone(t.Times)
	return t
}

// Tally implements pin.Tallies.
func (m *Memory) Tally(ctx context.Context, s pin.Subject) (pin.Tally, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note(ctx, "tally "+string(s.Kind), false)
	return m.tally(s), nil
}

// HoldTally implements pin.Tallies.
func (m *Memory) HoldTally(ctx context.Context, s pin.Subject) (pin.Tally, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note(ctx, "hold tally "+string(s.Kind), true)
	return m.tally(s), nil
}

// KeepTally implements pin.Tallies.
func (m *Memory) KeepTally(ctx context.Context, s pin.Subject, t pin.Tally) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note(ctx, "keep tally "+string(s.Kind), true)
	t.Times = slices.Clone(t.Times)
	m.state.tallies[s] = t
	return nil
}

// Challenge implements pin.Challenges.
func (m *Memory) Challenge(ctx context.Context, login broker.LoginID) (pin.Challenge, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note(ctx, "challenge", false)
	return m.state.challenges[login], nil
}

// HoldToSend implements pin.Challenges.
func (m *Memory) HoldToSend(ctx context.Context, login broker.LoginID, person identity.PersonID, phone identity.Phone) (pin.Held, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note(ctx, "hold to send", true)
	c, ok := m.state.challenges[login]
	if !ok {
		c = pin.Challenge{Login: login, Person: person}
		m.state.challenges[login] = c
	}
	return pin.Held{
		Challenge: c,
		Wrong:     m.tally(pin.Subject{Kind: pin.WrongPINs, Value: string(person)}),
		SMS:       m.tally(pin.Subject{Kind: pin.SentSMS, Value: phone.Reveal()}),
	}, nil
}

// HoldToTry implements pin.Challenges.
func (m *Memory) HoldToTry(ctx context.Context, login broker.LoginID) (pin.Held, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note(ctx, "hold to try", true)
	c, ok := m.state.challenges[login]
	if !ok {
		return pin.Held{}, nil
	}
	return pin.Held{Challenge: c, Wrong: m.tally(pin.Subject{Kind: pin.WrongPINs, Value: string(c.Person)})}, nil
}

// KeepChallenge implements pin.Challenges.
func (m *Memory) KeepChallenge(ctx context.Context, c pin.Challenge) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note(ctx, "keep challenge", true)
	if old, ok := m.state.challenges[c.Login]; ok && old.SpentAt.IsZero() {
		m.state.challenges[c.Login] = c
	}
	return nil
}
