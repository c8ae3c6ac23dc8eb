package movil

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/census/pair"
	"clave/identity"
	"clave/internal/onetime"
	"clave/internal/throttle"
)

// keyOf is what a browser's token is kept as.
func keyOf(token string) string { return base64.RawURLEncoding.EncodeToString(onetime.Hash(token)) }

// StartActivation sends a code to the phone of whose document and datum these are, to
// activate a device. The token is what the browser goes on with. Otherwise it returns a
// [Denied]: WrongPair, PairLocked, Refused, TooManyDevices, or why no code was sent.
func (p *Provider) StartActivation(ctx context.Context, typed pair.Pair, language string) (token string, err error) {
	leave, err := p.Pairs.Enter(ctx, typed.Document)
	if err != nil {
		return "", err
	}
	defer leave()
	c, err := p.Pairs.Check(ctx, pair.For{}, typed, (*census.Candidate).Matches)
	if no := wrongPair(err); no != nil {
		return "", no
	}
	if err != nil {
		return "", err
	}
	if why := refusal(c.State); why != "" {
		return "", &Denied{Cause: Refused, Reason: why}
	}
	if err := p.room(ctx, c.PersonID); err != nil {
		return "", told(err)
	}
	token = onetime.NewToken()
	a := Activation{Key: keyOf(token), Person: c.PersonID, How: ByCode, Document: typed.Document}
	budget := throttle.NewOnce(p.Budget)
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		if _, err := p.Activations.Activation(ctx, a.Key); err != nil {
			return fmt.Errorf("holding an activation: %w", err)
		}
		return p.send(ctx, a, c, cmp.Or(language, c.Language), budget)
	})
	if err != nil {
		return "", told(err)
	}
	return token, nil
}

// wrongPair is what a citizen is told of a pair that leads no further.
func wrongPair(err error) *Denied {
	var denied *pair.Denied
	switch {
	case !errors.As(err, &denied):
		return nil
	case denied.Until.IsZero():
		return &Denied{Cause: WrongPair}
	}
	return &Denied{Cause: PairLocked, Until: denied.Until}
}

// refusal is why the method is closed to a person in a state, or "".
func refusal(state identity.State) broker.Reason {
	switch state {
	case identity.Registered:
		return ""
	case identity.Unregistered:
		return broker.NotRegistered
	case identity.Withdrawn:
		return broker.HasWithdrawn
	case identity.PhoneRevoked:
		return broker.LostPhone
	case identity.Revoked, identity.Deceased:
	}
	return broker.IsRevoked
}

// room refuses a person who has as many devices as there may be. Inside a transaction
// it holds them.
func (p *Provider) room(ctx context.Context, person identity.PersonID) error {
	held, err := p.Devices.DevicesOf(ctx, person)
	if err != nil {
		return fmt.Errorf("reading the devices of person %s: %w", person, err)
	}
	if len(held) >= MaxDevices {
		return &Denied{Cause: TooManyDevices}
	}
	return nil
}

// Activation reads the activation under way of a browser; the zero value when there is
// none.
func (p *Provider) Activation(ctx context.Context, token string) (Activation, error) {
	a, err := p.Activations.Activation(ctx, keyOf(token))
	if err != nil {
		return Activation{}, fmt.Errorf("reading an activation: %w", err)
	}
	return a, nil
}

// ActivationAgain sends another code and voids the one before. The answer is nil or a
// [Denied].
func (p *Provider) ActivationAgain(ctx context.Context, token, language string) error {
	budget := throttle.NewOnce(p.Budget)
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		held, err := p.Activation(ctx, token)
		if err != nil {
			return err
		}
		holder, err := p.holder(ctx, held)
		if err != nil {
			return err
		}
		if held.How != ByCode {
			return &Denied{Cause: NoActivation}
		}
		return p.send(ctx, held, holder, cmp.Or(language, holder.Language), budget)
	})
	return told(err)
}

// holder reads whom an activation is for. NoActivation when there is none, or who that
// was is no longer registered with the phone.
func (p *Provider) holder(ctx context.Context, a Activation) (census.Candidate, error) {
	if a.Key == "" {
		return census.Candidate{}, &Denied{Cause: NoActivation}
	}
	c, err := p.Register.Candidate(ctx, a.Document)
	if err != nil {
		return census.Candidate{}, fmt.Errorf("asking the register: %w", err)
	}
	if !a.holds(c) {
		return census.Candidate{}, &Denied{Cause: NoActivation}
	}
	return c, nil
}

// ProveActivation tries the code. After the right one the browser may make its keys for
// creationTime. Otherwise it returns a [Denied] or ErrCode.
func (p *Provider) ProveActivation(ctx context.Context, token, typed string) error {
	code, ok := identity.Digits(typed, CodeLength)
	if !ok {
		return ErrCode
	}
	var said *Denied
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		said = nil
		held, err := p.Activation(ctx, token)
		if err != nil {
			return err
		}
		now := p.clock()
		if no := held.mayTry(now); no != nil {
			return no
		}
		if _, err := p.holder(ctx, held); err != nil {
			return err
		}
		if p.Codes.Equal(held.Secret, held.parts(code)...) {
			return p.Activations.KeepActivation(ctx, held.proven(now))
		}
		held, said = held.missed()
		if err := p.Activations.KeepActivation(ctx, held); err != nil {
			return fmt.Errorf("counting a wrong code: %w", err)
		}
		return p.record(ctx, nil, held.Person, audit.DeviceCodeWrong{Wrong: held.Wrong})
	})
	return settled(err, said)
}

// ActivateByCertificate begins an activation for who logged in with a certificate a
// moment ago: the caller's route demands that. Otherwise it returns a [Denied]: Refused,
// TooManyDevices.
func (p *Provider) ActivateByCertificate(ctx context.Context, person identity.PersonID) (token string, err error) {
	token = onetime.NewToken()
	err = p.Broker.Tx(ctx, func(ctx context.Context) error {
		who, err := p.standing(ctx, person)
		if err != nil {
			return err
		}
		if err := p.room(ctx, person); err != nil {
			return err
		}
		a := Activation{Key: keyOf(token), Person: person, How: ByCertificate, Document: who.Identity.Document}
		if _, err := p.Activations.Activation(ctx, a.Key); err != nil {
			return fmt.Errorf("holding an activation: %w", err)
		}
		return p.Activations.KeepActivation(ctx, a.proven(p.clock()))
	})
	if err != nil {
		return "", told(err)
	}
	return token, nil
}

// standing reads who is to use the method, and refuses who cannot. Inside a transaction
// it holds the person.
func (p *Provider) standing(ctx context.Context, person identity.PersonID) (broker.Standing, error) {
	who, err := p.Register.Standing(ctx, person)
	switch {
	case errors.Is(err, broker.ErrNoPerson):
		return broker.Standing{}, &Denied{Cause: Refused, Reason: broker.NotRegistered}
	case err != nil:
		return broker.Standing{}, fmt.Errorf("reading the standing of person %s: %w", person, err)
	}
	if why := refusal(who.State); why != "" {
		return broker.Standing{}, &Denied{Cause: Refused, Reason: why}
	}
	return who, nil
}
