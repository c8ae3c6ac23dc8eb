package throttle

import (
	"testing"
	"time"

	"clave/internal/clocktest"
)

// clock is a clock that tests move.
func newClock() *clocktest.Clock { return clocktest.At(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)) }

func TestLimiter(t *testing.T) {
	t.Parallel()
	t.Run("a burst passes, then the rate rules", func(t *testing.T) {
		t.Parallel()
		clock := newClock()
		l := NewLimiter[string](Rate{PerSecond: 2, Burst: 3}, 10, clock.Now)
		for i := range 3 {
			if ok, wait := l.Take("a"); !ok || wait != 0 {
				t.Fatalf("take %d: %v, %s", i, ok, wait)
			}
		}
		if ok, wait := l.Take("a"); ok || wait != 500*time.Millisecond {
			t.Errorf("got %v, %s, want a refusal for 500ms", ok, wait)
		}
		clock.Pass(500 * time.Millisecond)
		if ok, _ := l.Take("a"); !ok {
			t.Error("still refused when told to come back")
		}
	})
	t.Run("a refusal costs nothing", func(t *testing.T) {
		t.Parallel()
		clock := newClock()
		l := NewLimiter[string](Rate{PerSecond: 1, Burst: 1}, 10, clock.Now)
		l.Take("a")
		for range 1000 {
			l.Take("a")
		}
		if _, wait := l.Take("a"); wait != time.Second {
			t.Errorf("after a thousand refusals the wait is %s", wait)
		}
	})
	t.Run("keys do not share", func(t *testing.T) {
		t.Parallel()
		l := NewLimiter[string](Rate{PerSecond: 1, Burst: 1}, 10, newClock().Now)
		l.Take("a")
		if ok, _ := l.Take("b"); !ok {
			t.Error("b pays for a")
		}
	})
	t.Run("patience turns a short refusal into a wait, and waits add up", func(t *testing.T) {
		t.Parallel()
		l := NewLimiter[string](Rate{PerSecond: 2, Burst: 1}, 10, newClock().Now)
		for i, want := range []time.Duration{0, 500 * time.Millisecond, time.Second} {
			if ok, wait := l.TakeWithin("a", time.Second); !ok || wait != want {
				t.Errorf("take %d: %v, %s, want %s", i, ok, wait, want)
			}
		}
		if ok, wait := l.TakeWithin("a", time.Second); ok || wait != 1500*time.Millisecond {
			t.Errorf("got %v, %s", ok, wait)
		}
	})
	t.Run("the bucket longest unused makes room", func(t *testing.T) {
		t.Parallel()
		l := NewLimiter[string](Rate{PerSecond: 1, Burst: 1}, 2, newClock().Now)
		l.Take("a")
		l.Take("b")
		l.Take("a") // refused, but used
		l.Take("c") // b goes
		if ok, _ := l.Take("a"); ok {
			t.Error("a was forgotten")
		}
		if got := l.Keys(); got != 2 {
			t.Errorf("%d keys are remembered, want 2", got)
		}
		if ok, _ := l.Take("b"); !ok {
			t.Error("b was not forgotten")
		}
	})
	t.Run("a flood of addresses costs bounded memory", func(t *testing.T) {
		t.Parallel()
		l := NewLimiter[int](Rate{PerSecond: 1, Burst: 1}, 100, newClock().Now)
		for i := range 10_000 {
			l.Take(i)
		}
		if got := l.Keys(); got != 100 {
			t.Errorf("%d keys are remembered", got)
		}
	})
	t.Run("no burst means no", func(t *testing.T) {
		t.Parallel()
		l := NewLimiter[string](Rate{}, 1, newClock().Now)
		if ok, wait := l.Take("a"); ok || wait <= 0 {
			t.Errorf("got %v, %s", ok, wait)
		}
	})
}
