package pin

import (
	"testing"
	"time"

	"clave/internal/tally"
	"clave/internal/tally/tallytest"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// guess counts wrong PINs as fast as the locks allow, and tells when each was.
func guess(n int, every time.Duration) (tally.Tally, []time.Time) {
	var t tally.Tally
	var at []time.Time
	now := noon
	for range n {
		if t.Locked(now) {
			now = t.LockedUntil
		}
		t = wrongPIN(t, now)
		at = append(at, now)
		now = now.Add(every)
	}
	return t, at
}

func TestWrongPINLocks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		nth  int
		lock time.Duration
	}{
		{"nine lock nothing", 9, 0},
		{"the tenth in a day locks for an hour", 10, time.Hour},
		{"the eleventh for two", 11, 2 * time.Hour},
		{"the twelfth for four", 12, 4 * time.Hour},
		{"the thirteenth for eight", 13, 8 * time.Hour},
		{"the fourteenth for sixteen", 14, 16 * time.Hour},
		{"the fifteenth for a day, though the first ten are older than that", 15, 24 * time.Hour},
		{"and no longer", 16, 24 * time.Hour},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			counted, at := guess(test.nth, time.Second)
			last := at[len(at)-1]
			if !counted.Locked(last) {
				if test.lock != 0 {
					t.Fatalf("got no lock, want %v", test.lock)
				}
				return
			}
			if got := counted.LockedUntil.Sub(last); got != test.lock {
				t.Errorf("got %v, want %v", got, test.lock)
			}
		})
	}
}

func TestWrongPINsOfAMonth(t *testing.T) {
	t.Parallel()
	t.Run("nobody gets more than a hundred tries in a month, however patient", func(t *testing.T) {
		t.Parallel()
		for _, every := range []time.Duration{time.Second, time.Minute, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 25 * time.Hour} {
			var counted tally.Tally
			tries := 0
			for now := noon; now.Before(noon.Add(tally.Month)); now = now.Add(every) {
				if !counted.Locked(now) {
					counted = wrongPIN(counted, now)
					tries++
				}
				if counted.LockedUntil.After(now.Add(every)) && !counted.LockedUntil.Equal(tally.Indefinitely()) {
					now = counted.LockedUntil.Add(-every)
				}
			}
			if tries > monthTries {
				t.Errorf("every %v: got %d tries, want at most %d", every, tries, monthTries)
			}
		}
	})
	t.Run("the hundredth locks until the citizen proves otherwise who they are", func(t *testing.T) {
		t.Parallel()
		var counted tally.Tally
		for i := range monthTries {
			if i > 0 && counted.LockedUntil.Equal(tally.Indefinitely()) {
				t.Fatalf("got it after %d", i)
			}
			counted = wrongPIN(counted, noon.Add(time.Duration(i)*3*time.Hour))
		}
		if !counted.Locked(noon.Add(10 * 365 * tally.Day)) {
			t.Errorf("got a lock until %v, want one without end", counted.LockedUntil)
		}
		if got := counted.Expires(tally.WrongPINs); !got.IsZero() {
			t.Errorf("got a row that expires at %v, want one that stays", got)
		}
	})
	t.Run("what is older than a month is forgotten", func(t *testing.T) {
		t.Parallel()
		counted := wrongPIN(tallytest.Ago(noon, tallytest.Times(99, tally.Month)...), noon)
		if len(counted.Times) != 1 || counted.Locked(noon) {
			t.Errorf("got %d times and a lock until %v, want 1 and none", len(counted.Times), counted.LockedUntil)
		}
	})
	t.Run("a quiet day after a lock ends the series", func(t *testing.T) {
		t.Parallel()
		counted, _ := guess(12, time.Second)
		later := counted.LockedUntil.Add(seriesPause)
		if again := wrongPIN(counted, later); again.Locked(later) {
			t.Errorf("got a lock until %v, want none", again.LockedUntil)
		}
	})
	t.Run("counting leaves the tally it began with alone", func(t *testing.T) {
		t.Parallel()
		before := tallytest.Ago(noon, 3*time.Hour, time.Hour)
		before.Times = append(make([]time.Time, 0, 9), before.Times...)
		one, two := wrongPIN(before, noon), wrongPIN(before, noon.Add(time.Minute))
		if one.Times[2].Equal(two.Times[2]) {
			t.Error("got two tallies that share their memory")
		}
	})
}
