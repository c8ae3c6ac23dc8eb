package pin

import (
	"time"

	"clave/broker"
)

// Cause is why no PIN was sent, or why the one typed did not count as right. The
// list is closed.
type Cause string

// The causes.
const (
	// WrongPair: document and datum do not belong together. Nothing more is told.
	WrongPair Cause = "wrong_pair"
	// PairLocked: too many wrong pairs with this document; Until tells the end.
	PairLocked Cause = "pair_locked"
	// Refused: the pair is right and the person cannot log in so; Reason tells why.
	Refused Cause = "refused"
	// MethodLocked: too many wrong PINs; Until tells the end, or [tally.Indefinitely].
	MethodLocked Cause = "method_locked"
	// TooSoon: the last PIN was sent less than SendSpacing ago; Until tells when.
	TooSoon Cause = "too_soon"
	// NoSendsLeft: this login sent MaxSends PINs.
	NoSendsLeft Cause = "no_sends_left"
	// PhoneFull: the phone had its messages of the day; Until tells the end.
	PhoneFull Cause = "phone_full"
	// NoBudget: too many messages are being sent to that country or for that
	// relying party just now.
	NoBudget Cause = "no_budget"
	// WrongPIN: Left tells how many more may be tried.
	WrongPIN Cause = "wrong_pin"
	// TriesSpent: that was the last one; the login has ended.
	TriesSpent Cause = "tries_spent"
	// PINExpired: the PIN is too old, or a lock voided it. It was not looked at.
	PINExpired Cause = "pin_expired"
	// NoPIN: no PIN was sent in this login.
	NoPIN Cause = "no_pin"
	// Over: the PIN was used, or the login has ended meanwhile. The dispatcher
	// knows how it goes on.
	Over Cause = "over"
)

// Denied is an answer of Obtain and Enter that is not a mistake: it says why
// nothing was sent or proven. What had to be counted was.
type Denied struct {
	Cause  Cause
	Until  time.Time
	Left   int
	Reason broker.Reason
	// Live: a PIN that was sent before may still be entered.
	Live bool
}

// Error names the cause and nothing personal.
func (d *Denied) Error() string { return "pin denied: " + string(d.Cause) }
