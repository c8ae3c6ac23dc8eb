package throttle

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Tally is a count of one key in one window.
type Tally struct {
	Key string
	// Window is the beginning of the window; Ends its end.
	Window, Ends time.Time
	Count        int64
}

// TallyStore keeps the totals of all nodes.
type TallyStore interface {
	// Count adds each tally's Count to the total of its key and window, all in
	// one commit, and returns the totals in the same order. Totals of windows
	// that ended before now may be deleted.
	Count(ctx context.Context, now time.Time, add []Tally) (totals []int64, err error)
}

// Limit is how many a key may have in a window.
type Limit struct {
	// Prefix of the keys that it is for; the longest that fits decides.
	Prefix string
	Most   int64
}

// Budget counts keys in windows of fixed length over all nodes. Allow looks at
// memory only: a count in the transaction of each login would make all logins
// of a country wait for one row. So the total may be exceeded by what all nodes
// allow between two flushes.
type Budget struct {
	window time.Duration
	limits []Limit
	store  TallyStore
	now    func() time.Time

	mu      sync.Mutex
	tallies map[tallyKey]*tally
}

type tallyKey struct {
	key    string
	window int64 // unix nanoseconds of its beginning
}

// tally is what this node knows of a key in a window.
type tally struct {
	total   int64 // all nodes', at the last flush
	pending int64 // ours since then
	flying  int64 // ours, being flushed
}

// NewBudget returns a budget whose windows begin at multiples of window (UTC).
// A key that no limit is for is never allowed.
func NewBudget(window time.Duration, limits []Limit, store TallyStore, now func() time.Time) *Budget {
	return &Budget{window: window, limits: limits, store: store, now: now, tallies: map[tallyKey]*tally{}}
}

// limit is the longest prefix's; false when there is none.
func (b *Budget) limit(key string) (most int64, ok bool) {
	length := -1
	for _, l := range b.limits {
		if strings.HasPrefix(key, l.Prefix) && len(l.Prefix) > length {
			length, most, ok = len(l.Prefix), l.Most, true
		}
	}
	return most, ok
}

// Allow counts one more of key, unless its budget is spent.
func (b *Budget) Allow(key string) bool {
	most, ok := b.limit(key)
	if !ok {
		return false
	}
	at := tallyKey{key, b.now().Truncate(b.window).UnixNano()}
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tallies[at]
	if t == nil {
		t = &tally{}
		b.tallies[at] = t
	}
	if t.total+t.pending+t.flying >= most {
		return false
	}
	t.pending++
	return true
}

// RetryAfter is how long the present window still lasts.
func (b *Budget) RetryAfter() time.Duration {
	now := b.now()
	return now.Truncate(b.window).Add(b.window).Sub(now)
}

// Run flushes each every (our choice: a second) until ctx ends, and then once
// more.
func (b *Budget) Run(ctx context.Context, every time.Duration, logger *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for last := false; !last; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			last = true
		}
		flushing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		if err := b.Flush(flushing); err != nil {
			logger.Error("flushing budgets failed", "error", err)
		}
		cancel()
	}
}

// Flush adds what this node counted to the store and learns the totals of all
// nodes. What could not be stored is kept for the next time; until then this
// node's own counts bind it.
func (b *Budget) Flush(ctx context.Context) error {
	now := b.now()
	add := b.takeOff(now)
	if len(add) == 0 {
		return nil
	}
	totals, err := b.store.Count(ctx, now, add)
	if err == nil && len(totals) != len(add) {
		err = fmt.Errorf("%d totals for %d counts", len(totals), len(add))
	}
	b.land(add, totals, err == nil)
	if err != nil {
		return fmt.Errorf("counting budgets: %w", err)
	}
	return nil
}

// takeOff lists what is to be stored and forgets windows that are over.
func (b *Budget) takeOff(now time.Time) []Tally {
	b.mu.Lock()
	defer b.mu.Unlock()
	var add []Tally
	current := now.Truncate(b.window).UnixNano()
	for at, t := range b.tallies {
		if t.flying > 0 {
			continue // another flush has it
		}
		if t.pending == 0 {
			if at.window != current {
				delete(b.tallies, at)
			}
			continue
		}
		window := time.Unix(0, at.window).UTC()
		add = append(add, Tally{Key: at.key, Window: window, Ends: window.Add(b.window), Count: t.pending})
		t.flying, t.pending = t.pending, 0
	}
	return add
}

// land notes the totals, or takes back what could not be stored.
func (b *Budget) land(add []Tally, totals []int64, stored bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, a := range add {
		t := b.tallies[tallyKey{a.Key, a.Window.UnixNano()}]
		if stored {
			t.total = totals[i]
		} else {
			t.pending += t.flying
		}
		t.flying = 0
	}
}
