package moviltest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/tally"
	"clave/providers/movil"
)

// Memory keeps devices, activations, requests and tallies in memory. Transactions run
// one at a time, and a failed one leaves nothing behind.
type Memory struct {
	writing sync.Mutex // held by the running transaction
	mu      sync.Mutex
	state   memoryState
}

type memoryState struct {
	devices     map[movil.DeviceID]movil.Device
	activations map[string]movil.Activation
	requests    map[broker.LoginID]movil.Request
	tallies     map[tally.Subject]tally.Tally
}

func (s memoryState) clone() memoryState {
	return memoryState{maps.Clone(s.devices), maps.Clone(s.activations), maps.Clone(s.requests), maps.Clone(s.tallies)}
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{state: memoryState{
		map[movil.DeviceID]movil.Device{}, map[string]movil.Activation{},
		map[broker.LoginID]movil.Request{}, map[tally.Subject]tally.Tally{},
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

// reads holds the state until leave is called.
func (m *Memory) reads() (leave func()) {
	m.mu.Lock()
	return m.mu.Unlock
}

// writes does so inside a transaction only.
func (m *Memory) writes(ctx context.Context) (leave func()) {
	if ctx.Value(memoryTxKey{}) == nil {
		panic("moviltest: written outside a transaction")
	}
	return m.reads()
}

// Tally implements tally.Store.
func (m *Memory) Tally(_ context.Context, s tally.Subject) (tally.Tally, error) {
	defer m.reads()()
	t := m.state.tallies[s]
	t.Times = slices.Clone(t.Times)
	return t, nil
}

// HoldTally implements tally.Store.
func (m *Memory) HoldTally(ctx context.Context, s tally.Subject) (tally.Tally, error) {
	m.writes(ctx)()
	return m.Tally(ctx, s)
}

// KeepTally implements tally.Store.
func (m *Memory) KeepTally(ctx context.Context, s tally.Subject, t tally.Tally) error {
	defer m.writes(ctx)()
	t.Times = slices.Clone(t.Times)
	m.state.tallies[s] = t
	return nil
}

// Device implements movil.Devices.
func (m *Memory) Device(_ context.Context, id movil.DeviceID) (movil.Device, error) {
	defer m.reads()()
	return m.state.devices[id], nil
}

// DeviceWith implements movil.Devices.
func (m *Memory) DeviceWith(_ context.Context, credential []byte) (movil.Device, error) {
	defer m.reads()()
	for _, d := range m.state.devices {
		if bytes.Equal(d.Passkey.ID, credential) {
			return d, nil
		}
	}
	return movil.Device{}, nil
}

// DevicesOf implements movil.Devices.
func (m *Memory) DevicesOf(_ context.Context, person identity.PersonID) ([]movil.Device, error) {
	defer m.reads()()
	var all []movil.Device
	for _, d := range m.state.devices {
		if d.Person == person {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b movil.Device) int {
		return cmp.Or(b.UsedAt.Compare(a.UsedAt), b.ActivatedAt.Compare(a.ActivatedAt), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// KeepDevice implements movil.Devices.
func (m *Memory) KeepDevice(ctx context.Context, d movil.Device) error {
	defer m.writes(ctx)()
	for _, other := range m.state.devices {
		if other.ID != d.ID && bytes.Equal(other.Passkey.ID, d.Passkey.ID) {
			return errors.New("moviltest: a passkey of two devices")
		}
	}
	m.state.devices[d.ID] = d
	return nil
}

// ForgetDevice implements movil.Devices.
func (m *Memory) ForgetDevice(ctx context.Context, id movil.DeviceID) error {
	defer m.writes(ctx)()
	delete(m.state.devices, id)
	return nil
}

// ForgetDevices forgets all that a person has, as the registrar does.
func (m *Memory) ForgetDevices(ctx context.Context, person identity.PersonID) error {
	defer m.writes(ctx)()
	maps.DeleteFunc(m.state.devices, func(_ movil.DeviceID, d movil.Device) bool { return d.Person == person })
	maps.DeleteFunc(m.state.activations, func(_ string, a movil.Activation) bool { return a.Person == person })
	for login, r := range m.state.requests {
		if r.Person == person && (r.State == movil.Open || r.State == movil.Claimed || r.State == movil.Approved) {
			r.State = movil.Replaced
			m.state.requests[login] = r
		}
	}
	return nil
}

// Activation implements movil.Activations.
func (m *Memory) Activation(_ context.Context, key string) (movil.Activation, error) {
	defer m.reads()()
	return m.state.activations[key], nil
}

// KeepActivation implements movil.Activations.
func (m *Memory) KeepActivation(ctx context.Context, a movil.Activation) error {
	defer m.writes(ctx)()
	m.state.activations[a.Key] = a
	return nil
}

// DropActivation implements movil.Activations.
func (m *Memory) DropActivation(ctx context.Context, key string) error {
	defer m.writes(ctx)()
	delete(m.state.activations, key)
	return nil
}

// Request implements movil.Requests.
func (m *Memory) Request(_ context.Context, id movil.RequestID) (movil.Request, error) {
	defer m.reads()()
	for _, r := range m.state.requests {
		if r.ID == id {
			return r, nil
		}
	}
	return movil.Request{}, nil
}

// RequestOf implements movil.Requests.
func (m *Memory) RequestOf(_ context.Context, login broker.LoginID) (movil.Request, error) {
	defer m.reads()()
	return m.state.requests[login], nil
}

// Waiting implements movil.Requests.
func (m *Memory) Waiting(_ context.Context, person identity.PersonID, now time.Time) (movil.Request, error) {
	defer m.reads()()
	for _, r := range m.state.requests {
		if r.Person == person && r.Waits(now) {
			return r, nil
		}
	}
	return movil.Request{}, nil
}

// KeepRequest implements movil.Requests.
func (m *Memory) KeepRequest(ctx context.Context, r movil.Request) error {
	defer m.writes(ctx)()
	m.state.requests[r.Login] = r
	return nil
}
