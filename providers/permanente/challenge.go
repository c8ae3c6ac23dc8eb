package permanente

import (
	"context"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/tally"
	"clave/providers/permanente/password"
)

// Purpose is what a code is for. The list is closed.
type Purpose string

// The purposes.
const (
	ForLogin  Purpose = "login"
	ForSet    Purpose = "set"    // a new password after an activation code
	ForChange Purpose = "change" // of one's own, logged in
)

// Challenge is a code under way. A new code overwrites it.
type Challenge struct {
	// Key is the login's id, or the hash of what the browser holds.
	Key     string
	Purpose Purpose
	Person  identity.PersonID
	// Document, Phone and Pending are kept sealed. Pending is the hash that a change
	// is about.
	Document identity.DocumentID
	Phone    identity.Phone
	Pending  password.Hash
	// Session is the one that a change is made in; empty otherwise. It is kept sealed.
	Session broker.SessionID
	// Secret is what the code is compared with, its keyed hash; nil when no code is
	// live.
	Secret []byte
	// Sends and Wrong never go down.
	Sends, Wrong      int
	SentAt, ExpiresAt time.Time
	// ProvenAt is when the code was right; it ends the code.
	ProvenAt time.Time
}

// Challenges keep codes under way.
type Challenges interface {
	// Challenge reads one and, inside a transaction, holds it; the zero value when
	// there is none.
	Challenge(ctx context.Context, key string) (Challenge, error)
	// KeepChallenge writes one that the transaction in ctx has read.
	KeepChallenge(ctx context.Context, c Challenge) error
	// DropChallenge deletes one.
	DropChallenge(ctx context.Context, key string) error
}

func (c Challenge) live(now time.Time) bool {
	return c.ProvenAt.IsZero() && c.Secret != nil && now.Before(c.ExpiresAt)
}

// maySend decides whether a code may be sent: the reason why not, or nil.
func (c Challenge) maySend(sms tally.Tally, phoneLimit int, now time.Time) *Denied {
	switch {
	case !c.ProvenAt.IsZero():
		return &Denied{Cause: Over}
	case c.Wrong >= codeTries:
		return &Denied{Cause: TriesSpent}
	case c.Sends > 0 && now.Before(c.SentAt.Add(SendSpacing)):
		return &Denied{Cause: TooSoon, Until: c.SentAt.Add(SendSpacing)}
	case c.Sends >= MaxSends:
		return &Denied{Cause: NoSendsLeft}
	}
	if until := sms.Full(smsLimits(phoneLimit), now); !until.IsZero() {
		return &Denied{Cause: PhoneFull, Until: until}
	}
	return nil
}

// sent is the challenge after a new code: the old one is void.
func (c Challenge) sent(secret []byte, now, ends time.Time) Challenge {
	c.Secret = secret
	c.Sends++
	c.SentAt, c.ExpiresAt = now, now.Add(CodeLifetime)
	if !ends.IsZero() && ends.Before(c.ExpiresAt) {
		c.ExpiresAt = ends
	}
	return c
}

// mayTry decides whether a code is looked at: the reason why not, or nil.
func (c Challenge) mayTry(now time.Time) *Denied {
	switch {
	case c.Key == "":
		return &Denied{Cause: NoCode}
	case !c.ProvenAt.IsZero():
		return &Denied{Cause: Over}
	case c.Wrong >= codeTries:
		return &Denied{Cause: TriesSpent}
	case !c.live(now):
		return &Denied{Cause: CodeExpired}
	}
	return nil
}

// missed counts a wrong code.
func (c Challenge) missed() (Challenge, *Denied) {
	c.Wrong++
	if c.Wrong >= codeTries {
		c.Secret = nil
		return c, &Denied{Cause: TriesSpent}
	}
	return c, &Denied{Cause: WrongCode, Left: codeTries - c.Wrong}
}

// proven is the challenge after the right code.
func (c Challenge) proven(now time.Time) Challenge {
	c.Secret, c.ProvenAt = nil, now
	return c
}

// settable tells whether a password may be set on the strength of it.
func (c Challenge) settable(now time.Time) bool {
	return c.Purpose == ForSet && !c.ProvenAt.IsZero() && now.Before(c.ProvenAt.Add(settingTime))
}
