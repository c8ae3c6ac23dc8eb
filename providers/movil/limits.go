package movil

import (
	"time"

	"clave/identity"
	"clave/internal/tally"
)

// Limits of devices and their activation.
const (
	// CodeLifetime is how long a code may be used after it was sent, CodeLength its
	// digits. A code is asked for at most MaxSends times, SendSpacing apart, and
	// codeTries wrong ones end it.
	// Source: our choice; login.gov has ten minutes, six digits and ten tries.
	CodeLifetime = 10 * time.Minute
	CodeLength   = 6
	MaxSends     = 3
	SendSpacing  = 30 * time.Second
	codeTries    = 5

	// creationTime is how long the keys may be made after the person was proven.
	creationTime = 15 * time.Minute

	// MaxDevices is how many devices a citizen has at most. Our choice: a phone, a
	// tablet, computers; more would be devices that nobody remembers.
	MaxDevices = 5

	// unusedLife is how long a device stays that nobody uses. Our choice: who forgot it
	// has lost or sold it.
	unusedLife = 2 * 365 * tally.Day

	// nameLength is how many characters a device's name has at most.
	nameLength = 40

	// openTime is how long what the app signs to be opened is good.
	openTime = time.Minute

	// usedEvery is how exactly it is kept when a device was used: who reads the
	// database is not to follow a citizen's day.
	usedEvery = time.Hour
)

func smsTo(phone identity.Phone) tally.Subject {
	return tally.Subject{Kind: tally.SentSMS, Value: phone.Reveal()}
}

// smsLimits bound the codes as well that are guessed by beginning again: each
// activation sends one at least and bears codeTries, so that 50 of a million are tried
// in a day.
func smsLimits(most int) []tally.Window { return []tally.Window{{Most: most, Within: tally.Day}} }
