package movil

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/census/pair"
	"clave/identity"
	"clave/internal/onetime"
	"clave/internal/tally"
)

// secretBytes is the length of a request's secret.
const secretBytes = 32

// request makes a request of a login.
func (p *Provider) request(l *broker.Login, way Way, from Place, now time.Time) Request {
	demand := p.Broker.Demand(l)
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails: the program stops when the system has no randomness
	r := Request{
		ID: RequestID(onetime.NewID()), Login: l.Request.ID, Way: way, State: Open, OpenedAt: now, ExpiresAt: now.Add(RequestLifetime),
		Asked: Asked{
			Party: l.Party.ID, Digits: onetime.NewDigits(DigitsLength), Secret: secret,
			Level: demand.Level, Registration: demand.Registration, From: from,
		},
	}
	if l.Request.Deadline.Before(r.ExpiresAt) {
		r.ExpiresAt = l.Request.Deadline
	}
	return r
}

// AskByQR makes the request that the login's browser shows as a QR, for whoever reads
// it. It replaces the login's last one, unless that is approved and can be spent.
func (p *Provider) AskByQR(ctx context.Context, l *broker.Login, from Place) (made Request, err error) {
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		var last Request
		err := p.Broker.Hold(ctx, l, func() (err error) {
			last, err = p.Requests.RequestOf(ctx, l.Request.ID)
			return err
		})
		if err != nil {
			return fmt.Errorf("holding a request: %w", err)
		}
		made, err = p.follow(ctx, l, last, p.request(l, ByQR, from, p.clock()))
		return err
	})
	return made, settled(err, nil)
}

// follow writes the request that takes the place of the login's last one, unless that
// was just approved, and gives the one that counts.
func (p *Provider) follow(ctx context.Context, l *broker.Login, last, next Request) (Request, error) {
	now := next.OpenedAt
	switch {
	case !now.Before(l.Request.Deadline):
		return Request{}, &Denied{Cause: Over}
	case last.spendable(now):
		return last, nil
	}
	return next, p.keep(ctx, next)
}

func (p *Provider) keep(ctx context.Context, r Request) error {
	if err := p.Requests.KeepRequest(ctx, r); err != nil {
		return fmt.Errorf("keeping a request: %w", err)
	}
	return nil
}

// check tells whether the pair is right and its person may log in so here, and if so
// who that is. It writes only what has to be counted. Otherwise it returns a [Denied]:
// WrongPair, PairLocked, or Refused.
func (p *Provider) check(ctx context.Context, l *broker.Login, typed pair.Pair) (census.Candidate, error) {
	who := pair.For{Login: string(l.Request.ID), RelyingParty: l.Party.ID}
	c, err := p.Pairs.Check(ctx, who, typed, (*census.Candidate).Matches)
	var denied *pair.Denied
	switch {
	case errors.As(err, &denied) && denied.Until.IsZero():
		return census.Candidate{}, &Denied{Cause: WrongPair}
	case errors.As(err, &denied):
		return census.Candidate{}, &Denied{Cause: PairLocked, Until: denied.Until}
	case err != nil:
		return census.Candidate{}, err
	}
	standing := broker.Standing{Person: c.PersonID, Registration: c.Registration, Channel: c.Channel, State: c.State}
	if why := p.Broker.Demand(l).Admits(identity.Movil, standing); why != "" {
		return census.Candidate{}, &Denied{Cause: Refused, Reason: why}
	}
	return c, nil
}

// AskByDocument makes a request that the devices of the person find whom the pair
// names, and tells them so. Who has the right pair is told everything that stands
// against it first. The answer is a request or a [Denied].
//
// Everything is one transaction: a wrong pair is counted, and a right one holds the
// person's devices, so that of two requests made at once one waits.
func (p *Provider) AskByDocument(ctx context.Context, l *broker.Login, typed pair.Pair, from Place) (made Request, err error) {
	leave, err := p.Pairs.Enter(ctx, typed.Document)
	if err != nil {
		return Request{}, err
	}
	defer leave()
	var said *Denied
	before := l.Row
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		made, said = Request{}, nil
		c, err := p.check(ctx, l, typed)
		if errors.As(err, &said) {
			return nil // a wrong pair was counted: that is to be committed
		}
		if err != nil {
			return err
		}
		made, err = p.ask(ctx, l, c, from)
		return err
	})
	if err != nil {
		l.Row = before // what the transaction made of it is not there
	}
	return made, settled(err, said)
}

// ask is the part of AskByDocument after the pair was found right. A *Denied leaves
// nothing behind.
func (p *Provider) ask(ctx context.Context, l *broker.Login, c census.Candidate, from Place) (Request, error) {
	if err := p.Broker.Begin(ctx, l, c.PersonID); err != nil {
		return Request{}, err
	}
	devices, err := p.Devices.DevicesOf(ctx, c.PersonID)
	if err != nil {
		return Request{}, fmt.Errorf("holding the devices of person %s: %w", c.PersonID, err)
	}
	if len(devices) == 0 {
		return Request{}, &Denied{Cause: NoDevice}
	}
	next := p.request(l, ByDocument, from, p.clock())
	next.Person = c.PersonID
	asked, waiting, err := p.mayAsk(ctx, next)
	if err != nil {
		return Request{}, err
	}
	if waiting.ID != "" && waiting.Login != l.Request.ID {
		return Request{}, &Denied{Cause: Waiting, Until: waiting.ExpiresAt}
	}
	last, err := p.Requests.RequestOf(ctx, l.Request.ID)
	if err != nil {
		return Request{}, fmt.Errorf("holding a request: %w", err)
	}
	made, err := p.follow(ctx, l, last, next)
	if err != nil || made.ID != next.ID {
		return made, err
	}
	if err := p.Tallies.KeepTally(ctx, askedOf(c.PersonID), asked.With(next.OpenedAt, tally.Day)); err != nil {
		return Request{}, fmt.Errorf("counting a request: %w", err)
	}
	for _, d := range devices {
		if err := p.wake(ctx, d, newsRequest, l.Party.ID, made.ExpiresAt); err != nil {
			return Request{}, err
		}
	}
	return made, p.record(ctx, l, c.PersonID, audit.RequestSent{Devices: len(devices)})
}

// mayAsk tells whether one more request may be sent to the person, and gives what is
// counted and what waits already.
func (p *Provider) mayAsk(ctx context.Context, next Request) (asked tally.Tally, waiting Request, err error) {
	disowned, err := p.Tallies.HoldTally(ctx, disownedBy(next.Person))
	if err == nil {
		asked, err = p.Tallies.HoldTally(ctx, askedOf(next.Person))
	}
	if err != nil {
		return asked, waiting, fmt.Errorf("holding what is counted of requests: %w", err)
	}
	if disowned.Locked(next.OpenedAt) {
		return asked, waiting, &Denied{Cause: Blocked, Until: disowned.LockedUntil}
	}
	if until := asked.Full(askLimits(), next.OpenedAt); !until.IsZero() {
		return asked, waiting, &Denied{Cause: TooMany, Until: until}
	}
	if waiting, err = p.Requests.Waiting(ctx, next.Person, next.OpenedAt); err != nil {
		return asked, waiting, fmt.Errorf("holding the request that waits: %w", err)
	}
	return asked, waiting, nil
}

// Watch is the login's last request, for its browser; the zero value when there is
// none.
func (p *Provider) Watch(ctx context.Context, l *broker.Login) (Request, error) {
	r, err := p.Requests.RequestOf(ctx, l.Request.ID)
	if err != nil {
		return Request{}, fmt.Errorf("reading the request of login %s: %w", l.Request.ID, err)
	}
	return r, nil
}
