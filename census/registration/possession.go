package registration

import (
	"time"

	"clave/internal/tally"
)

// Possession is the proof that somebody holds a phone or an address, under way: a code
// that was sent there and has to come back. One procedure has one; a new code
// overwrites it.
type Possession struct {
	// Secret is what the code is compared with, its keyed hash; nil when no code is
	// live. It is bound to the procedure and to the destination.
	Secret []byte `json:"secret,omitempty"`
	// Last3 are the last digits of the phone, empty for an address.
	Last3 string `json:"last3,omitempty"`
	// Sends and Wrong count within the procedure and never go down.
	Sends     int       `json:"sends,omitempty"`
	Wrong     int       `json:"wrong,omitempty"`
	SentAt    time.Time `json:"sent_at,omitzero"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// Live tells whether a code can be entered.
func (p Possession) Live(now time.Time) bool { return p.Secret != nil && now.Before(p.ExpiresAt) }

// Over tells whether too many wrong codes were entered.
func (p Possession) Over() bool { return p.Wrong >= maxTries }

// MoreSends tells whether another code may be sent, now or in a moment.
func (p Possession) MoreSends() bool { return p.Sends < MaxSends && !p.Over() }

// maySend decides whether a code may be sent: the reason why not, or nil. phone and
// document are the messages to the phone or the address, and those asked for with the
// document.
func (p Possession) maySend(phone, document tally.Tally, phoneLimit, documentLimit int, now time.Time) *Denied {
	switch {
	case p.Over():
		return &Denied{Cause: TriesSpent}
	case p.Sends > 0 && now.Before(p.SentAt.Add(SendSpacing)):
		return &Denied{Cause: TooSoon, Until: p.SentAt.Add(SendSpacing)}
	case p.Sends >= MaxSends:
		return &Denied{Cause: NoSendsLeft}
	}
	if until := document.Full(perDay(documentLimit), now); !until.IsZero() {
		return &Denied{Cause: DocumentFull, Until: until}
	}
	if until := phone.Full(perDay(phoneLimit), now); !until.IsZero() {
		return &Denied{Cause: PhoneFull, Until: until}
	}
	return nil
}

// sent is the proof after a new code: the old one is void.
func (p Possession) sent(to destination, secret []byte, now time.Time) Possession {
	p.Secret, p.Last3 = secret, to.phone.Last3()
	p.Sends++
	p.SentAt, p.ExpiresAt = now, now.Add(to.life())
	return p
}

// mayTry decides whether a code is looked at: the reason why not, or nil.
func (p Possession) mayTry(now time.Time) *Denied {
	switch {
	case p.Over():
		return &Denied{Cause: TriesSpent}
	case !p.Live(now):
		return &Denied{Cause: CodeExpired}
	}
	return nil
}

// missed counts a wrong code.
func (p Possession) missed() (Possession, *Denied) {
	p.Wrong++
	if p.Over() {
		return p.void(), &Denied{Cause: TriesSpent}
	}
	return p, &Denied{Cause: WrongCode, Left: maxTries - p.Wrong}
}

// void erases the secret; counts and times stay.
func (p Possession) void() Possession {
	p.Secret = nil
	return p
}
