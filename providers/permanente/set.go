package permanente

import (
	"context"
	"errors"
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

// Code reads the code under way of a browser; the zero value when there is none.
func (p *Provider) Code(ctx context.Context, token string) (Challenge, error) {
	c, err := p.Challenges.Challenge(ctx, keyOf(token))
	if err != nil {
		return Challenge{}, fmt.Errorf("reading a code: %w", err)
	}
	return c, nil
}

// CodeAgain sends another code to a browser's phone and voids the one before. The
// answer is nil or a [Denied].
func (p *Provider) CodeAgain(ctx context.Context, token, language string) error {
	budget := throttle.NewOnce(p.Budget)
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		held, err := p.Challenges.Challenge(ctx, keyOf(token))
		if err != nil {
			return fmt.Errorf("reading a code: %w", err)
		}
		if held.Key == "" {
			return &Denied{Cause: NoCode}
		}
		holder, err := p.Register.Candidate(ctx, held.Document)
		if err != nil {
			return fmt.Errorf("asking the register: %w", err)
		}
		if !held.holds(holder) {
			return &Denied{Cause: NoCode}
		}
		return p.send(ctx, order{challenge: held, phone: holder.Phone, language: firstOf(language, holder.Language)}, budget)
	})
	return told(err)
}

// ProveSetting tries the code that was sent after an activation code or a change. After
// the former the browser may choose a password for settingTime; after the latter the
// new one is set. Otherwise it returns a [Denied] or ErrCode.
func (p *Provider) ProveSetting(ctx context.Context, token, typed string) (kept Account, err error) {
	code, err := ReadCode(typed)
	if err != nil {
		return Account{}, err
	}
	var said *Denied
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		kept, said = Account{}, nil
		held, err := p.Challenges.Challenge(ctx, keyOf(token))
		if err != nil {
			return fmt.Errorf("holding a code: %w", err)
		}
		if held.Purpose == ForLogin {
			said = &Denied{Cause: NoCode}
			return nil
		}
		proven, no, err := p.try(ctx, nil, held, code)
		if err != nil || no != nil {
			said = no
			return err
		}
		if proven.Purpose == ForSet {
			return p.Challenges.KeepChallenge(ctx, proven)
		}
		kept, err = p.keep(ctx, proven, proven.Pending, howChange)
		return err
	})
	return kept, settled(err, said)
}

// How a password was set, as the audit trail says it.
const (
	howActivation = "activation"
	howReset      = "reset"
	howChange     = "change"
)

// Set sets the password of who proved document, address, activation code and phone in
// this browser. Otherwise it returns a [Denied]: BadPassword with its problems, NoCode,
// Busy.
func (p *Provider) Set(ctx context.Context, token, typed string) (kept Account, err error) {
	c, err := p.Code(ctx, token)
	if err != nil {
		return Account{}, err
	}
	if !c.settable(p.Now()) {
		return Account{}, &Denied{Cause: NoCode}
	}
	_, hash, err := p.choose(ctx, c.Document, c.Person, typed)
	if err != nil {
		return Account{}, told(err)
	}
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		held, err := p.Challenges.Challenge(ctx, c.Key)
		if err != nil {
			return fmt.Errorf("holding a code: %w", err)
		}
		if !held.settable(p.Now()) {
			return &Denied{Cause: Over} // another tab was quicker
		}
		kept, err = p.keep(ctx, held, hash, howReset)
		return err
	})
	return kept, told(err)
}

// choose looks at a new password: the rules, and that it is none of before. It gives
// the account as it stands, and the hash. Nothing is held meanwhile.
func (p *Provider) choose(ctx context.Context, document identity.DocumentID, person identity.PersonID, typed string) (Account, password.Hash, error) {
	normal, err := password.Normal(typed)
	if err != nil {
		return Account{}, "", &Denied{Cause: BadPassword, Problems: []password.Problem{password.Impossible}}
	}
	holder, err := p.Register.Candidate(ctx, document)
	if err != nil {
		return Account{}, "", fmt.Errorf("asking the register: %w", err)
	}
	if problems := password.Problems(normal, ownerOf(holder)); len(problems) > 0 {
		return Account{}, "", &Denied{Cause: BadPassword, Problems: problems}
	}
	a, err := p.Accounts.Account(ctx, person)
	if err != nil {
		return Account{}, "", fmt.Errorf("reading a password: %w", err)
	}
	for _, old := range []password.Hash{a.Hash, a.Previous} {
		if old == "" {
			continue
		}
		same, err := p.Passwords.Matches(ctx, password.Known, old, normal)
		if err != nil {
			return Account{}, "", fmt.Errorf("comparing with a password of before: %w", err)
		}
		if same {
			return Account{}, "", &Denied{Cause: BadPassword, Problems: []password.Problem{password.Same}}
		}
	}
	hash, err := p.Passwords.Hash(ctx, password.Known, normal)
	if err != nil {
		return Account{}, "", fmt.Errorf("hashing a password: %w", err)
	}
	return a, hash, nil
}

func ownerOf(c census.Candidate) password.Owner {
	who := c.Reference.Person
	return password.Owner{Names: []string{who.GivenName, who.FirstSurname, who.SecondSurname}, Document: who.Document.Reveal()}
}

// keep writes a new password in the transaction in ctx, opens what was locked, ends what
// rests on the one before, and tells the citizen. The challenge is spent: it is gone with
// it. The person must be registered with the same phone still, and is held first, so that
// who withdraws or loses the phone in the same moment is left with no password.
func (p *Provider) keep(ctx context.Context, c Challenge, hash password.Hash, how string) (Account, error) {
	_, err := p.Register.Standing(ctx, c.Person)
	if errors.Is(err, broker.ErrNoPerson) {
		return Account{}, &Denied{Cause: NoCode}
	}
	if err != nil {
		return Account{}, fmt.Errorf("holding a person: %w", err)
	}
	holder, err := p.Register.Candidate(ctx, c.Document)
	if err != nil {
		return Account{}, fmt.Errorf("asking the register: %w", err)
	}
	if !c.holds(holder) {
		return Account{}, &Denied{Cause: NoCode}
	}
	if _, err := p.Tallies.HoldTally(ctx, fromKnown(c.Person)); err != nil {
		return Account{}, fmt.Errorf("holding the wrong passwords: %w", err)
	}
	if err := p.Tallies.KeepTally(ctx, fromKnown(c.Person), tally.Tally{}); err != nil {
		return Account{}, fmt.Errorf("forgetting the wrong passwords: %w", err)
	}
	a, err := p.Accounts.Account(ctx, c.Person)
	if err != nil {
		return Account{}, fmt.Errorf("holding a password: %w", err)
	}
	notice := noticeChanged
	if a.Hash == "" {
		notice = noticeSet
		if how == howReset {
			how = howActivation
		}
	}
	now := p.clock()
	a = Account{Person: c.Person, Hash: hash, Previous: a.Hash, SetAt: now, Always: a.Always}
	if err := p.Accounts.KeepAccount(ctx, a); err != nil {
		return Account{}, fmt.Errorf("keeping a password: %w", err)
	}
	if c.Key != "" {
		if err := p.Challenges.DropChallenge(ctx, c.Key); err != nil {
			return Account{}, fmt.Errorf("spending a code: %w", err)
		}
	}
	if err := p.record(ctx, nil, c.Person, identity.DocumentID{}, audit.PasswordSet{How: how}); err != nil {
		return Account{}, err
	}
	if err := p.expel(ctx, c, how, now); err != nil {
		return Account{}, err
	}
	return a, p.notify(ctx, holder, notice, now)
}

// expel ends what somebody may hold who knew the password of before. A reset says that
// it got out of hand: all sessions end, and what services were given is revoked, as with
// a change of phone. A change is made by who is logged in: their other sessions end. A
// first password ends nothing.
// Source: our choice; NIST SP 800-63B-4, section 4.6, wants sessions ended where a
// password may be known to others.
func (p *Provider) expel(ctx context.Context, c Challenge, how string, now time.Time) error {
	switch how {
	case howReset:
		if err := p.Sessions.EndSessions(ctx, c.Person, "password_reset", func(broker.SessionID) bool { return true }); err != nil {
			return fmt.Errorf("ending the sessions of person %s: %w", c.Person, err)
		}
		if err := p.Grants.RevokePerson(ctx, c.Person, now); err != nil {
			return fmt.Errorf("revoking the grants of person %s: %w", c.Person, err)
		}
	case howChange:
		err := p.Sessions.EndSessions(ctx, c.Person, "password_changed", func(s broker.SessionID) bool { return s != c.Session })
		if err != nil {
			return fmt.Errorf("ending the other sessions of person %s: %w", c.Person, err)
		}
	case howActivation:
	}
	return nil
}
