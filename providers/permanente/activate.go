package permanente

import (
	"context"
	"encoding/base64"
	"fmt"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/census/registrar"
	"clave/identity"
	"clave/internal/onetime"
	"clave/internal/tally"
	"clave/internal/throttle"
)

// Activation is what somebody types to set a password without one. It prints masked.
type Activation struct {
	Document identity.DocumentID
	Email    identity.Email
	// Code is the activation code without groups, as onetime.ReadPrinted gives it.
	Code string
}

// String returns a masked document.
func (a Activation) String() string { return "activation of " + a.Document.String() }

// keyOf is what a browser's token is kept as.
func keyOf(token string) string {
	return "page:" + base64.RawURLEncoding.EncodeToString(onetime.Hash(token))
}

// Activate sends a code to the phone of the person whom document, address and
// activation code name, to set a first password or another one. The token is what the
// browser goes on with. Otherwise it returns a [Denied].
//
// Known and unknown documents take the same steps. The activation code stays good
// after it, so that a forgotten password can be set anew with the same paper.
func (p *Provider) Activate(ctx context.Context, a Activation, language string) (token string, err error) {
	budget := throttle.NewOnce(p.Budget)
	var said *Denied
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		said = nil
		wrong, err := p.Tallies.HoldTally(ctx, wrongActivations(a.Document))
		if err != nil {
			return fmt.Errorf("holding the wrong activations: %w", err)
		}
		now := p.clock()
		if until := wrong.Full(activationLimits(), now); !until.IsZero() {
			said = &Denied{Cause: ActivationLocked, Until: until}
			return nil
		}
		c, err := p.Register.Candidate(ctx, a.Document)
		if err != nil {
			return fmt.Errorf("asking the register: %w", err)
		}
		sum, err := p.Activations.HoldActivation(ctx, c.PersonID)
		if err != nil {
			return fmt.Errorf("reading an activation code: %w", err)
		}
		theirs := c.Known && !c.Deceased && c.PersonID != "" && !c.Email.IsZero() && c.Email.Same(a.Email)
		right := p.ActivationCodes.Equal(sum, registrar.ActivationParts(c.PersonID, a.Code)...)
		if !theirs || !right {
			if err := p.Tallies.KeepTally(ctx, wrongActivations(a.Document), wrong.With(now, tally.Day)); err != nil {
				return fmt.Errorf("counting a wrong activation: %w", err)
			}
			said = &Denied{Cause: WrongActivation}
			return p.missActivation(ctx, c.PersonID, a.Document, theirs && sum != nil)
		}
		if no := activates(c); no != nil {
			return no
		}
		token = onetime.NewToken()
		return p.send(ctx, order{
			challenge: Challenge{Key: keyOf(token), Purpose: ForSet, Person: c.PersonID, Document: a.Document},
			phone:     c.Phone, language: firstOf(language, c.Language),
		}, budget)
	})
	if err := settled(err, said); err != nil {
		return "", err
	}
	return token, nil
}

// missActivation counts a wrong code against it, if the rest was right. It does as much
// where there is nothing to count.
func (p *Provider) missActivation(ctx context.Context, person identity.PersonID, document identity.DocumentID, counts bool) error {
	tries := 0
	if counts {
		tries = 1
	}
	voided, err := p.Activations.MissActivation(ctx, person, tries, ActivationTries)
	if err != nil {
		return fmt.Errorf("counting a wrong activation code: %w", err)
	}
	return p.record(ctx, nil, person, document, audit.ActivationWrong{Counted: counts, Voided: voided})
}

// activates tells who proved to hold the activation code why it leads no further.
func activates(c census.Candidate) *Denied {
	switch c.State {
	case identity.Registered:
	case identity.Unregistered:
		return &Denied{Cause: Refused, Reason: broker.NotRegistered}
	case identity.Withdrawn:
		return &Denied{Cause: Refused, Reason: broker.HasWithdrawn}
	case identity.PhoneRevoked:
		return &Denied{Cause: Refused, Reason: broker.LostPhone}
	case identity.Revoked, identity.Deceased:
		return &Denied{Cause: Refused, Reason: broker.IsRevoked}
	default:
		return &Denied{Cause: Refused, Reason: broker.IsRevoked}
	}
	if !c.EmailConfirmed {
		return &Denied{Cause: EmailUnconfirmed}
	}
	return nil
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
