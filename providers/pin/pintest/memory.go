package pintest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/tally"
	"clave/providers/pin"
)

// Memory keeps challenges and tallies in memory. Transactions run one at a time,
// and a failed one leaves nothing behind. It remembers which questions it was
// asked, so that tests can compare them, and panics where something is written
// that the transaction does not hold.
type Memory struct {
	writing sync.Mutex // held by the running transaction
	mu      sync.Mutex
	state   memoryState
	calls   []string
	devices map[identity.PersonID]int
}

type memoryState struct {
	challenges map[broker.LoginID]pin.Challenge
	tallies    map[tally.Subject]tally.Tally
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{devices: map[identity.PersonID]int{}, state: memoryState{map[broker.LoginID]pin.Challenge{}, map[tally.Subject]tally.Tally{}}}
}

// memoryTx is what a transaction holds: tallies, and challenges by login.
type memoryTx struct{ held map[any]bool }

type memoryTxKey struct{}

func held(ctx context.Context) map[any]bool {
	if tx, ok := ctx.Value(memoryTxKey{}).(memoryTx); ok {
		return tx.held
	}
	return nil
}

// Tx runs fn in a transaction; a Tx inside a Tx joins it.
func (m *Memory) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if held(ctx) != nil {
		return fn(ctx)
	}
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	before := memoryState{maps.Clone(m.state.challenges), maps.Clone(m.state.tallies)}
	m.mu.Unlock()
	err := fn(context.WithValue(ctx, memoryTxKey{}, memoryTx{map[any]bool{}}))
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

// reads notes a question; call it with mu held.
func (m *Memory) reads(call string) { m.calls = append(m.calls, call) }

// holds notes a question that holds what it reads.
func (m *Memory) holds(ctx context.Context, call string, what ...any) {
	if held(ctx) == nil {
		panic("pintest: " + call + " outside a transaction")
	}
	for _, one := range what {
		held(ctx)[one] = true
	}
	m.calls = append(m.calls, call)
}

// writes notes what must be held to be written.
func (m *Memory) writes(ctx context.Context, call string, what any) {
	if !held(ctx)[what] {
		panic("pintest: " + call + " of what the transaction does not hold")
	}
	m.calls = append(m.calls, call)
}

func wrongPINsOf(person identity.PersonID) tally.Subject {
	return tally.Subject{Kind: tally.WrongPINs, Value: string(person)}
}

func smsTo(phone identity.Phone) tally.Subject {
	return tally.Subject{Kind: tally.SentSMS, Value: phone.Reveal()}
}

// Noted notes a question to somebody else among those to the store.
func (m *Memory) Noted(call string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, call)
}

func (m *Memory) tally(s tally.Subject) tally.Tally {
	t := m.state.tallies[s]
	t.Times = slices.Clone(t.Times)
	return t
}

// Tally implements tally.Store.
func (m *Memory) Tally(ctx context.Context, s tally.Subject) (tally.Tally, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads("tally " + string(s.Kind))
	return m.tally(s), nil
}

// HoldTally implements tally.Store.
func (m *Memory) HoldTally(ctx context.Context, s tally.Subject) (tally.Tally, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.holds(ctx, "hold tally "+string(s.Kind), s)
	return m.tally(s), nil
}

// KeepTally implements tally.Store.
func (m *Memory) KeepTally(ctx context.Context, s tally.Subject, t tally.Tally) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes(ctx, "keep tally "+string(s.Kind), s)
	t.Times = slices.Clone(t.Times)
	m.state.tallies[s] = t
	return nil
}

// Challenge implements pin.Challenges.
func (m *Memory) Challenge(ctx context.Context, login broker.LoginID) (pin.Challenge, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads("challenge")
	return m.state.challenges[login], nil
}

// HoldToSend implements pin.Challenges.
func (m *Memory) HoldToSend(ctx context.Context, login broker.LoginID, person identity.PersonID, phone identity.Phone) (pin.Held, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.holds(ctx, "hold to send", login, smsTo(phone))
	c, ok := m.state.challenges[login]
	if !ok {
		c = pin.Challenge{Login: login, Person: person}
	}
	return pin.Held{
		Challenge: c,
		Wrong:     m.tally(wrongPINsOf(person)),
		SMS:       m.tally(smsTo(phone)),
		Devices:   m.devices[person],
	}, nil
}

// HoldToTry implements pin.Challenges.
func (m *Memory) HoldToTry(ctx context.Context, login broker.LoginID) (pin.Held, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.state.challenges[login]
	m.holds(ctx, "hold to try", login)
	if !ok {
		return pin.Held{}, nil
	}
	return pin.Held{Challenge: c, Wrong: m.tally(wrongPINsOf(c.Person))}, nil
}

// Showing implements pin.Challenges.
func (m *Memory) Showing(_ context.Context, person identity.PersonID, now time.Time) ([]pin.Challenge, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var showing []pin.Challenge
	for _, c := range m.state.challenges {
		if c.Person == person && c.Shown != (pin.Shown{}) && c.ExpiresAt.After(now) {
			showing = append(showing, c)
		}
	}
	slices.SortFunc(showing, func(a, b pin.Challenge) int { return b.SentAt.Compare(a.SentAt) })
	return showing, nil
}

// KeepChallenge implements pin.Challenges.
func (m *Memory) KeepChallenge(ctx context.Context, c pin.Challenge) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes(ctx, "keep challenge", c.Login)
	if m.state.challenges[c.Login].SpentAt.IsZero() {
		m.state.challenges[c.Login] = c
	}
	return nil
}
