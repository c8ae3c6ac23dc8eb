package pin

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func ago(durations ...time.Duration) Tally {
	var t Tally
	for _, d := range durations {
		t.Times = append(t.Times, noon.Add(-d))
	}
	return t
}

func times(n int, at time.Duration) []time.Duration {
	all := make([]time.Duration, n)
	for i := range all {
		all[i] = at
	}
	return all
}

func TestPairLimits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		tally Tally
		until time.Time
	}{
		{"nothing counted leaves room", Tally{}, time.Time{}},
		{"four in the hour leave room", ago(times(4, time.Minute)...), time.Time{}},
		{"five in the hour lock until the first is an hour old", ago(50*time.Minute, 4*time.Minute, 3*time.Minute, 2*time.Minute, 0), noon.Add(10 * time.Minute)},
		{"an hour to the moment is over", ago(time.Hour, 4*time.Minute, 3*time.Minute, 2*time.Minute, 0), time.Time{}},
		{"nineteen in the day leave room", ago(times(19, 5*time.Hour)...), time.Time{}},
		{"twenty in the day lock until the first is a day old", ago(times(20, 5*time.Hour)...), noon.Add(19 * time.Hour)},
		{"of two limits the later end counts", ago(append(times(15, 23*time.Hour+30*time.Minute), times(5, 10*time.Minute)...)...), noon.Add(50 * time.Minute)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.tally.full(pairLimits(), noon); !got.Equal(test.until) {
				t.Errorf("got %v, want %v", got, test.until)
			}
		})
	}
}

// guess counts wrong PINs as fast as the locks allow, and tells when each was.
func guess(n int, every time.Duration) (Tally, []time.Time) {
	var t Tally
	var at []time.Time
	now := noon
	for range n {
		if t.locked(now) {
			now = t.LockedUntil
		}
		t = t.wrongPIN(now)
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
			tally, at := guess(test.nth, time.Second)
			last := at[len(at)-1]
			if !tally.locked(last) {
				if test.lock != 0 {
					t.Fatalf("got no lock, want %v", test.lock)
				}
				return
			}
			if got := tally.LockedUntil.Sub(last); got != test.lock {
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
			var tally Tally
			tries := 0
			for now := noon; now.Before(noon.Add(month)); now = now.Add(every) {
				if !tally.locked(now) {
					tally = tally.wrongPIN(now)
					tries++
				}
				if tally.LockedUntil.After(now.Add(every)) && !tally.LockedUntil.Equal(Indefinitely()) {
					now = tally.LockedUntil.Add(-every)
				}
			}
			if tries > monthTries {
				t.Errorf("every %v: got %d tries, want at most %d", every, tries, monthTries)
			}
		}
	})
	t.Run("the hundredth locks until the citizen proves otherwise who they are", func(t *testing.T) {
		t.Parallel()
		var tally Tally
		for i := range monthTries {
			if i > 0 && tally.LockedUntil.Equal(Indefinitely()) {
				t.Fatalf("got it after %d", i)
			}
			tally = tally.wrongPIN(noon.Add(time.Duration(i) * 3 * time.Hour))
		}
		if !tally.locked(noon.Add(10 * 365 * day)) {
			t.Errorf("got a lock until %v, want one without end", tally.LockedUntil)
		}
		if got := tally.Expires(WrongPINs); !got.IsZero() {
			t.Errorf("got a row that expires at %v, want one that stays", got)
		}
	})
	t.Run("what is older than a month is forgotten", func(t *testing.T) {
		t.Parallel()
		tally := ago(times(99, month)...).wrongPIN(noon)
		if len(tally.Times) != 1 || tally.locked(noon) {
			t.Errorf("got %d times and a lock until %v, want 1 and none", len(tally.Times), tally.LockedUntil)
		}
	})
	t.Run("a quiet day after a lock ends the series", func(t *testing.T) {
		t.Parallel()
		tally, _ := guess(12, time.Second)
		later := tally.LockedUntil.Add(seriesPause)
		if again := tally.wrongPIN(later); again.locked(later) {
			t.Errorf("got a lock until %v, want none", again.LockedUntil)
		}
	})
	t.Run("counting leaves the tally it began with alone", func(t *testing.T) {
		t.Parallel()
		before := ago(3*time.Hour, time.Hour)
		before.Times = append(make([]time.Time, 0, 9), before.Times...)
		one, two := before.wrongPIN(noon), before.wrongPIN(noon.Add(time.Minute))
		if one.Times[2].Equal(two.Times[2]) {
			t.Error("got two tallies that share their memory")
		}
	})
}
