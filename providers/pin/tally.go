package pin

import (
	"slices"
	"time"
)

// Tally is when something that is limited happened to a subject, oldest first.
// The zero value is "never".
type Tally struct {
	Times []time.Time
	// LockedUntil is when the lock that these led to ends; see [Indefinitely].
	LockedUntil time.Time
}

// Subject is whom a tally is about.
type Subject struct {
	Kind TallyKind
	// Value is the document or phone in clear, or a person's id. Stores keep
	// what is personal only as a blind index.
	Value string
}

// TallyKind is what is counted. The list is closed.
type TallyKind string

// The kinds of tally.
const (
	WrongPairs TallyKind = "pair"  // by document
	WrongPINs  TallyKind = "wrong" // by person
	SentSMS    TallyKind = "sms"   // by phone
)

// Indefinitely is the end of a lock that no passing of time ends.
func Indefinitely() time.Time { return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }

// count tells how many fall into the time before now.
func (t Tally) count(within time.Duration, now time.Time) int {
	for i, at := range t.Times {
		if now.Before(at.Add(within)) {
			return len(t.Times) - i
		}
	}
	return 0
}

// full tells until when one of the limits is reached, or the zero time when
// there is room in all of them.
func (t Tally) full(limits []window, now time.Time) time.Time {
	var until time.Time
	for _, l := range limits {
		if n := t.count(l.within, now); n >= l.most {
			if room := t.Times[len(t.Times)-l.most].Add(l.within); room.After(until) {
				until = room
			}
		}
	}
	return until
}

// with adds now and forgets what is older than keep. The slice is a new one.
func (t Tally) with(now time.Time, keep time.Duration) Tally {
	old := t.Times[len(t.Times)-t.count(keep, now):]
	t.Times = append(slices.Clone(old), now)
	return t
}

// locked tells whether the lock holds.
func (t Tally) locked(now time.Time) bool { return now.Before(t.LockedUntil) }

// wrongPIN counts one more wrong PIN and sets the lock that it leads to.
func (t Tally) wrongPIN(now time.Time) Tally {
	next := t.with(now, month)
	switch {
	case len(next.Times) >= monthTries:
		next.LockedUntil = Indefinitely()
	case t.inSeries(now):
		length := t.LockedUntil.Sub(t.Times[len(t.Times)-1])
		next.LockedUntil = now.Add(min(2*length, longestLock))
	case next.count(day, now) >= dayTries:
		next.LockedUntil = now.Add(firstLock)
	default:
		next.LockedUntil = time.Time{}
	}
	return next
}

// inSeries tells whether a lock ended so recently that the next wrong PIN
// doubles it.
func (t Tally) inSeries(now time.Time) bool {
	return !t.LockedUntil.IsZero() && len(t.Times) > 0 && now.Before(t.LockedUntil.Add(seriesPause))
}

// Expires is when a tally of the kind has nothing left to say and its row may be
// deleted; the zero time is never.
func (t Tally) Expires(kind TallyKind) time.Time {
	if len(t.Times) == 0 {
		return time.Time{}
	}
	last := t.Times[len(t.Times)-1]
	switch kind {
	case WrongPINs:
		if t.LockedUntil.Equal(Indefinitely()) {
			return time.Time{}
		}
		return last.Add(month)
	case WrongPairs, SentSMS:
	}
	return last.Add(day)
}
