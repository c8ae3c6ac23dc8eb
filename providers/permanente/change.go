package permanente

import (
	"context"
	"fmt"

	"clave/audit"
	"clave/broker"
	"clave/identity"
	"clave/internal/onetime"
	"clave/internal/tally"
	"clave/internal/throttle"
	"clave/providers/permanente/password"
)

// Settings are what a citizen who is logged in sees of their password: the zero value
// is none.
func (p *Provider) Settings(ctx context.Context, person identity.PersonID) (Account, error) {
	a, err := p.Accounts.Account(ctx, person)
	if err != nil {
		return Account{}, fmt.Errorf("reading a password: %w", err)
	}
	return a, nil
}

// Change sets another password for who is logged in and types the present one. After a
// login by certificate it is set at once; otherwise a code goes to the phone, and
// token is what the browser goes on with. Otherwise it returns a [Denied].
// Source: the help of Cl@ve Permanente.
func (p *Provider) Change(ctx context.Context, c *broker.Citizen, old, chosen, language string) (kept Account, token string, err error) {
	person, document := c.Standing.Person, c.Standing.Identity.Document
	present, err := p.Accounts.Account(ctx, person)
	if err != nil {
		return Account{}, "", fmt.Errorf("reading a password: %w", err)
	}
	if present.Hash == "" {
		return Account{}, "", &Denied{Cause: NoCode}
	}
	if err := p.typedAgain(ctx, person, present, old); err != nil {
		return Account{}, "", told(err)
	}
	_, hash, err := p.choose(ctx, document, person, chosen)
	if err != nil {
		return Account{}, "", told(err)
	}
	holder, err := p.Register.Candidate(ctx, document)
	if err != nil {
		return Account{}, "", fmt.Errorf("asking the register: %w", err)
	}
	if no := activates(holder); no != nil && no.Cause == Refused {
		return Account{}, "", no
	}
	challenge := Challenge{Purpose: ForChange, Person: person, Document: document, Pending: hash, Session: c.Session.ID}
	if c.Evidence.Method == identity.Certificate {
		challenge.Phone = holder.Phone
		err = p.Broker.Tx(ctx, func(ctx context.Context) error {
			kept, err = p.keep(ctx, challenge, hash, howChange)
			return err
		})
		return kept, "", told(err)
	}
	budget := throttle.NewOnce(p.Budget)
	token = onetime.NewToken()
	challenge.Key = keyOf(token)
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		return p.send(ctx, order{challenge: challenge, phone: holder.Phone, language: firstOf(language, holder.Language)}, budget)
	})
	return Account{}, token, told(err)
}

// typedAgain compares the present password of who is logged in. Wrong ones count like
// those from a browser that is known.
func (p *Provider) typedAgain(ctx context.Context, person identity.PersonID, present Account, typed string) error {
	wrong, err := p.Tallies.Tally(ctx, fromKnown(person))
	if err != nil {
		return fmt.Errorf("reading the wrong passwords: %w", err)
	}
	if wrong.Locked(p.Now()) {
		return &Denied{Cause: PasswordLocked}
	}
	same := false
	if normal, err := password.Normal(typed); err == nil {
		if same, err = p.Passwords.Matches(ctx, password.Known, present.Hash, normal); err != nil {
			return fmt.Errorf("comparing a password: %w", err)
		}
	}
	var said *Denied
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		said = nil
		wrong, err := p.Tallies.HoldTally(ctx, fromKnown(person))
		if err != nil {
			return fmt.Errorf("holding the wrong passwords: %w", err)
		}
		now := p.clock()
		switch {
		case wrong.Locked(now):
			said = &Denied{Cause: PasswordLocked}
			return nil
		case same:
			return p.Tallies.KeepTally(ctx, fromKnown(person), tally.Tally{})
		}
		said = &Denied{Cause: WrongPassword}
		wrong = missedKnown(wrong, now)
		if err := p.Tallies.KeepTally(ctx, fromKnown(person), wrong); err != nil {
			return fmt.Errorf("counting a wrong password: %w", err)
		}
		if err := p.record(ctx, nil, person, identity.DocumentID{}, audit.PasswordWrong{Known: true, Count: len(wrong.Times)}); err != nil {
			return err
		}
		if !wrong.Locked(now) {
			return nil
		}
		said = &Denied{Cause: PasswordLocked}
		return p.record(ctx, nil, person, identity.DocumentID{}, audit.PasswordLocked{Known: true})
	})
	return settled(err, said)
}

// Prefer sets whether a code is asked for in every login. Asking for less than before
// wants a login that was more than the password: a [Denied] of cause Refused otherwise.
func (p *Provider) Prefer(ctx context.Context, c *broker.Citizen, always bool) error {
	if !always && c.Evidence.Level < identity.Substantial {
		return &Denied{Cause: Refused, Reason: broker.LevelUnmet}
	}
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		a, err := p.Accounts.Account(ctx, c.Standing.Person)
		if err != nil {
			return fmt.Errorf("holding a password: %w", err)
		}
		if a.Hash == "" {
			return &Denied{Cause: NoCode}
		}
		if a.Always == always {
			return nil
		}
		a.Always = always
		if err := p.Accounts.KeepAccount(ctx, a); err != nil {
			return fmt.Errorf("keeping a preference: %w", err)
		}
		return p.record(ctx, nil, a.Person, identity.DocumentID{}, audit.PasswordPreference{Always: always})
	})
	return told(err)
}
