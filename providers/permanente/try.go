package permanente

import (
	"context"
	"fmt"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/internal/tally"
	"clave/internal/throttle"
	"clave/providers/permanente/password"
)

// seen is what a try depends on, before anything is compared.
type seen struct {
	document  identity.DocumentID
	candidate census.Candidate
	account   Account
	counts    counts
	known     bool // the browser logged this person in before
}

// who waits to be compared: a browser that nobody knows waits behind those that are.
func (s seen) who() password.Who {
	if s.known {
		return password.Known
	}
	return password.Stranger
}

// Try looks at a password. When it is right and enough, the broker has its evidence;
// when a code has to follow, it was sent, and code is true. Otherwise it returns a
// [Denied], or password.ErrPassword for what cannot be one.
//
// Right and wrong documents ask the same questions. Nothing is held while the password
// waits to be compared.
func (p *Provider) Try(ctx context.Context, l *broker.Login, document identity.DocumentID, typed string, browser Known) (code bool, err error) {
	normal, err := password.Normal(typed)
	if err != nil {
		return false, err
	}
	s, err := p.look(ctx, document, browser)
	if err != nil {
		return false, err
	}
	if no := s.counts.mayTry(s.known, p.Now()); no != nil {
		return false, no
	}
	same, err := p.Passwords.Matches(ctx, s.who(), s.account.Hash, normal)
	if err != nil {
		return false, told(fmt.Errorf("comparing a password: %w", err))
	}
	if !same || s.candidate.Deceased {
		return false, p.miss(ctx, l, s)
	}
	if no := p.admits(l, s); no != nil {
		return false, no
	}
	fresh := s.account
	if p.Passwords.Stale(fresh.Hash) {
		if fresh.Hash, err = p.Passwords.Hash(ctx, s.who(), normal); err != nil {
			fresh = s.account // in the next login then
		}
	}
	code, err = p.accept(ctx, l, s, fresh)
	return code, told(err)
}

// look reads what the try depends on: the same questions for every document.
func (p *Provider) look(ctx context.Context, document identity.DocumentID, browser Known) (s seen, err error) {
	s.document = document
	if s.candidate, err = p.Register.Candidate(ctx, document); err != nil {
		return s, fmt.Errorf("asking the register: %w", err)
	}
	if s.account, err = p.Accounts.Account(ctx, s.candidate.PersonID); err != nil {
		return s, fmt.Errorf("reading a password: %w", err)
	}
	s.known = browser.knows(s.account)
	if s.counts.unknown, err = p.Tallies.Tally(ctx, fromUnknown(document)); err != nil {
		return s, fmt.Errorf("reading the wrong passwords of unknown browsers: %w", err)
	}
	if s.counts.known, err = p.Tallies.Tally(ctx, fromKnown(s.candidate.PersonID)); err != nil {
		return s, fmt.Errorf("reading the wrong passwords of known browsers: %w", err)
	}
	return s, nil
}

// admits tells who proved the password why it leads no further; nil when it does.
func (p *Provider) admits(l *broker.Login, s seen) *Denied {
	now := p.Now()
	c := s.candidate
	standing := broker.Standing{Person: c.PersonID, Registration: c.Registration, Channel: c.Channel, State: c.State}
	if why := p.Broker.Demand(l).Admits(identity.Permanente, standing); why != "" {
		return &Denied{Cause: Refused, Reason: why}
	}
	switch {
	case s.counts.known.Locked(now):
		return &Denied{Cause: PasswordLocked}
	case s.account.expired(now):
		return &Denied{Cause: PasswordExpired}
	}
	return nil
}

// miss counts a wrong password and returns what to say, or the error of the store. The
// steps are the same whether the document is known or not.
func (p *Provider) miss(ctx context.Context, l *broker.Login, s seen) error {
	subject, count := fromUnknown(s.document), missedUnknown
	if s.known {
		subject, count = fromKnown(s.candidate.PersonID), missedKnown
	}
	var said *Denied
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		said = &Denied{Cause: WrongPassword}
		wrong, err := p.Tallies.HoldTally(ctx, subject)
		if err != nil {
			return fmt.Errorf("holding the wrong passwords: %w", err)
		}
		now := p.clock()
		if wrong.Locked(now) {
			said = lockedBy(s.known, wrong)
			return nil // another guess was quicker: this one is not answered
		}
		wrong = count(wrong, now)
		if err := p.Tallies.KeepTally(ctx, subject, wrong); err != nil {
			return fmt.Errorf("counting a wrong password: %w", err)
		}
		fact := audit.PasswordWrong{Known: s.known, Count: len(wrong.Times)}
		if err := p.record(ctx, l, s.candidate.PersonID, s.document, fact); err != nil {
			return err
		}
		if !wrong.Locked(now) {
			return nil
		}
		said = lockedBy(s.known, wrong)
		return p.record(ctx, l, s.candidate.PersonID, s.document, audit.PasswordLocked{Known: s.known, Until: said.Until})
	})
	if err != nil {
		return err
	}
	return said
}

func lockedBy(known bool, wrong tally.Tally) *Denied {
	if known {
		return &Denied{Cause: PasswordLocked}
	}
	return &Denied{Cause: BrowsersLocked, Until: wrong.LockedUntil}
}

// accept takes a password that was right, unless a lock or a change was quicker. fresh
// is the account as it is to be kept.
func (p *Provider) accept(ctx context.Context, l *broker.Login, s seen, fresh Account) (code bool, err error) {
	before, budget := l.Row, throttle.NewOnce(p.Budget)
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		code = false
		if err := p.Broker.Begin(ctx, l, s.candidate.PersonID); err != nil {
			return err
		}
		var held Account
		var now counts
		err := p.Broker.Hold(ctx, l, func() (err error) {
			held, now, err = p.hold(ctx, s)
			return err
		})
		if err != nil {
			return fmt.Errorf("holding a password: %w", err)
		}
		at := p.clock()
		switch no := now.mayTry(s.known, at); {
		case no != nil:
			return no
		case now.known.Locked(at):
			return &Denied{Cause: PasswordLocked}
		case held.Hash != s.account.Hash:
			return &Denied{Cause: Busy}
		}
		if s.known && len(now.known.Times) > 0 {
			if err := p.Tallies.KeepTally(ctx, fromKnown(held.Person), tally.Tally{}); err != nil {
				return fmt.Errorf("forgetting wrong passwords: %w", err)
			}
		}
		held.Hash = fresh.Hash
		if err := p.tend(ctx, s, held, at); err != nil {
			return err
		}
		if code = reinforces(p.Broker.Demand(l), held); !code {
			return p.Broker.Succeed(ctx, l, byPassword(held.Person, at))
		}
		return p.challenge(ctx, l, s.document, s.candidate, budget)
	})
	if err != nil {
		l.Row = before // what the transaction made of it is not there
		return false, err
	}
	return code, nil
}

// reinforces tells whether a code has to follow the password.
func reinforces(d broker.Demand, a Account) bool { return a.Always || d.Level > identity.Low }

// hold reads again what the try depends on, and holds it.
func (p *Provider) hold(ctx context.Context, s seen) (a Account, c counts, err error) {
	if c.unknown, err = p.Tallies.HoldTally(ctx, fromUnknown(s.document)); err != nil {
		return a, c, err
	}
	if c.known, err = p.Tallies.HoldTally(ctx, fromKnown(s.candidate.PersonID)); err != nil {
		return a, c, err
	}
	a, err = p.Accounts.Account(ctx, s.candidate.PersonID)
	return a, c, err
}

// tend keeps an account that was made again with other parameters, and tells the
// citizen that the password ends soon.
func (p *Provider) tend(ctx context.Context, s seen, a Account, now time.Time) error {
	warn := a.warns(now)
	if !warn && a.Hash == s.account.Hash {
		return nil
	}
	if warn {
		a.WarnedAt = now
		if err := p.notify(ctx, s.candidate, noticeExpiring, a.Expires()); err != nil {
			return err
		}
	}
	if err := p.Accounts.KeepAccount(ctx, a); err != nil {
		return fmt.Errorf("keeping a password: %w", err)
	}
	return nil
}

// byPassword is what a right password proves.
// Source: RFC 8176 for the factors; one factor is low, Implementing Regulation (EU)
// 2015/1502, annex, 2.3.1.
func byPassword(person identity.PersonID, now time.Time) broker.Evidence {
	return broker.Evidence{Method: identity.Permanente, Level: identity.Low, Person: person, At: now, Factors: []string{"pwd"}}
}

// reinforced is what a right password and the code on the phone prove.
func reinforced(person identity.PersonID, now time.Time) broker.Evidence {
	return broker.Evidence{Method: identity.Permanente, Level: identity.Substantial, Person: person, At: now, Factors: []string{"pwd", "otp", "sms", "mfa"}}
}
