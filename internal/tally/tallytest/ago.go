// Package tallytest makes tallies for tests of limits.
package tallytest

import (
	"time"

	"clave/internal/tally"
)

// Ago counts what happened so long before now, oldest first.
func Ago(now time.Time, durations ...time.Duration) tally.Tally {
	var t tally.Tally
	for _, d := range durations {
		t.Times = append(t.Times, now.Add(-d))
	}
	return t
}

// Times is n times the same.
func Times(n int, at time.Duration) []time.Duration {
	all := make([]time.Duration, n)
	for i := range all {
		all[i] = at
	}
	return all
}
