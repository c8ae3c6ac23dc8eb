// Package tally counts what is limited by subject and time, such as the wrong
// pairs of a document or the messages to a phone. It decides; a [Store] keeps.
package tally

import (
	"context"
	"slices"
	"time"
)

// Tally is when something that is limited happened to a subject, oldest first.
// The zero value is "never". One without times may have a lock all the same: what
// was sent before its end is void.
type Tally struct {
	Times []time.Time
	// LockedUntil is when the lock that these led to ends; see [Indefinitely].
	LockedUntil time.Time
}

// Subject is whom a tally is about.
type Subject struct {
	Kind Kind
	// Value is the document or phone in clear, or a person's id. Stores keep
	// what is personal only as a blind index.
	Value string
}

// Kind is what is counted. The list is closed.
type Kind string

// The kinds of tally.
const (
	WrongPairs Kind = "pair"  // by document
	WrongPINs  Kind = "wrong" // by person
	SentSMS    Kind = "sms"   // codes, by phone or address, and by the document on whose behalf they go

	WrongPasswords   Kind = "password"   // from browsers that nobody knows, by document
	KnownPasswords   Kind = "known"      // wrong ones from browsers that logged in before, by person
	WrongActivations Kind = "activation" // of Cl@ve Permanente, by document

	MovilRequests Kind = "movil_requests" // of Cl@ve Móvil by document and datum, by person
	MovilDisowned Kind = "movil_disowned" // "this was not me", by person
)

// Kinds are all kinds.
func Kinds() []Kind {
	return []Kind{WrongPairs, WrongPINs, SentSMS, WrongPasswords, KnownPasswords, WrongActivations, MovilRequests, MovilDisowned}
}

// Personal tells whether subjects of the kind identify somebody outside.
func (k Kind) Personal() bool {
	switch k {
	case WrongPINs, KnownPasswords, MovilRequests, MovilDisowned:
		return false
	case WrongPairs, SentSMS, WrongPasswords, WrongActivations:
	}
	return true
}

// keep is how long a tally of the kind has something to say after the last time.
func (k Kind) keep() time.Duration {
	switch k {
	case WrongPINs, KnownPasswords:
		return Month
	case WrongPasswords:
		return 2 * Day // a lock lasts a day at most, and the series goes on for one more
	case WrongPairs, SentSMS, WrongActivations, MovilRequests, MovilDisowned:
	}
	return Day
}

// The periods of the limits.
const (
	Day   = 24 * time.Hour
	Month = 30 * Day
)

// Store keeps tallies. A subject that nothing was counted of has the zero Tally.
type Store interface {
	// Tally reads a tally.
	Tally(ctx context.Context, s Subject) (Tally, error)
	// HoldTally reads a tally and holds it until the transaction in ctx ends. There
	// is nothing to hold of what was never counted: of two transactions that keep the
	// first count, one is run again.
	HoldTally(ctx context.Context, s Subject) (Tally, error)
	// KeepTally writes a tally that the transaction in ctx holds.
	KeepTally(ctx context.Context, s Subject, t Tally) error
}

// Window is at most so many within a time.
type Window struct {
	Most   int
	Within time.Duration
}

// Indefinitely is the end of a lock that no passing of time ends.
func Indefinitely() time.Time { return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }

// Count tells how many fall into the time before now.
func (t Tally) Count(within time.Duration, now time.Time) int {
	for i, at := range t.Times {
		if now.Before(at.Add(within)) {
			return len(t.Times) - i
		}
	}
	return 0
}

// Full tells until when one of the limits is reached, or the zero time when
// there is room in all of them.
func (t Tally) Full(limits []Window, now time.Time) time.Time {
	var until time.Time
	for _, l := range limits {
		if n := t.Count(l.Within, now); n >= l.Most {
			if room := t.Times[len(t.Times)-l.Most].Add(l.Within); room.After(until) {
				until = room
			}
		}
	}
	return until
}

// With adds now and forgets what is older than keep. The slice is a new one.
func (t Tally) With(now time.Time, keep time.Duration) Tally {
	old := t.Times[len(t.Times)-t.Count(keep, now):]
	t.Times = append(slices.Clone(old), now)
	return t
}

// Locked tells whether the lock holds.
func (t Tally) Locked(now time.Time) bool { return now.Before(t.LockedUntil) }

// Expires is when a tally of the kind has nothing left to say and its row may be
// deleted; the zero time is never.
func (t Tally) Expires(kind Kind) time.Time {
	last := t.LockedUntil // of a lock that nothing counted led to
	if n := len(t.Times); n > 0 {
		last = t.Times[n-1]
	}
	if last.IsZero() || t.LockedUntil.Equal(Indefinitely()) {
		return time.Time{}
	}
	return last.Add(kind.keep())
}
