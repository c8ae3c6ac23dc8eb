// Package audittest has an audit trail in memory.
package audittest

import (
	"context"
	"slices"
	"sync"

	"clave/audit"
)

// Trail keeps the events of committed transactions. It implements audit.Trail.
type Trail struct {
	// OnCommit runs f once the transaction in ctx is committed; nil is at once.
	OnCommit func(ctx context.Context, f func())

	mu     sync.Mutex
	events []audit.Event
}

// Record implements audit.Trail.
func (r *Trail) Record(ctx context.Context, e audit.Event) error {
	take := func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, e)
	}
	if r.OnCommit == nil {
		take()
	} else {
		r.OnCommit(ctx, take)
	}
	return nil
}

// Events are the events of the kinds, of all when none is given, the oldest first.
func (r *Trail) Events(kinds ...audit.Kind) []audit.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.events), func(e audit.Event) bool {
		return len(kinds) > 0 && !slices.Contains(kinds, e.Data.Kind())
	})
}
