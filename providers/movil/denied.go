package movil

import (
	"errors"
	"time"

	"clave/broker"
)

// Cause is why something proved nothing, or leads no further now. The list is closed.
type Cause string

// The causes of logins.
const (
	// WrongPair: document and datum do not belong together. Nothing more is told.
	WrongPair Cause = "wrong_pair"
	// PairLocked: too many wrong pairs with this document; Until tells the end.
	PairLocked Cause = "pair_locked"
	// Refused: the person is known and cannot log in so; Reason tells why.
	Refused Cause = "refused"
	// NoDevice: the person has no device that is activated.
	NoDevice Cause = "no_device"
	// Blocked: the person said "this was not me"; Until tells the end.
	Blocked Cause = "blocked"
	// TooMany: too many requests by document; Until tells the end.
	TooMany Cause = "too_many"
	// Waiting: another login's request waits for the person; Until tells the end.
	Waiting Cause = "waiting"
	// Stale: the QR is too old, or was never one.
	Stale Cause = "stale"
	// Taken: somebody else's device took the request first.
	Taken Cause = "taken"
	// WrongDigits: Left tells how many more may be tried.
	WrongDigits Cause = "wrong_digits"
	// DigitsSpent: that was the last one; the request is void.
	DigitsSpent Cause = "digits_spent"
	// NotApproved: no device has approved yet.
	NotApproved Cause = "not_approved"
	// Gone: the request was decided, replaced or spent, or its time is over.
	Gone Cause = "gone"
	// NoProof: the signatures prove nothing for this.
	NoProof Cause = "no_proof"
	// UnknownPasskey: it is none of an activated device.
	UnknownPasskey Cause = "unknown_passkey"
	// TooLow: a passkey without its device reaches less than the service demands.
	TooLow Cause = "too_low"
	// Over: the login has its evidence, or has ended; or another tab was quicker.
	Over Cause = "over"
)

// The causes of activation and of what the app does on its own, beside those above.
const (
	// TooSoon: the last code was sent less than SendSpacing ago; Until tells when.
	TooSoon Cause = "too_soon"
	// NoSendsLeft: MaxSends codes were sent.
	NoSendsLeft Cause = "no_sends_left"
	// PhoneFull: the phone had its messages of the day; Until tells the end.
	PhoneFull Cause = "phone_full"
	// NoBudget: too many messages are being sent just now.
	NoBudget Cause = "no_budget"
	// WrongCode: Left tells how many more may be tried.
	WrongCode Cause = "wrong_code"
	// TriesSpent: that was the last one.
	TriesSpent Cause = "tries_spent"
	// CodeExpired: the code is too old, or the phone is another one by now. It was
	// not looked at.
	CodeExpired Cause = "code_expired"
	// NoActivation: this browser is not activating a device, or took too long.
	NoActivation Cause = "no_activation"
	// TooManyDevices: one has to be removed first.
	TooManyDevices Cause = "too_many_devices"
	// AlreadyActive: the passkey is one of an active device.
	AlreadyActive Cause = "already_active"
	// BadName: a device's name is empty, too long or not text.
	BadName Cause = "bad_name"
)

// ErrCode says that what was typed cannot be a code, so that it is no try.
var ErrCode = errors.New("a code has six digits")

// Denied is an answer that is not a mistake. What had to be counted was.
type Denied struct {
	Cause  Cause
	Until  time.Time
	Left   int
	Reason broker.Reason
}

// Error names the cause and nothing personal.
func (d *Denied) Error() string { return "movil denied: " + string(d.Cause) }

// denial is what an error says to the citizen: nil when it is a mistake of ours.
func denial(err error) *Denied {
	var denied *Denied
	switch {
	case errors.As(err, &denied):
		return denied
	case errors.Is(err, broker.ErrEnded), errors.Is(err, broker.ErrOtherPerson):
		return &Denied{Cause: Over}
	}
	return nil
}

// told replaces an error by what it says to the citizen.
func told(err error) error {
	if d := denial(err); d != nil {
		return d
	}
	return err
}

// settled gives what a transaction said: an error, or what it committed.
func settled(err error, said *Denied) error {
	switch {
	case err != nil:
		return told(err)
	case said != nil:
		return said
	}
	return nil
}
