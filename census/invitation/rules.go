package invitation

import (
	"fmt"
	"time"

	"clave/census"
	"clave/identity"
	"clave/internal/tally"
)

// Life is how long a code is good. Our choice: a letter takes days, and who is away for
// a holiday finds it good when back; login.gov gives 30 days.
const Life = 60 * 24 * time.Hour

// Letters bounds the letters for each document, so that nobody's letter box is flooded in
// their name. Source: our choice, the limits of login.gov's address verification.
func Letters() []tally.Window {
	return []tally.Window{{Most: 1, Within: 24 * time.Hour}, {Most: 4, Within: 30 * 24 * time.Hour}}
}

// Tries bounds wrong codes for each document. A code has 80 random bits: this is not
// against guessing but against a program that hammers on one citizen's document. Source:
// our choice, as login.gov.
func Tries() []tally.Window {
	return []tally.Window{{Most: 5, Within: 10 * time.Minute}}
}

// Eligible tells whether somebody in that state may get and use a letter: the never
// registered, the withdrawn, and who lost the phone to another citizen. For everybody
// else a letter from the letter box would be a way around what they registered with.
// Source: AEAT, "How to register in Cl@ve PIN after cancelling", for the withdrawn and
// those whose phone another registered; otherwise our choice.
func Eligible(state identity.State) bool {
	switch state {
	case identity.Unregistered, identity.Withdrawn, identity.PhoneRevoked:
		return true
	case identity.Registered, identity.Revoked, identity.Deceased:
	}
	return false
}

// deliverable tells whether the post can find somebody at an address.
func deliverable(a census.Address) bool { return a.Street != "" && a.City != "" }

// Cause is why there is no letter, or a code is not taken. The list is closed.
type Cause string

// The causes.
const (
	// NotEligible: the state is not one of those that Eligible says.
	NotEligible Cause = "not_eligible"
	// NoAddress: the reference data have no address that a letter would reach.
	NoAddress Cause = "no_address"
	// TooSoon: a letter was sent within 24 hours.
	TooSoon Cause = "too_soon"
	// TooMany: four letters were sent within 30 days.
	TooMany Cause = "too_many"
	// WrongCode: no letter with such a code was sent for this document.
	WrongCode Cause = "wrong_code"
	// OldCode: the code of a letter for this document that is used, expired, returned or
	// replaced by a newer letter.
	OldCode Cause = "old_code"
	// TooManyTries: wrong codes were typed too often; nothing was looked at.
	TooManyTries Cause = "too_many_tries"
)

// Refused says that there is no letter, or that a code is not taken.
type Refused struct {
	Cause Cause
	// Until is when to come back, for TooSoon, TooMany and TooManyTries.
	Until time.Time
	// State is the person's, for NotEligible.
	State identity.State
	// Left is how many tries are left, for WrongCode and OldCode.
	Left int
}

// Error names nothing personal.
func (r *Refused) Error() string { return fmt.Sprintf("invitation refused: %s", r.Cause) }

// mayRequest decides whether a letter goes out now.
func mayRequest(c *census.Candidate, letters tally.Tally, now time.Time) *Refused {
	if !c.Known || c.Deceased || !Eligible(c.State) {
		return &Refused{Cause: NotEligible, State: c.State}
	}
	if !deliverable(c.Reference.Address) {
		return &Refused{Cause: NoAddress}
	}
	limits := Letters()
	for i := len(limits) - 1; i >= 0; i-- { // the longer wait is the one to tell
		if until := letters.Full(limits[i:i+1], now); !until.IsZero() {
			if i == 0 {
				return &Refused{Cause: TooSoon, Until: until}
			}
			return &Refused{Cause: TooMany, Until: until}
		}
	}
	return nil
}

// longest is the longest period of limits, for which times are kept.
func longest(limits []tally.Window) time.Duration {
	var most time.Duration
	for _, l := range limits {
		most = max(most, l.Within)
	}
	return most
}
