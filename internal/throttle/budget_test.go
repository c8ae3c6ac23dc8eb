package throttle

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"
)

// tallies is a TallyStore in memory that can be made to fail.
type tallies struct {
	mu     sync.Mutex
	totals map[tallyKey]int64
	calls  int
	broken bool
}

func newTallies() *tallies { return &tallies{totals: map[tallyKey]int64{}} }

func (s *tallies) Count(_ context.Context, _ time.Time, add []Tally) ([]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.broken {
		return nil, errors.New("the database is away")
	}
	var totals []int64
	for _, a := range add {
		at := tallyKey{a.Key, a.Window.UnixNano()}
		s.totals[at] += a.Count
		totals = append(totals, s.totals[at])
	}
	return totals, nil
}

func TestBudget(t *testing.T) {
	t.Parallel()
	limits := []Limit{{"sms:country:", 3}, {"sms:country:34", 5}, {"sms:rp:", 2}}
	allowed := func(b *Budget, key string) (n int) {
		for b.Allow(key) {
			n++
		}
		return n
	}
	t.Run("the longest prefix decides, and what has no limit is refused", func(t *testing.T) {
		t.Parallel()
		b := NewBudget(time.Hour, limits, newTallies(), newClock().Now)
		for key, want := range map[string]int{"sms:country:34": 5, "sms:country:355": 3, "sms:rp:town": 2, "mail:rp:town": 0} {
			if got := allowed(b, key); got != want {
				t.Errorf("%s: %d allowed, want %d", key, got, want)
			}
		}
	})
	t.Run("a new window is a new budget", func(t *testing.T) {
		t.Parallel()
		clock := newClock()
		b := NewBudget(time.Hour, limits, newTallies(), clock.Now)
		allowed(b, "sms:rp:town")
		clock.Pass(15 * time.Minute)
		if got, want := b.RetryAfter(), 45*time.Minute; got != want {
			t.Errorf("the window lasts %s, want %s", got, want)
		}
		clock.Pass(45 * time.Minute)
		if got := allowed(b, "sms:rp:town"); got != 2 {
			t.Errorf("%d allowed, want 2", got)
		}
	})
	t.Run("nodes learn each other's counts at a flush", func(t *testing.T) {
		t.Parallel()
		clock, store := newClock(), newTallies()
		one, two := NewBudget(time.Hour, limits, store, clock.Now), NewBudget(time.Hour, limits, store, clock.Now)
		for range 3 {
			one.Allow("sms:country:34")
		}
		two.Allow("sms:country:34")
		for _, b := range []*Budget{one, two} {
			if err := b.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := allowed(two, "sms:country:34"); got != 1 {
			t.Errorf("the second node allows %d more, want 1", got)
		}
	})
	t.Run("counts are stored once, and nothing is stored when nothing happened", func(t *testing.T) {
		t.Parallel()
		clock, store := newClock(), newTallies()
		b := NewBudget(time.Hour, limits, store, clock.Now)
		b.Allow("sms:rp:town")
		for range 3 {
			if err := b.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := store.totals[tallyKey{"sms:rp:town", clock.Now().UnixNano()}]; got != 1 || store.calls != 1 {
			t.Errorf("stored %d in %d calls", got, store.calls)
		}
	})
	t.Run("while the store is away a node's own counts bind it, and are stored later", func(t *testing.T) {
		t.Parallel()
		clock, store := newClock(), newTallies()
		store.broken = true
		b := NewBudget(time.Hour, limits, store, clock.Now)
		if got := allowed(b, "sms:country:34"); got != 5 {
			t.Fatalf("%d allowed", got)
		}
		for range 2 {
			if err := b.Flush(t.Context()); err == nil {
				t.Fatal("no error")
			}
		}
		if b.Allow("sms:country:34") {
			t.Error("allowed past the limit")
		}
		store.broken = false
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := store.totals[tallyKey{"sms:country:34", clock.Now().UnixNano()}]; got != 5 {
			t.Errorf("stored %d, want 5", got)
		}
	})
	t.Run("what was counted in a window that is over is stored there, and then forgotten", func(t *testing.T) {
		t.Parallel()
		clock, store := newClock(), newTallies()
		b := NewBudget(time.Hour, limits, store, clock.Now)
		start := clock.Now().UnixNano()
		b.Allow("sms:rp:town")
		clock.Pass(2 * time.Hour)
		for range 2 {
			if err := b.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := store.totals[tallyKey{"sms:rp:town", start}]; got != 1 {
			t.Errorf("stored %d, want 1", got)
		}
		if got := len(b.tallies); got != 0 {
			t.Errorf("%d windows are remembered", got)
		}
	})
	t.Run("many at once are all counted, and none beyond the limit", func(t *testing.T) {
		t.Parallel()
		clock, store := newClock(), newTallies()
		b := NewBudget(time.Hour, []Limit{{"", 1000}}, store, clock.Now)
		var mu sync.Mutex
		total := 0
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				n := 0
				for range 200 {
					if b.Allow("k") {
						n++
					}
					if n%50 == 0 {
						_ = b.Flush(t.Context()) // never fails here
					}
				}
				mu.Lock()
				total += n
				mu.Unlock()
			})
		}
		wg.Wait()
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if stored := store.totals[tallyKey{"k", clock.Now().UnixNano()}]; total != 1000 || stored != 1000 {
			t.Errorf("allowed %d, stored %d, want 1000", total, stored)
		}
	})
	t.Run("the end stores what is left", func(t *testing.T) {
		t.Parallel()
		clock, store := newClock(), newTallies()
		b := NewBudget(time.Hour, limits, store, clock.Now)
		b.Allow("sms:rp:town")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); b.Run(ctx, time.Hour, slog.New(slog.DiscardHandler)) }()
		cancel()
		<-done
		if got := store.totals[tallyKey{"sms:rp:town", clock.Now().UnixNano()}]; got != 1 {
			t.Errorf("stored %d, want 1", got)
		}
	})
}
