package pin

import (
	"time"

	"clave/internal/tally"
)

// Limits of the method.
const (
	// Lifetime is how long a PIN may be used after it was sent. The login's own
	// end may come sooner.
	// Source: sede.agenciatributaria.gob.es, "Obtaining a Cl@ve PIN".
	Lifetime = 10 * time.Minute

	// MaxSends is how many PINs one login may send, at least SendSpacing apart.
	// Source: our choice; a lost message is repeated once or twice, more is help
	// that an office has to give.
	MaxSends    = 3
	SendSpacing = 30 * time.Second

	// loginTries is how many wrong PINs end a login.
	// Source: our choice, because a PIN has only 32,768 values; login.gov allows
	// ten for a code of a million.
	loginTries = 5

	// dayTries in 24 hours lock the method for firstLock, and each further wrong
	// PIN locks it for twice as long as before, at most longestLock. The series
	// is over when seriesPause has passed after a lock without a wrong PIN.
	// Source: our choice; GOV.UK One Login locks for two hours after six.
	dayTries    = 10
	firstLock   = time.Hour
	longestLock = tally.Day
	seriesPause = tally.Day

	// monthTries within 30 days lock it until the citizen proves otherwise who
	// they are. So a month of guessing succeeds with one citizen in 330.
	// Source: our choice. Success clears nothing, or the victim's own logins
	// would give the attacker new tries.
	monthTries = 100
)

// PhoneLimit is how many messages go to one phone in 24 hours, which a stranger
// who knows the pair could otherwise ring all night.
// Source: our choice; login.gov allows about ten in five minutes.
const PhoneLimit = 10

func smsLimits(most int) []tally.Window { return []tally.Window{{Most: most, Within: tally.Day}} }
