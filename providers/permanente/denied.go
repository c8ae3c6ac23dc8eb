package permanente

import (
	"errors"
	"time"

	"clave/broker"
	"clave/providers/permanente/password"
)

// Cause is why something proved nothing, or leads no further now. The list is closed.
type Cause string

// The causes.
const (
	// WrongPassword: document and password do not belong together. Nothing more is
	// told.
	WrongPassword Cause = "wrong_password"
	// BrowsersLocked: too many wrong passwords from browsers that nobody knows; Until
	// tells the end.
	BrowsersLocked Cause = "browsers_locked"
	// PasswordLocked: too many from a browser that logged in before; it ends with a
	// new password.
	PasswordLocked Cause = "password_locked"
	// PasswordExpired: it is right, and too old.
	PasswordExpired Cause = "password_expired"
	// Refused: the password is right and the person cannot log in so; Reason tells
	// why.
	Refused Cause = "refused"
	// Busy: too many passwords wait to be compared, or it was changed meanwhile.
	Busy Cause = "busy"
	// WrongActivation: document, address and activation code do not belong together.
	WrongActivation Cause = "wrong_activation"
	// ActivationLocked: too many wrong ones with this document; Until tells the end.
	ActivationLocked Cause = "activation_locked"
	// EmailUnconfirmed: all of it is right, and the address was never confirmed.
	EmailUnconfirmed Cause = "email_unconfirmed"
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
	// NoCode: there is nothing to enter a code for.
	NoCode Cause = "no_code"
	// BadPassword: the new one is not good; Problems tell why.
	BadPassword Cause = "bad_password"
	// Over: another tab was quicker.
	Over Cause = "over"
)

// Denied is an answer that is not a mistake. What had to be counted was.
type Denied struct {
	Cause    Cause
	Until    time.Time
	Left     int
	Reason   broker.Reason
	Problems []password.Problem
}

// Error names the cause and nothing personal.
func (d *Denied) Error() string { return "permanente denied: " + string(d.Cause) }

// ErrCode says that what was typed cannot be a code, so that it is no try.
var ErrCode = errors.New("a code has six digits")

// denial is what an error says to the citizen: nil when it is a mistake of ours.
func denial(err error) *Denied {
	var denied *Denied
	switch {
	case errors.As(err, &denied):
		return denied
	case errors.Is(err, password.ErrBusy):
		return &Denied{Cause: Busy}
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
