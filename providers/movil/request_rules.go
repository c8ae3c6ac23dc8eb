package movil

import (
	"time"

	"clave/identity"
	"clave/internal/tally"
)

// Limits of requests.
const (
	// RequestLifetime is how long a request waits for a decision. The login's own end
	// may come sooner.
	// Source: clave.gob.es, help of Cl@ve Móvil (five minutes).
	RequestLifetime = 5 * time.Minute
	// SpendTime is how long the browser may take to come for an approval. Our choice: a
	// page that is open does it at once, and without scripts somebody has to look.
	SpendTime = 2 * time.Minute
	// DigitsLength is how many digits the browser shows. Source: the same help.
	DigitsLength = 3
	// digitTries wrong ones void a request: so a request that its citizen did not make
	// is approved by guessing in two of a thousand cases. Our choice.
	digitTries = 2
	// disownedFor is how long no request comes by document after "this was not me".
	// Our choice.
	disownedFor = tally.Day
	// disownedNotices is of how many the person is told in a day: who makes requests of
	// their own and disowns them is not to send messages at our cost. Our choice.
	disownedNotices = 5
)

// askLimits bound requests by document, for each citizen: nobody's phone rings all
// night. Our choice.
func askLimits() []tally.Window {
	return []tally.Window{{Most: 5, Within: time.Hour}, {Most: 15, Within: tally.Day}}
}

func askedOf(person identity.PersonID) tally.Subject {
	return tally.Subject{Kind: tally.MovilRequests, Value: string(person)}
}

func disownedBy(person identity.PersonID) tally.Subject {
	return tally.Subject{Kind: tally.MovilDisowned, Value: string(person)}
}

// Waits tells whether devices may still decide.
func (r Request) Waits(now time.Time) bool {
	return (r.State == Open || r.State == Claimed) && now.Before(r.ExpiresAt)
}

// approvable tells whether the device may approve it.
func (r Request) approvable(d Device, now time.Time) bool {
	return r.State == Claimed && r.Device == d.ID && r.Person == d.Person && r.Waits(now)
}

// spendable tells whether the approval is there and fresh.
func (r Request) spendable(now time.Time) bool {
	return r.State == Approved && now.Before(r.DecidedAt.Add(SpendTime))
}

// decided is the request after a decision of a device.
func (r Request) decided(state State, by DeviceID, now time.Time) Request {
	r.State, r.Device, r.DecidedAt = state, by, now
	return r
}

// claimedBy is the request that a device took.
func (r Request) claimedBy(d Device) Request {
	r.State, r.Person, r.Device = Claimed, d.Person, d.ID
	return r
}

// challenge is what both keys of a device sign to approve: nothing of it can be taken
// to another request, login, service or device, and the digits that were compared are
// among it.
func (r Request) challenge(device DeviceID) []byte {
	return sumOf("clave movil approve", string(r.Asked.Secret), string(r.ID), string(r.Login), r.Asked.Party, r.Asked.Digits, string(device))
}
