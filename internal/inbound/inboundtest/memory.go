// Package inboundtest has what tests of fronts need: a store in memory, and the suite
// that every store passes.
package inboundtest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"clave/internal/inbound"
)

// Memory implements inbound.Store and forgets everything with the test.
type Memory struct {
	mu     sync.Mutex
	spent  map[string]time.Time
	posted map[string]posted
}

type posted struct {
	request []byte
	expires time.Time
}

// NewMemory makes an empty store.
func NewMemory() *Memory {
	return &Memory{spent: map[string]time.Time{}, posted: map[string]posted{}}
}

// Spent tells until when each request is remembered.
func (m *Memory) Spent() []time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.spent))
}

// SpendRequest implements inbound.Store.
func (m *Memory) SpendRequest(_ context.Context, hash []byte, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.spent[string(hash)]; ok {
		return inbound.ErrSeen
	}
	m.spent[string(hash)] = expires
	return nil
}

// KeepPosted implements inbound.Store.
func (m *Memory) KeepPosted(_ context.Context, hash, request []byte, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.posted[string(hash)] = posted{request, expires}
	return nil
}

// TakePosted implements inbound.Store.
func (m *Memory) TakePosted(_ context.Context, hash []byte, now time.Time) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.posted[string(hash)]
	delete(m.posted, string(hash))
	if !ok || !now.Before(p.expires) {
		return nil, inbound.ErrGone
	}
	return p.request, nil
}
