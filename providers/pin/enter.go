package pin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/identity"
	"clave/internal/tally"
)

// Enter proves the person of the login's challenge by the PIN that was sent to
// the phone: the broker has its evidence when it returns nil. Otherwise it
// returns a [Denied] or ErrPIN.
//
// It is one transaction that holds the challenge and the citizen's count of
// wrong PINs from reading to writing: guesses sent all at once, in several
// logins, are looked at one after the other and not one too many.
func (p *Provider) Enter(ctx context.Context, l *broker.Login, typed string) error {
	code, err := ParsePIN(typed)
	if err != nil {
		return err
	}
	var counted *Denied
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		counted = nil
		var held Held
		err := p.Broker.Hold(ctx, l, func() (err error) {
			held, err = p.Challenges.HoldToTry(ctx, l.Request.ID)
			return err
		})
		if err != nil {
			return fmt.Errorf("holding the challenge: %w", err)
		}
		now := p.Now()
		if no := mayTry(held.Challenge, held.Wrong, now); no != nil {
			return no
		}
		if !p.Codes.Equal(held.Challenge.Secret, string(l.Request.ID), held.Challenge.Half, code) {
			counted, err = p.miss(ctx, l, held, now)
			return err
		}
		if err := p.Challenges.KeepChallenge(ctx, held.Challenge.spent(now)); err != nil {
			return fmt.Errorf("spending the PIN: %w", err)
		}
		return p.Broker.Succeed(ctx, l, evidence(held.Challenge, now))
	})
	switch {
	case errors.Is(err, broker.ErrEnded), errors.Is(err, broker.ErrOtherPerson):
		// Another tab was quicker, or began anew with another document.
		return &Denied{Cause: Over}
	case err != nil:
		return err
	case counted != nil:
		return counted
	}
	return nil
}

// evidence is what a right PIN proves: a code that travelled to the phone or the app,
// and the own half in this browser.
// Source: RFC 8176 for the factors; that PIN is substantial, before the ceiling
// of a basic registration, is how Cl@ve is run today.
func evidence(c Challenge, now time.Time) broker.Evidence {
	factors := []string{"otp", "sms", "mfa"}
	if c.Way == ByApp {
		factors = []string{"otp", "mfa"}
	}
	return broker.Evidence{Method: identity.PIN, Level: identity.Substantial, Person: c.Person, At: now, Factors: factors}
}

// miss counts a wrong PIN and returns what to say.
func (p *Provider) miss(ctx context.Context, l *broker.Login, held Held, now time.Time) (*Denied, error) {
	counted, err := p.Tallies.HoldTally(ctx, wrongPINsOf(held.Challenge.Person))
	if err != nil {
		return nil, fmt.Errorf("holding the wrong PINs: %w", err)
	}
	ch, wrong, said := missed(held.Challenge, counted, now)
	if err := p.Challenges.KeepChallenge(ctx, ch); err != nil {
		return nil, fmt.Errorf("counting a wrong PIN in the login: %w", err)
	}
	if err := p.Tallies.KeepTally(ctx, wrongPINsOf(ch.Person), wrong); err != nil {
		return nil, fmt.Errorf("counting a wrong PIN: %w", err)
	}
	fact := audit.PINWrong{InLogin: ch.Wrong, InDay: wrong.Count(tally.Day, now)}
	if err := p.record(ctx, l, ch.Person, fact); err != nil {
		return nil, err
	}
	if wrong.Locked(now) {
		until := wrong.LockedUntil
		if until.Equal(tally.Indefinitely()) {
			until = time.Time{}
		}
		if err := p.record(ctx, l, ch.Person, audit.PINLocked{Until: until}); err != nil {
			return nil, err
		}
	}
	if said.Cause == TriesSpent {
		if err := p.Broker.End(ctx, l, broker.TooManyTries); err != nil {
			return nil, err
		}
	}
	return said, nil
}
