package registry

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memory is a Store in memory.
type memory struct {
	mu       sync.Mutex
	register Register
	broken   error
	reads    int
}

func (m *memory) Revision(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.register.Revision, m.broken
}

func (m *memory) Register(context.Context) (Register, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	return m.register, m.broken
}

func (m *memory) Change(_ context.Context, c Change) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.Base != m.register.Revision {
		return 0, ErrChanged
	}
	m.register = Register{Revision: c.Base + 1, Parties: c.Put}
	return m.register.Revision, nil
}

func (m *memory) breakWith(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = err
}

func TestAChangeIsOnEveryNodeWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	party := registerOf(t, service("a", "a", nifTown, "web-a")).Parties
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		store := &memory{}
		log := slog.New(slog.DiscardHandler)
		var nodes []*Registry
		var running sync.WaitGroup
		for range 2 {
			node, err := Open(ctx, store, log)
			if err != nil {
				t.Fatal(err)
			}
			nodes = append(nodes, node)
			running.Go(func() { node.Run(ctx) })
		}
		if _, err := store.Change(ctx, Change{Put: party}); err != nil {
			t.Fatal(err)
		}
		store.breakWith(errors.New("away"))
		time.Sleep(3 * time.Second) // the bubble's clock: one poll fails
		for _, node := range nodes {
			if node.Snapshot().Revision != 0 {
				t.Error("a node read from a store that was away")
			}
		}
		store.breakWith(nil)
		time.Sleep(2 * time.Second)
		for _, node := range nodes {
			if _, ok := node.Snapshot().Party("a"); !ok {
				t.Error("a node does not know the party after five seconds")
			}
		}
		reads := store.reads
		time.Sleep(time.Minute)
		if store.reads != reads {
			t.Error("an unchanged register is read again")
		}
		stop()
		running.Wait()
	})
}

func TestOpenNeedsTheStore(t *testing.T) {
	t.Parallel()
	if _, err := Open(t.Context(), &memory{broken: errors.New("away")}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("opened without a store")
	}
}
