package pin

import (
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/tally"
)

// Challenge is what a login knows about its PIN. A login has one; a new PIN
// overwrites it.
type Challenge struct {
	Login  broker.LoginID
	Person identity.PersonID
	// Secret is what the PIN is compared with, its keyed hash; nil when no PIN
	// is live: none was sent yet, it was used, or a lock voided it.
	Secret []byte
	// Half is the citizen's own half and Last3 the end of the phone's number.
	// Both are kept sealed, and erased together with Secret.
	Half  string
	Last3 string
	// Way is how the last PIN travels; Shown is what the app shows, sealed and erased
	// like Half, and zero for an SMS.
	Way   Way
	Shown Shown
	// Sends and Wrong count within the login and never go down.
	Sends int
	Wrong int
	// SentAt and ExpiresAt are those of the last PIN; zero before it.
	SentAt    time.Time
	ExpiresAt time.Time
	// SpentAt is when the PIN proved what it had to; it ends the challenge.
	SpentAt time.Time
}

// Way is how a PIN gets to the citizen. The list is closed.
type Way string

// The ways.
const (
	BySMS Way = "sms"
	ByApp Way = "app" // the Cl@ve app shows it
)

// Shown is a PIN in the Cl@ve app, and the relying party that it is for.
type Shown struct {
	PIN   string `json:"pin"`
	Party string `json:"party"`
}

// live tells whether a PIN can be entered.
func (c Challenge) live(now time.Time) bool {
	return c.SpentAt.IsZero() && c.Secret != nil && now.Before(c.ExpiresAt)
}

// maySend decides whether a PIN may be sent: the reason why not, or nil. For an SMS
// nobody waits whose PIN went to an app that they do not have at hand. Messages to the
// phone and PINs in the app count together: both disturb the same person.
func maySend(c Challenge, by Way, wrong, sms tally.Tally, phoneLimit int, now time.Time) *Denied {
	switch {
	case !c.SpentAt.IsZero(), c.Wrong >= loginTries:
		return &Denied{Cause: Over}
	case wrong.Locked(now):
		return &Denied{Cause: MethodLocked, Until: wrong.LockedUntil}
	case c.Sends > 0 && now.Before(c.SentAt.Add(SendSpacing)) && (c.Way != ByApp || by != BySMS):
		return &Denied{Cause: TooSoon, Until: c.SentAt.Add(SendSpacing)}
	case c.Sends >= MaxSends:
		return &Denied{Cause: NoSendsLeft}
	}
	if until := sms.Full(smsLimits(phoneLimit), now); !until.IsZero() {
		return &Denied{Cause: PhoneFull, Until: until}
	}
	return nil
}

// sent is the challenge after a new PIN: the old one is void.
func (c Challenge) sent(person identity.PersonID, half, last3 string, secret []byte, now, loginEnds time.Time) Challenge {
	c.Person, c.Half, c.Last3, c.Secret = person, half, last3, secret
	c.Sends++
	c.SentAt, c.ExpiresAt = now, now.Add(Lifetime)
	if loginEnds.Before(c.ExpiresAt) {
		c.ExpiresAt = loginEnds
	}
	return c
}

// mayTry decides whether a PIN is looked at: the reason why not, or nil.
func mayTry(c Challenge, wrong tally.Tally, now time.Time) *Denied {
	switch {
	case !c.SpentAt.IsZero(), c.Wrong >= loginTries:
		return &Denied{Cause: Over}
	case wrong.Locked(now):
		return &Denied{Cause: MethodLocked, Until: wrong.LockedUntil}
	case c.Sends == 0:
		return &Denied{Cause: NoPIN}
	case !c.live(now), c.SentAt.Before(wrong.LockedUntil): // a lock voids what was sent before its end
		return &Denied{Cause: PINExpired}
	}
	return nil
}

// missed counts a wrong PIN, in the login and for the citizen.
func missed(c Challenge, wrong tally.Tally, now time.Time) (Challenge, tally.Tally, *Denied) {
	c.Wrong++
	wrong = wrongPIN(wrong, now)
	switch {
	case c.Wrong >= loginTries:
		return c.void(), wrong, &Denied{Cause: TriesSpent}
	case wrong.Locked(now):
		return c.void(), wrong, &Denied{Cause: MethodLocked, Until: wrong.LockedUntil}
	}
	return c, wrong, &Denied{Cause: WrongPIN, Left: triesLeft(c, wrong, now)}
}

// triesLeft plays on what further wrong PINs would lead to.
func triesLeft(c Challenge, wrong tally.Tally, now time.Time) int {
	for left := 1; ; left++ {
		if wrong = wrongPIN(wrong, now); c.Wrong+left >= loginTries || wrong.Locked(now) {
			return left
		}
	}
}

// spent is the challenge after the right PIN: used, and its secrets gone.
func (c Challenge) spent(now time.Time) Challenge {
	c = c.void()
	c.SpentAt = now
	return c
}

// void erases the secrets; counts and times stay.
func (c Challenge) void() Challenge {
	c.Secret, c.Half, c.Last3, c.Shown = nil, "", "", Shown{}
	return c
}
