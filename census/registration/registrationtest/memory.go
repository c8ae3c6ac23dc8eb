// Package registrationtest has what tests of procedures need: a store in memory, and
// the suite that it and the real ones pass.
package registrationtest

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"

	"clave/census/registration"
	"clave/internal/tally"
)

// Memory keeps procedures and tallies. Transactions run one at a time, and a failed
// one leaves nothing behind.
type Memory struct {
	writing sync.Mutex // held by the running transaction
	mu      sync.Mutex
	rows    map[string]registration.Row
	tallies map[tally.Subject]tally.Tally
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{rows: map[string]registration.Row{}, tallies: map[tally.Subject]tally.Tally{}}
}

type txKey struct{}

type memoryTx struct{ commit []func() }

// OnCommit runs f when the transaction in ctx commits, or at once without one.
func OnCommit(ctx context.Context, f func()) {
	if tx, ok := ctx.Value(txKey{}).(*memoryTx); ok {
		tx.commit = append(tx.commit, f)
		return
	}
	f()
}

// Tx runs fn in a transaction; a Tx inside a Tx joins it.
func (m *Memory) Tx(ctx context.Context, fn func(ctx context.Context) error) error {
	if ctx.Value(txKey{}) != nil {
		return fn(ctx)
	}
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	rows, tallies := maps.Clone(m.rows), maps.Clone(m.tallies)
	m.mu.Unlock()
	tx := &memoryTx{}
	if err := fn(context.WithValue(ctx, txKey{}, tx)); err != nil {
		m.mu.Lock()
		m.rows, m.tallies = rows, tallies
		m.mu.Unlock()
		return err
	}
	for _, f := range tx.commit {
		f()
	}
	return nil
}

// AddProcedure implements registration.Store.
func (m *Memory) AddProcedure(_ context.Context, row registration.Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	row.Version = 1
	m.rows[row.ID] = row
	return nil
}

// ProcedureOf implements registration.Store.
func (m *Memory) ProcedureOf(_ context.Context, handle []byte) (registration.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, row := range m.rows {
		if bytes.Equal(row.Handle, handle) {
			return row, nil
		}
	}
	return registration.Row{}, registration.ErrNone
}

// KeepProcedure implements registration.Store.
func (m *Memory) KeepProcedure(_ context.Context, row registration.Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if held, ok := m.rows[row.ID]; !ok || held.Version != row.Version {
		return registration.ErrConflict
	}
	row.Version++
	m.rows[row.ID] = row
	return nil
}

// DropProcedure implements registration.Store.
func (m *Memory) DropProcedure(_ context.Context, handle []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.rows, func(_ string, row registration.Row) bool { return bytes.Equal(row.Handle, handle) })
	return nil
}

// Rows are all procedures.
func (m *Memory) Rows() []registration.Row {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.rows))
}

// Tally implements tally.Store.
func (m *Memory) Tally(_ context.Context, s tally.Subject) (tally.Tally, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.tallies[s]
	t.Times = slices.Clone(t.Times)
	return t, nil
}

// HoldTally implements tally.Store.
func (m *Memory) HoldTally(ctx context.Context, s tally.Subject) (tally.Tally, error) {
	if ctx.Value(txKey{}) == nil {
		panic("registrationtest: holding a tally outside a transaction")
	}
	return m.Tally(ctx, s)
}

// KeepTally implements tally.Store.
func (m *Memory) KeepTally(_ context.Context, s tally.Subject, t tally.Tally) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t.Times = slices.Clone(t.Times)
	m.tallies[s] = t
	return nil
}
