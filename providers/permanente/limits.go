package permanente

import (
	"time"

	"clave/internal/tally"
)

// Limits of the method.
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

	// settingTime is how long the new password may be chosen after the code was right.
	settingTime = 15 * time.Minute

	// passwordTries wrong passwords from browsers that nobody knows, within a day,
	// lock those for firstLock, and each further one for twice as long as before, at
	// most longestLock. The series is over when seriesPause has passed after a lock
	// without a wrong one.
	// Source: the help of Cl@ve Permanente for the five; the rest is our choice,
	// because documents can be enumerated.
	passwordTries = 5
	firstLock     = time.Hour
	longestLock   = tally.Day
	seriesPause   = tally.Day

	// knownTries wrong ones from browsers that logged in before, without a right one
	// between, lock the password until it is set anew.
	// Source: the help of Cl@ve Permanente.
	knownTries = 5

	// ActivationTries wrong activation codes void the code. Source: the same.
	ActivationTries = 5

	// yearsValid is how long a password lasts, and warnBefore when its end is told: by
	// a notice every warnEvery, and by a page after a login every tellEvery at most.
	// Source: our choice; the original asks for a new one now and then.
	yearsValid = 2
	warnBefore = 30 * tally.Day
	warnEvery  = 7 * tally.Day
	tellEvery  = tally.Day
)

// activationLimits bound what a document's address and activation code may be guessed,
// for each document, known or not.
// Source: our choice, as for the datum printed on the document.
func activationLimits() []tally.Window {
	return []tally.Window{{Most: 5, Within: time.Hour}, {Most: 20, Within: tally.Day}}
}

func smsLimits(most int) []tally.Window { return []tally.Window{{Most: most, Within: tally.Day}} }
