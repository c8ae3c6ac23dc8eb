package movil

import (
	"context"
	"fmt"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/identity"
	"clave/internal/tally"
)

// Reject says no to a request that waits, by any device of its person. The browser is
// told. The answer is nil or a [Denied] of cause Gone or NoDevice.
func (p *Provider) Reject(ctx context.Context, by Device, id RequestID) error {
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		d, r, err := p.held(ctx, by, id)
		if err != nil {
			return err
		}
		now := p.clock()
		if !r.Waits(now) {
			return &Denied{Cause: Gone}
		}
		if err := p.keep(ctx, r.decided(Rejected, d.ID, now)); err != nil {
			return err
		}
		return p.note(ctx, r, audit.RequestDecided{Decision: string(Rejected), Way: string(r.Way)})
	})
	return settled(err, nil)
}

// Disown says "this was not me" of a request of the person, whatever became of it: its
// login ends, no requests come by document for a day, and the person is told by the
// other ways that we have. The answer is nil or a [Denied] of cause Gone or NoDevice.
func (p *Provider) Disown(ctx context.Context, by Device, id RequestID) error {
	seen, err := p.Requests.Request(ctx, id)
	if err != nil {
		return fmt.Errorf("reading a request: %w", err)
	}
	if seen.ID == "" || seen.Person != by.Person {
		return &Denied{Cause: Gone}
	}
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		// First the login, then the device, then the request, as all do.
		row := broker.Row{
			ID: seen.Login, RelyingParty: seen.Asked.Party, Person: seen.Person, OpenedAt: seen.OpenedAt, ExpiresAt: seen.ExpiresAt,
		}
		if err := p.Broker.EndOf(ctx, row, broker.Disowned); err != nil {
			return err
		}
		d, r, err := p.held(ctx, by, id)
		if err != nil {
			return err
		}
		if r.State == Disowned {
			return nil
		}
		now := p.clock()
		if err := p.keep(ctx, r.decided(Disowned, d.ID, now)); err != nil {
			return err
		}
		tell, err := p.block(ctx, d, now)
		if err != nil {
			return err
		}
		if tell {
			if err := p.tellPerson(ctx, r.Person, noticeDisowned); err != nil {
				return err
			}
		}
		return p.note(ctx, r, audit.RequestDecided{Decision: string(Disowned), Way: string(r.Way)})
	})
	if err != nil {
		return settled(err, nil)
	}
	p.Log.WarnContext(ctx, "request disowned", "login_id", string(seen.Login), "relying_party", seen.Asked.Party, "way", string(seen.Way))
	return nil
}

// tellPerson tells a citizen of whom we know who it is.
func (p *Provider) tellPerson(ctx context.Context, person identity.PersonID, notice string) error {
	standing, err := p.Register.Standing(ctx, person)
	if err != nil {
		return fmt.Errorf("reading the standing of person %s: %w", person, err)
	}
	c, err := p.Register.Candidate(ctx, standing.Identity.Document)
	if err != nil {
		return fmt.Errorf("asking the register: %w", err)
	}
	return p.tell(ctx, c, notice)
}

// BlockedUntil is when requests by document reach the person again after "this was not
// me"; the zero time when they do.
func (p *Provider) BlockedUntil(ctx context.Context, d Device) (time.Time, error) {
	disowned, err := p.Tallies.Tally(ctx, disownedBy(d.Person))
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("reading what was disowned: %w", err)
	case !disowned.Locked(p.clock()):
		return time.Time{}, nil
	}
	return disowned.LockedUntil, nil
}

// AllowAgain lets requests by document reach the person again at once.
func (p *Provider) AllowAgain(ctx context.Context, by Device) error {
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		if err := p.holdAll(ctx, by); err != nil {
			return err
		}
		disowned, err := p.holdDisowned(ctx, by)
		if err != nil {
			return err
		}
		disowned.LockedUntil = time.Time{} // the notices of the day stay counted
		if err := p.keepDisowned(ctx, by, disowned); err != nil {
			return err
		}
		return p.record(ctx, nil, by.Person, audit.RequestsAllowed{})
	})
	return settled(err, nil)
}

// block lets no requests by document reach the device's person for a while, and tells
// whether they are to hear of it once more today.
func (p *Provider) block(ctx context.Context, d Device, now time.Time) (tell bool, err error) {
	disowned, err := p.holdDisowned(ctx, d)
	if err != nil {
		return false, err
	}
	tell = disowned.Count(tally.Day, now) < disownedNotices
	disowned = disowned.With(now, tally.Day)
	disowned.Times = disowned.Times[max(0, len(disowned.Times)-disownedNotices):]
	disowned.LockedUntil = now.Add(disownedFor)
	return tell, p.keepDisowned(ctx, d, disowned)
}

func (p *Provider) holdDisowned(ctx context.Context, d Device) (tally.Tally, error) {
	disowned, err := p.Tallies.HoldTally(ctx, disownedBy(d.Person))
	if err != nil {
		return tally.Tally{}, fmt.Errorf("holding what was disowned: %w", err)
	}
	return disowned, nil
}

func (p *Provider) keepDisowned(ctx context.Context, d Device, disowned tally.Tally) error {
	if err := p.Tallies.KeepTally(ctx, disownedBy(d.Person), disowned); err != nil {
		return fmt.Errorf("keeping what was disowned: %w", err)
	}
	return nil
}
