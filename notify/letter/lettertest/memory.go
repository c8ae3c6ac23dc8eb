// Package lettertest lends tests a store of letters in memory, the suite that it and the
// real one pass, and a letter to a made-up citizen.
package lettertest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"clave/notify/letter"
)

// Stored is a letter with where it stands.
type Stored struct {
	letter.Letter
	State letter.State
	Batch string
}

// Memory is a letter.Queue and letter.Batches in memory, without transactions: what is
// done is committed at once. The zero value is ready.
type Memory struct {
	mu      sync.Mutex
	letters []*Stored
	batches []*letter.Batch
}

// Inspect returns a letter; the zero value when there is none. What was erased is empty.
func (m *Memory) Inspect(number string) Stored {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.find(number); s != nil {
		return *s
	}
	return Stored{}
}

// Queued returns the letters that wait, the oldest first.
func (m *Memory) Queued() []letter.Letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	var waiting []letter.Letter
	for _, s := range m.letters {
		if s.State == letter.Queued {
			waiting = append(waiting, s.Letter)
		}
	}
	return waiting
}

func (m *Memory) find(number string) *Stored {
	for _, s := range m.letters {
		if s.Number == number {
			return s
		}
	}
	return nil
}

func (s *Stored) settle(state letter.State) {
	s.State, s.Code, s.To, s.Language = state, "", letter.Recipient{}, ""
}

// AddLetter implements letter.Queue.
func (m *Memory) AddLetter(_ context.Context, l letter.Letter) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.find(l.Number) != nil {
		return fmt.Errorf("queueing letter %s: the number is taken", l.Number)
	}
	m.letters = append(m.letters, &Stored{Letter: l, State: letter.Queued})
	return nil
}

// DropLetter implements letter.Queue.
func (m *Memory) DropLetter(_ context.Context, number string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.find(number); s != nil && s.State == letter.Queued && s.Batch == "" {
		s.settle(letter.Dropped)
	}
	return nil
}

// ReturnLetter implements letter.Queue.
func (m *Memory) ReturnLetter(_ context.Context, number string, _ time.Time) (letter.Purpose, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.find(number)
	if s == nil || s.State != letter.HandedOver {
		return "", false, nil
	}
	s.State = letter.Returned
	return s.Purpose, true, nil
}

// OpenBatch implements letter.Batches.
func (m *Memory) OpenBatch(_ context.Context, spool string, now time.Time, limit int) (letter.Batch, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.batches {
		if b.Spool == spool && b.State != letter.Published {
			return m.shown(b), nil
		}
	}
	waiting := slices.Clone(m.letters)
	waiting = slices.DeleteFunc(waiting, func(s *Stored) bool {
		return s.State != letter.Queued || s.Batch != "" || !s.ExpiresAt.After(now.Add(letter.Worth))
	})
	if len(waiting) == 0 {
		return letter.Batch{}, nil
	}
	slices.SortFunc(waiting, func(a, b *Stored) int {
		return cmp.Or(a.QueuedAt.Compare(b.QueuedAt), cmp.Compare(a.Number, b.Number))
	})
	waiting = waiting[:min(limit, len(waiting))]
	b := &letter.Batch{ID: fmt.Sprintf("batch-%d", len(m.batches)+1), State: letter.Open, Spool: spool, CreatedAt: now, Count: len(waiting)}
	for _, s := range waiting {
		s.Batch = b.ID
	}
	m.batches = append(m.batches, b)
	return m.shown(b), nil
}

func (m *Memory) shown(b *letter.Batch) letter.Batch {
	shown := *b
	for _, s := range m.letters {
		if s.Batch == b.ID && s.State == letter.Queued {
			shown.Letters = append(shown.Letters, s.Letter)
		}
	}
	slices.SortFunc(shown.Letters, func(a, b letter.Letter) int { return cmp.Compare(a.Number, b.Number) })
	return shown
}

// BatchStaged implements letter.Batches.
func (m *Memory) BatchStaged(_ context.Context, id string, _ time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.batches {
		if b.ID == id && b.State == letter.Open {
			b.State = letter.Staged
			for _, s := range m.letters {
				if s.Batch == id {
					s.settle(letter.HandedOver)
				}
			}
			return true, nil
		}
	}
	return false, nil
}

// BatchPublished implements letter.Batches.
func (m *Memory) BatchPublished(_ context.Context, id string, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.batches {
		if b.ID == id && b.State == letter.Staged {
			b.State = letter.Published
		}
	}
	return nil
}
