// Package keystest has what tests need of package keys: a store in memory, the
// suite that every store passes, and a ring with fixed keys for golden files.
package keystest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"clave/keys"
)

// Memory is a keys.Store that forgets everything with the test. The zero value
// is ready. Nodes of one installation share one.
type Memory struct {
	mu      sync.Mutex
	records map[string]keys.Record
}

// Keys returns all records, oldest first.
func (m *Memory) Keys(ctx context.Context) ([]keys.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	records := make([]keys.Record, 0, len(m.records))
	for _, r := range m.records {
		r.Sealed, r.Public = slices.Clone(r.Sealed), slices.Clone(r.Public)
		records = append(records, r)
	}
	slices.SortFunc(records, func(a, b keys.Record) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return records, nil
}

// AddKey adds a record unless its ID or its place is taken.
func (m *Memory) AddKey(ctx context.Context, r keys.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.records[r.ID]; taken || r.State != keys.Retired && m.holder(r.Use, r.Alg, r.State) != "" {
		return keys.ErrConflict
	}
	if m.records == nil {
		m.records = map[string]keys.Record{}
	}
	r.Sealed, r.Public = slices.Clone(r.Sealed), slices.Clone(r.Public)
	r.CreatedAt, r.ActivatesAt, r.RetiresAt = stored(r.CreatedAt), stored(r.ActivatesAt), stored(r.RetiresAt)
	m.records[r.ID] = r
	return nil
}

// ChangeKey reschedules or promotes a next key.
func (m *Memory) ChangeKey(ctx context.Context, id string, from, to keys.State, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.records[id]
	if !ok || r.State != from || from != keys.Next || to == keys.Retired {
		return keys.ErrConflict
	}
	if to == keys.Active {
		if old := m.holder(r.Use, r.Alg, keys.Active); old != "" {
			retired := m.records[old]
			retired.State, retired.RetiresAt = keys.Retired, stored(at)
			m.records[old] = retired
		}
	}
	r.State, r.ActivatesAt = to, stored(at)
	m.records[id] = r
	return nil
}

// RemoveKey deletes a retired key.
func (m *Memory) RemoveKey(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records[id].State != keys.Retired {
		return keys.ErrConflict
	}
	delete(m.records, id)
	return nil
}

// Tamper changes a stored record behind the product's back, as somebody with
// access to the database could.
func (m *Memory) Tamper(id string, change func(*keys.Record)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.records[id]
	change(&r)
	m.records[id] = r
}

// holder returns the ID of the key in that place, or "".
func (m *Memory) holder(use keys.Use, alg string, state keys.State) string {
	for id, r := range m.records {
		if r.Use == use && r.Alg == alg && r.State == state {
			return id
		}
	}
	return ""
}

// stored gives a time the zone and precision of a database.
func stored(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Microsecond)
}
