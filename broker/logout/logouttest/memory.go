// Package logouttest has what tests of logouts need: a store in memory, and the suite
// that every store passes.
package logouttest

import (
	"context"
	"slices"
	"sync"
	"time"

	"clave/broker"
	"clave/broker/logout"
)

// Memory implements logout.Store and forgets everything with the test. One lock stands
// for the transactions of a database; what a failed one wrote stays.
type Memory struct {
	turn         sync.Mutex // of transactions
	mu           sync.Mutex
	participants []logout.Participant
	logouts      map[logout.ID]logout.Logout
}

// NewMemory makes an empty store.
func NewMemory() *Memory { return &Memory{logouts: map[logout.ID]logout.Logout{}} }

type txKey struct{}

// Tx runs one transaction after the other; one inside another joins it.
func (m *Memory) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Value(txKey{}) != nil {
		return fn(ctx)
	}
	m.turn.Lock()
	defer m.turn.Unlock()
	return fn(context.WithValue(ctx, txKey{}, true))
}

// AddParticipant implements logout.Store.
func (m *Memory) AddParticipant(_ context.Context, p logout.Participant) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.participants = slices.DeleteFunc(m.participants, func(old logout.Participant) bool {
		return old.Session == p.Session && old.Front == p.Front && old.Service == p.Service
	})
	m.participants = append(m.participants, p)
	return nil
}

// Participants implements logout.Store.
func (m *Memory) Participants(_ context.Context, session broker.SessionID) ([]logout.Participant, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []logout.Participant
	for _, p := range m.participants {
		if p.Session == session {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b logout.Participant) int { return a.At.Compare(b.At) })
	return all, nil
}

// SaveLogout implements logout.Store.
func (m *Memory) SaveLogout(_ context.Context, l logout.Logout) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	l.Visits = slices.Clone(l.Visits)
	m.logouts[l.ID] = l
	return nil
}

// Logout implements logout.Store.
func (m *Memory) Logout(_ context.Context, id logout.ID, now time.Time) (logout.Logout, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.logouts[id]
	if !ok || !now.Before(l.Deadline) {
		return logout.Logout{}, logout.ErrNoLogout
	}
	l.Visits = slices.Clone(l.Visits)
	return l, nil
}

// Kept is how many logouts were written.
func (m *Memory) Kept() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.logouts)
}
