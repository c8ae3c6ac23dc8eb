package movil

import (
	"context"
	"fmt"
	"time"

	"clave/broker"
	"clave/identity"
)

// Finish spends the approval of the login's request: the broker has its evidence when
// it returns nil. Only the browser that holds the login can, once, within SpendTime,
// and while the device that approved is still the person's. Otherwise it returns a
// [Denied]: NotApproved, Gone or Over.
func (p *Provider) Finish(ctx context.Context, l *broker.Login) error {
	seen, err := p.Watch(ctx, l)
	if err != nil {
		return err
	}
	switch now := p.clock(); {
	case seen.Waits(now):
		return &Denied{Cause: NotApproved}
	case !seen.spendable(now):
		return &Denied{Cause: Gone}
	}
	before := l.Row
	var said *Denied
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		said = nil
		var d Device
		var r Request
		err := p.Broker.Hold(ctx, l, func() (err error) {
			if d, err = p.Devices.Device(ctx, seen.Device); err != nil {
				return err
			}
			r, err = p.Requests.RequestOf(ctx, l.Request.ID)
			return err
		})
		if err != nil {
			return fmt.Errorf("holding an approval: %w", err)
		}
		now := p.clock()
		if r.ID != seen.ID || !r.spendable(now) || r.Device != seen.Device {
			return &Denied{Cause: Gone}
		}
		if d.ID == "" || d.Person != r.Person {
			said = &Denied{Cause: Gone}
			return p.keep(ctx, r.decided(Replaced, r.Device, now)) // so that the browser is told
		}
		if err := p.Broker.Begin(ctx, l, r.Person); err != nil {
			return err
		}
		r.State = Spent
		if err := p.keep(ctx, r); err != nil {
			return err
		}
		return p.Broker.Succeed(ctx, l, byDevice(r.Person, now))
	})
	if err != nil {
		l.Row = before // what the transaction made of it is not there
	}
	return settled(err, said)
}

// byDevice is what both keys of an activated device prove: something that the citizen
// has, and that they unlocked it.
//
// The factors are of RFC 8176: a key in software ("swk"), because no attestation is
// asked for that could show hardware; a test of the user's presence ("user"), and more
// than one factor ("mfa"). Source of the level: Implementing Regulation (EU) 2015/1502,
// annex, 2.3.1; what the registration allows is the broker's.
func byDevice(person identity.PersonID, now time.Time) broker.Evidence {
	return broker.Evidence{
		Method: identity.Movil, Level: identity.Substantial, Person: person, At: now, Factors: []string{"swk", "user", "mfa"},
	}
}

// byPasskey is what a passkey that may be anywhere proves: that its citizen unlocked
// it, on a device that nobody activated.
func byPasskey(person identity.PersonID, now time.Time) broker.Evidence {
	return broker.Evidence{
		Method: identity.Movil, Level: identity.Low, Person: person, At: now, Factors: []string{"swk", "user"},
	}
}
