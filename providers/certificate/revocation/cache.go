package revocation

import (
	"context"
	"errors"
	"sync"
	"time"
)

// cache keeps values until their end, and lets one caller at a time fetch a missing
// one while the others wait for it.
type cache[V any] struct {
	most int
	now  func() time.Time

	mu   sync.Mutex
	kept map[string]*entry[V]
}

type entry[V any] struct {
	ready chan struct{} // closed when value, until and err are there
	value V
	until time.Time
	err   error
}

func newCache[V any](most int, now func() time.Time) *cache[V] {
	return &cache[V]{most: most, now: now, kept: map[string]*entry[V]{}}
}

// get gives the kept value, or fetches it. A failure is kept for nobody but those who
// waited for it.
func (c *cache[V]) get(ctx context.Context, key string, fetch func(ctx context.Context) (V, time.Time, error)) (V, error) {
	var none V
	c.mu.Lock()
	e, found := c.kept[key]
	if found && e.over(c.now()) {
		found = false
	}
	if found {
		c.mu.Unlock()
		select {
		case <-e.ready:
			return e.value, e.err
		case <-ctx.Done():
			return none, ctx.Err()
		}
	}
	e = &entry[V]{ready: make(chan struct{})}
	c.room()
	c.kept[key] = e
	c.mu.Unlock()

	e.err = errors.New("fetching it ended without an answer") // unless it returns
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if e.err != nil && c.kept[key] == e {
			delete(c.kept, key)
		}
		close(e.ready)
	}()
	// Others may wait for it when the caller's browser has left.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	e.value, e.until, e.err = fetch(ctx)
	return e.value, e.err
}

// over tells whether the entry was fetched and its time has passed.
func (e *entry[V]) over(now time.Time) bool {
	select {
	case <-e.ready:
		return !now.Before(e.until)
	default:
		return false
	}
}

// room drops what is over, and when nothing is, any one entry. The caller holds mu.
func (c *cache[V]) room() {
	if len(c.kept) < c.most {
		return
	}
	now := c.now()
	for key, e := range c.kept {
		if e.over(now) {
			delete(c.kept, key)
		}
	}
	for key := range c.kept {
		if len(c.kept) < c.most {
			return
		}
		delete(c.kept, key)
	}
}
