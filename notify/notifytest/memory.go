package notifytest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"clave/notify"
)

// Stored is a row with what became of it.
type Stored struct {
	notify.Row
	State      notify.State
	ProviderID string
}

// Memory is a notify.Store in memory, without transactions: what is added is
// committed at once.
type Memory struct {
	mu   sync.Mutex
	rows map[string]*Stored
	// Commits counts calls that changed something, claims those of Claim.
	commits, claims int
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{rows: map[string]*Stored{}} }

// Commits tells how many calls changed something.
func (m *Memory) Commits() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.commits
}

// Claims tells how often rows were asked for.
func (m *Memory) Claims() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.claims
}

// Inspect returns a row; the zero value when there is none.
func (m *Memory) Inspect(id string) Stored {
	m.mu.Lock()
	defer m.mu.Unlock()
	if row := m.rows[id]; row != nil {
		return *row
	}
	return Stored{}
}

func (m *Memory) finish(row *Stored, state notify.State) {
	row.State, row.Sealed = state, nil
}

// Add implements notify.Store.
func (m *Memory) Add(_ context.Context, row notify.Row, committed func()) error {
	m.mu.Lock()
	if m.rows[row.ID] != nil {
		m.mu.Unlock()
		return errors.New("the id is taken")
	}
	if row.Replaces != "" {
		maps.DeleteFunc(m.rows, func(_ string, other *Stored) bool {
			return other.Replaces == row.Replaces && other.State == notify.Waiting
		})
	}
	m.rows[row.ID] = &Stored{Row: row, State: notify.Waiting}
	m.commits++
	m.mu.Unlock()
	committed()
	return nil
}

// Claim implements notify.Store.
func (m *Memory) Claim(_ context.Context, lane notify.Lane, now, until time.Time, limit int) ([]notify.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.claims++
	var due []*Stored
	for _, row := range m.rows {
		if row.State == notify.Waiting && row.Lane == lane && !row.DueAt.After(now) && row.ExpiresAt.After(now) {
			due = append(due, row)
		}
	}
	slices.SortFunc(due, func(a, b *Stored) int { return a.DueAt.Compare(b.DueAt) })
	var claimed []notify.Row
	for _, row := range due[:min(limit, len(due))] {
		row.DueAt = until
		row.Tries++
		claimed = append(claimed, row.Row)
	}
	if len(claimed) > 0 {
		m.commits++
	}
	return claimed, nil
}

// Settle implements notify.Store.
func (m *Memory) Settle(_ context.Context, settlements []notify.Settlement) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commits++
	for _, s := range settlements {
		row := m.rows[s.ID]
		switch {
		case row == nil || row.State != notify.Waiting:
		case s.State == notify.HandedOver && s.ProviderID == "":
			delete(m.rows, s.ID)
		case s.State != notify.Waiting:
			m.finish(row, s.State)
			row.ProviderID = s.ProviderID
		case row.Tries == s.Tries:
			row.DueAt = s.DueAt
		}
	}
	return nil
}

// Confirm implements notify.Store.
func (m *Memory) Confirm(_ context.Context, receipts []notify.Receipt) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.commits++
	for _, receipt := range receipts {
		for _, row := range m.rows {
			if row.ProviderID == receipt.ProviderID && row.State == notify.HandedOver {
				row.State = receipt.State
			}
		}
	}
	return nil
}

// Sweep implements notify.Store.
func (m *Memory) Sweep(_ context.Context, now time.Time) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var expired int64
	for id, row := range m.rows {
		switch {
		case row.State == notify.Waiting && !row.ExpiresAt.After(now) && !row.DueAt.After(now):
			m.finish(row, notify.Expired)
			expired++
		case row.State != notify.Waiting && !row.SweepAt.After(now):
			delete(m.rows, id)
		}
	}
	if expired > 0 {
		m.commits++
	}
	return expired, nil
}
