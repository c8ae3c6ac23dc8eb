package pin

import (
	"time"

	"clave/internal/tally"
)

// wrongPIN counts one more wrong PIN and sets the lock that it leads to.
func wrongPIN(t tally.Tally, now time.Time) tally.Tally {
	next := t.With(now, tally.Month)
	switch {
	case len(next.Times) >= monthTries:
		next.LockedUntil = tally.Indefinitely()
	case inSeries(t, now):
		length := t.LockedUntil.Sub(t.Times[len(t.Times)-1])
		next.LockedUntil = now.Add(min(2*length, longestLock))
	case next.Count(tally.Day, now) >= dayTries:
		next.LockedUntil = now.Add(firstLock)
	}
	return next
}

// inSeries tells whether the last wrong PIN led to a lock, and that ended so recently
// that the next one doubles it.
func inSeries(t tally.Tally, now time.Time) bool {
	return len(t.Times) > 0 && t.LockedUntil.After(t.Times[len(t.Times)-1]) && now.Before(t.LockedUntil.Add(seriesPause))
}
