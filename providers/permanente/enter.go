package permanente

import (
	"context"
	"fmt"

	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/internal/throttle"
)

// challenge sends the code of a login whose password was right, in the transaction in
// ctx.
func (p *Provider) challenge(ctx context.Context, l *broker.Login, document identity.DocumentID, c census.Candidate, budget *throttle.Once) error {
	key := string(l.Request.ID)
	held, err := p.Challenges.Challenge(ctx, key)
	if err != nil {
		return fmt.Errorf("reading a code: %w", err)
	}
	held.Key, held.Purpose, held.Person, held.Document = key, ForLogin, c.PersonID, document
	return p.send(ctx, order{login: l, challenge: held, phone: c.Phone, language: c.Language, ends: l.Request.Deadline}, budget)
}

// Again sends another code in a login and voids the one before. The answer is nil or a
// [Denied].
func (p *Provider) Again(ctx context.Context, l *broker.Login) error {
	budget := throttle.NewOnce(p.Budget)
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		var held Challenge
		err := p.Broker.Hold(ctx, l, func() (err error) {
			held, err = p.Challenges.Challenge(ctx, string(l.Request.ID))
			return err
		})
		if err != nil {
			return fmt.Errorf("holding a code: %w", err)
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
		return p.send(ctx, order{login: l, challenge: held, phone: holder.Phone, language: holder.Language, ends: l.Request.Deadline}, budget)
	})
	return told(err)
}

// Enter proves the person of the login's challenge by the code that was sent to the
// phone after the right password: the broker has its evidence when it returns nil.
// Otherwise it returns a [Denied] or ErrCode.
func (p *Provider) Enter(ctx context.Context, l *broker.Login, typed string) error {
	code, err := ReadCode(typed)
	if err != nil {
		return err
	}
	var said *Denied
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		said = nil
		var held Challenge
		err := p.Broker.Hold(ctx, l, func() (err error) {
			held, err = p.Challenges.Challenge(ctx, string(l.Request.ID))
			return err
		})
		if err != nil {
			return fmt.Errorf("holding a code: %w", err)
		}
		proven, no, err := p.try(ctx, l, held, code)
		switch {
		case err != nil:
			return err
		case no != nil:
			said = no
			if no.Cause == TriesSpent && held.Wrong < codeTries {
				return p.Broker.End(ctx, l, broker.TooManyTries)
			}
			return nil
		}
		if err := p.Challenges.KeepChallenge(ctx, proven); err != nil {
			return fmt.Errorf("spending a code: %w", err)
		}
		return p.Broker.Succeed(ctx, l, reinforced(proven.Person, proven.ProvenAt))
	})
	return settled(err, said)
}
