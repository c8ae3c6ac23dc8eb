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
	default:
		next.LockedUntil = time.Time{}
	}
	return next
}

// inSeries tells whether a lock ended so recently that the next wrong PIN
// doubles it.
func inSeries(t tally.Tally, now time.Time) bool {
	return !t.LockedUntil.IsZero() && len(t.Times) > 0 && now.Before(t.LockedUntil.Add(seriesPause))
}
