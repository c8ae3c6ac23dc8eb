package pin

import (
	"context"
	"errors"
	"fmt"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/census/pair"
	"clave/identity"
)

// Check tells whether the pair is right and its person may log in with a PIN
// here, and if so who that is. It writes only what has to be counted. Otherwise
// it returns a [Denied]: WrongPair, PairLocked or Refused.
func (p *Provider) Check(ctx context.Context, l *broker.Login, typed pair.Pair) (census.Candidate, error) {
	leave, err := p.Pairs.Enter(ctx, typed.Document)
	if err != nil {
		return census.Candidate{}, err
	}
	defer leave()
	return p.check(ctx, l, typed)
}

// check is Check for who entered the document's gate. A *Denied of cause
// WrongPair or PairLocked may come with something to commit.
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
	if why := p.Broker.Demand(l).Admits(identity.PIN, standing); why != "" {
		return census.Candidate{}, &Denied{Cause: Refused, Reason: why}
	}
	return c, nil
}

// record writes an audit event about the login's citizen.
func (p *Provider) record(ctx context.Context, l *broker.Login, person identity.PersonID, fact audit.Data) error {
	err := p.Trail.Record(ctx, audit.Event{
		Actor: audit.Citizen, Person: person, RelyingParty: l.Party.ID, Login: string(l.Request.ID), Data: fact,
	})
	if err != nil {
		return fmt.Errorf("recording %s: %w", fact.Kind(), err)
	}
	return nil
}
