package certificate

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/identity"
	"clave/internal/onetime"
	"clave/providers/certificate/profile"
)

// Look tells what the ticket stands for, without using it up: who may confirm, or a
// [Denied].
func (p *Provider) Look(ctx context.Context, l *broker.Login, ticket string) (profile.Holder, error) {
	kept, err := p.Presentations.Presentation(ctx, l.Request.ID)
	if err != nil {
		return profile.Holder{}, fmt.Errorf("reading the presentation of login %s: %w", l.Request.ID, err)
	}
	if kept.Spent {
		return profile.Holder{}, &Denied{Over}
	}
	if !kept.of(ticket) || !p.Now().Before(kept.ExpiresAt) {
		return profile.Holder{}, &Denied{Late}
	}
	return kept.Seen.Holder, p.judge(l, kept.Seen)
}

// of tells whether the ticket is the presentation's own. Both are hashes of 256
// random bits, so that how long comparing takes tells nothing of use.
func (p Presentation) of(ticket string) bool {
	return len(p.Ticket) > 0 && string(p.Ticket) == string(onetime.Hash(ticket))
}

// judge compares what was seen with what the service demands.
func (p *Provider) judge(l *broker.Login, seen Seen) error {
	switch {
	case seen.Cause != "":
		return &Denied{seen.Cause}
	case seen.Holder.Employee && !p.Employees(l):
		return &Denied{ForEmployees}
	case seen.Holder.Level < p.Broker.Demand(l).Level:
		return &Denied{TooLow}
	}
	return nil
}

// Accept proves the holder of the certificate that the ticket stands for: the
// broker has its evidence, or has ended the login, when it returns nil. Otherwise
// it returns a [Denied]. Spending the ticket, the person and the evidence are one
// transaction.
func (p *Provider) Accept(ctx context.Context, l *broker.Login, ticket string) error {
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		now := p.Now()
		kept, err := p.Presentations.SpendPresentation(ctx, l.Request.ID, onetime.Hash(ticket), now)
		if errors.Is(err, ErrNoPresentation) {
			return p.tooLate(ctx, l)
		}
		if err != nil {
			return fmt.Errorf("spending the presentation: %w", err)
		}
		if err := p.judge(l, kept.Seen); err != nil {
			return err
		}
		return p.prove(ctx, l, kept.Seen, now)
	})
	if errors.Is(err, broker.ErrEnded) || errors.Is(err, broker.ErrOtherPerson) {
		return &Denied{Over}
	}
	return err
}

// tooLate tells a ticket that was used, whose answer may have got lost, from one that
// is too old or none.
func (p *Provider) tooLate(ctx context.Context, l *broker.Login) error {
	kept, err := p.Presentations.Presentation(ctx, l.Request.ID)
	if err != nil {
		return fmt.Errorf("reading the presentation of login %s: %w", l.Request.ID, err)
	}
	if kept.Spent {
		return &Denied{Over}
	}
	return &Denied{Late}
}

// prove gives the broker its evidence.
func (p *Provider) prove(ctx context.Context, l *broker.Login, seen Seen, now time.Time) error {
	person, state, err := p.Persons.Ensure(ctx, seen.Holder.Person, l.Language)
	if err != nil {
		return fmt.Errorf("finding the person of a certificate: %w", err)
	}
	if err := p.Broker.Begin(ctx, l, person); err != nil {
		return err
	}
	if err := p.record(ctx, l, person, seen, audit.CertificateShown{
		Issuer: seen.Proof.Issuer, Policy: seen.Holder.Policy, Level: seen.Holder.Level, Checked: seen.Proof.Checked,
	}); err != nil {
		return err
	}
	if state == identity.Deceased {
		if err := p.record(ctx, l, person, seen, audit.DeceasedUsed{}); err != nil {
			return err
		}
	}
	return p.Broker.Succeed(ctx, l, evidence(person, seen, now))
}

func (p *Provider) record(ctx context.Context, l *broker.Login, person identity.PersonID, seen Seen, fact audit.Data) error {
	err := p.Trail.Record(ctx, audit.Event{
		Actor: audit.Citizen, Person: person, RelyingParty: l.Party.ID, Login: string(l.Request.ID),
		Data: fact, Personal: audit.Personal{Certificate: seen.Proof.Serial},
	})
	if err != nil {
		return fmt.Errorf("recording a certificate: %w", err)
	}
	return nil
}

// evidence is what the key of a certificate proves.
// Source: RFC 8176 for swk and hwk; x509 is what other brokers add, our choice.
// Levels: Implementing Regulation (EU) 2015/1502, annex, section 2.2.1, and the
// notification of the DNIe at level high (2018/C 401/08).
func evidence(person identity.PersonID, seen Seen, now time.Time) broker.Evidence {
	key := "swk"
	if seen.Holder.OnDevice {
		key = "hwk"
	}
	return broker.Evidence{
		Method: identity.Certificate, Level: seen.Holder.Level, Person: person, At: now, Factors: []string{key, "x509"},
		Certificate: told(seen),
	}
}

// told is what relying parties may be told of the certificate.
func told(seen Seen) *broker.Certificate {
	c := &broker.Certificate{
		Issuer: seen.Proof.Authority, NotBefore: seen.Proof.NotBefore, NotAfter: seen.Proof.NotAfter,
		Policy: seen.Holder.Policy, Qualified: seen.Holder.Qualified, Employee: seen.Holder.Employee,
	}
	if n, ok := new(big.Int).SetString(seen.Proof.Serial, 16); ok {
		c.Serial = n.String()
	}
	return c
}
