package permanente

import (
	"time"

	"clave/identity"
	"clave/internal/tally"
)

func fromUnknown(document identity.DocumentID) tally.Subject {
	return tally.Subject{Kind: tally.WrongPasswords, Value: document.Reveal()}
}

func fromKnown(person identity.PersonID) tally.Subject {
	return tally.Subject{Kind: tally.KnownPasswords, Value: string(person)}
}

func wrongActivations(document identity.DocumentID) tally.Subject {
	return tally.Subject{Kind: tally.WrongActivations, Value: document.Reveal()}
}

func smsTo(phone identity.Phone) tally.Subject {
	return tally.Subject{Kind: tally.SentSMS, Value: phone.Reveal()}
}

// counts are the wrong passwords that matter to a try.
type counts struct{ unknown, known tally.Tally }

// mayTry decides whether a password is looked at: the reason why not, or nil. That a
// person's password is locked is told to a browser that nobody knows only after the
// right one, or everybody would learn who has one.
func (c counts) mayTry(browserKnown bool, now time.Time) *Denied {
	switch {
	case browserKnown && c.known.Locked(now):
		return &Denied{Cause: PasswordLocked}
	case !browserKnown && c.unknown.Locked(now):
		return &Denied{Cause: BrowsersLocked, Until: c.unknown.LockedUntil}
	}
	return nil
}

// missedUnknown counts a wrong password from a browser that nobody knows and sets the
// lock that it leads to.
func missedUnknown(t tally.Tally, now time.Time) tally.Tally {
	next := t.With(now, 2*tally.Day)
	switch {
	case inSeries(t, now):
		length := t.LockedUntil.Sub(t.Times[len(t.Times)-1])
		next.LockedUntil = now.Add(min(2*length, longestLock))
	case next.Count(tally.Day, now) >= passwordTries:
		next.LockedUntil = now.Add(firstLock)
	}
	return next
}

// inSeries tells whether the last wrong one led to a lock, and that ended so recently
// that the next one doubles it.
func inSeries(t tally.Tally, now time.Time) bool {
	return len(t.Times) > 0 && t.LockedUntil.After(t.Times[len(t.Times)-1]) && now.Before(t.LockedUntil.Add(seriesPause))
}

// missedKnown counts a wrong password from a browser that logged in before.
func missedKnown(t tally.Tally, now time.Time) tally.Tally {
	next := t.With(now, tally.Month)
	if len(next.Times) >= knownTries {
		next.LockedUntil = tally.Indefinitely()
	}
	return next
}
