package pintest

import (
	"context"
	"sync"
	"time"

	"clave/identity"
	"clave/providers/providertest"
)

// Apps are the Cl@ve apps of those who have one.
type Apps struct {
	mu     sync.Mutex
	active map[identity.PersonID]bool
	woken  []identity.PersonID
}

// GiveApp gives some persons of a world over stores in memory the app, and takes it from
// all others.
func (w *World) GiveApp(persons ...identity.PersonID) *Apps {
	a, m := &Apps{active: map[identity.PersonID]bool{}}, w.Challenges.(*Memory)
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.devices)
	for _, person := range persons {
		a.active[person], m.devices[person] = true, 1
	}
	w.App = a
	return a
}

// Active implements pin.App.
func (a *Apps) Active(_ context.Context, person identity.PersonID) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.active[person], nil
}

// Wake implements pin.App.
func (a *Apps) Wake(ctx context.Context, person identity.PersonID, _ string, _ time.Time) error {
	providertest.OnCommit(ctx, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.woken = append(a.woken, person)
	})
	return nil
}

// Woken are those whose app was woken, in that order.
func (a *Apps) Woken() []identity.PersonID {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]identity.PersonID(nil), a.woken...)
}
