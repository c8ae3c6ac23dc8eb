package movil

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"

	"clave/audit"
	"clave/broker"
	"clave/identity"
)

// Claim takes the request whose QR a device has read, for its person. It replaces what
// waited for them. A later claim by another device of the person takes it over. The
// answer is a request or a [Denied]: Stale, Gone, Taken, NoDevice, or Refused where the
// person's registration does not reach what the service demands, which rejects it.
func (p *Provider) Claim(ctx context.Context, by Device, handle string) (claimed Request, err error) {
	id, sum, ok := readHandle(handle)
	if !ok {
		return Request{}, &Denied{Cause: Stale}
	}
	var said *Denied
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		claimed, said = Request{}, nil
		if err := p.holdAll(ctx, by); err != nil {
			return err
		}
		r, err := p.Requests.Request(ctx, id)
		if err != nil {
			return fmt.Errorf("holding a request: %w", err)
		}
		now := p.clock()
		switch {
		case r.ID == "" || r.Way != ByQR || !r.shows(sum, now):
			return &Denied{Cause: Stale}
		case !r.Waits(now):
			return &Denied{Cause: Gone}
		case r.State == Claimed && r.Person != by.Person:
			return &Denied{Cause: Taken}
		}
		if said, err = p.unfit(ctx, r, by.Person); err != nil {
			return err
		}
		if said != nil {
			return p.keep(ctx, r.claimedBy(by).decided(Rejected, by.ID, now))
		}
		waiting, err := p.Requests.Waiting(ctx, by.Person, now)
		if err != nil {
			return fmt.Errorf("holding the request that waits: %w", err)
		}
		if waiting.ID != "" && waiting.ID != r.ID {
			if err := p.keep(ctx, waiting.decided(Replaced, waiting.Device, now)); err != nil {
				return err
			}
		}
		claimed = r.claimedBy(by)
		return p.keep(ctx, claimed)
	})
	return claimed, settled(err, said)
}

// holdAll holds the devices of a person, among which there must be one: so that what
// the person's devices do happens one after the other.
func (p *Provider) holdAll(ctx context.Context, one Device) error {
	devices, err := p.Devices.DevicesOf(ctx, one.Person)
	if err != nil {
		return fmt.Errorf("holding the devices of person %s: %w", one.Person, err)
	}
	for _, d := range devices {
		if d.ID == one.ID && p.Now().Before(d.LapsesAt()) {
			return nil
		}
	}
	return &Denied{Cause: NoDevice}
}

// unfit tells who is to approve a request why that would lead to nothing; nil when it
// does not.
func (p *Provider) unfit(ctx context.Context, r Request, person identity.PersonID) (*Denied, error) {
	standing, err := p.Register.Standing(ctx, person)
	if errors.Is(err, broker.ErrNoPerson) {
		return &Denied{Cause: NoDevice}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the standing of person %s: %w", person, err)
	}
	demand := broker.Demand{Level: r.Asked.Level, Registration: r.Asked.Registration, Methods: []identity.Method{identity.Movil}}
	if why := demand.Admits(identity.Movil, standing); why != "" {
		return &Denied{Cause: Refused, Reason: why}, nil
	}
	return nil, nil
}

// Pending is the request that a device is to show: one by document, or one by QR that
// was claimed; the zero value when nothing waits.
func (p *Provider) Pending(ctx context.Context, d Device) (Request, error) {
	r, err := p.Requests.Waiting(ctx, d.Person, p.clock())
	if err != nil {
		return Request{}, fmt.Errorf("reading the request that waits: %w", err)
	}
	return r, nil
}

// Type compares what was typed in the app with the digits that the browser shows, for a
// request by document: who was only sent a request cannot know them. The answer is nil,
// a [Denied] or ErrDigits.
func (p *Provider) Type(ctx context.Context, by Device, id RequestID, typed string) error {
	digits, ok := identity.Digits(typed, DigitsLength)
	if !ok {
		return ErrDigits
	}
	var said *Denied
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		said = nil
		_, r, err := p.held(ctx, by, id)
		if err != nil {
			return err
		}
		now := p.clock()
		if r.Way != ByDocument || !r.Waits(now) {
			return &Denied{Cause: Gone}
		}
		if subtle.ConstantTimeCompare([]byte(digits), []byte(r.Asked.Digits)) == 1 {
			return p.keep(ctx, r.claimedBy(by))
		}
		r.Asked.Wrong++
		said = &Denied{Cause: WrongDigits, Left: digitTries - r.Asked.Wrong}
		if said.Left <= 0 {
			said = &Denied{Cause: DigitsSpent}
			r = r.decided(Replaced, by.ID, now)
		}
		if err := p.keep(ctx, r); err != nil {
			return err
		}
		return p.note(ctx, r, audit.DigitsWrong{Wrong: r.Asked.Wrong})
	})
	return settled(err, said)
}

// held holds a device as it is now, and then a request of its person.
func (p *Provider) held(ctx context.Context, by Device, id RequestID) (Device, Request, error) {
	d, err := p.Devices.Device(ctx, by.ID)
	if err != nil {
		return Device{}, Request{}, fmt.Errorf("holding device %s: %w", by.ID, err)
	}
	if d.ID == "" || d.Person != by.Person || !p.Now().Before(d.LapsesAt()) {
		return Device{}, Request{}, &Denied{Cause: NoDevice}
	}
	r, err := p.Requests.Request(ctx, id)
	if err != nil {
		return Device{}, Request{}, fmt.Errorf("holding a request: %w", err)
	}
	if r.ID == "" || r.Person != d.Person {
		return Device{}, Request{}, &Denied{Cause: Gone}
	}
	return d, r, nil
}

// note writes an audit event about a request.
func (p *Provider) note(ctx context.Context, r Request, fact audit.Data) error {
	err := p.Trail.Record(ctx, audit.Event{
		Actor: audit.Citizen, Person: r.Person, RelyingParty: r.Asked.Party, Login: string(r.Login), Data: fact,
	})
	if err != nil {
		return fmt.Errorf("recording %s: %w", fact.Kind(), err)
	}
	return nil
}
