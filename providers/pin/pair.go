package pin

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/identity"
)

// Pair is what a citizen types to say who they are: the document's number and
// the datum printed on it. It prints masked.
type Pair struct {
	Document identity.DocumentID
	Contrast census.Contrast
}

// String returns both masked.
func (p Pair) String() string { return p.Document.String() + " " + p.Contrast.String() }

// Format prints String for every verb.
func (p Pair) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) } // fmt.State keeps the error itself

// LogValue gives logs String.
func (p Pair) LogValue() slog.Value { return slog.StringValue(p.String()) }

func (p Pair) subject() Subject { return Subject{WrongPairs, p.Document.Reveal()} }

// Check tells whether the pair is right and its person may log in with a PIN
// here, and if so who that is. It writes only what has to be counted. Otherwise
// it returns a [Denied]: WrongPair, PairLocked or Refused.
func (p *Provider) Check(ctx context.Context, l *broker.Login, pair Pair) (census.Candidate, error) {
	leave, err := p.gates.enter(ctx, pair.Document)
	if err != nil {
		return census.Candidate{}, fmt.Errorf("waiting to check a pair: %w", err)
	}
	defer leave()
	return p.check(ctx, l, pair)
}

// check is Check for who holds the document's gate. Right and wrong pairs, known
// and unknown documents ask the same questions; only a wrong one is then
// counted. A *Denied of cause WrongPair or PairLocked may come with something to
// commit.
func (p *Provider) check(ctx context.Context, l *broker.Login, pair Pair) (census.Candidate, error) {
	wrong, err := p.Tallies.Tally(ctx, pair.subject())
	if err != nil {
		return census.Candidate{}, fmt.Errorf("reading the wrong pairs: %w", err)
	}
	if until := wrong.full(pairLimits(), p.Now()); !until.IsZero() {
		return census.Candidate{}, &Denied{Cause: PairLocked, Until: until}
	}
	c, err := p.Register.Candidate(ctx, pair.Document)
	if err != nil {
		return census.Candidate{}, fmt.Errorf("asking the register: %w", err)
	}
	if !c.Matches(pair.Contrast) {
		return census.Candidate{}, p.countPair(ctx, l, pair, c)
	}
	standing := broker.Standing{Person: c.PersonID, Registration: c.Registration, Channel: c.Channel, State: c.State}
	if why := p.Broker.Demand(l).Admits(identity.PIN, standing); why != "" {
		return census.Candidate{}, &Denied{Cause: Refused, Reason: why}
	}
	return c, nil
}

// countPair counts a wrong pair and returns what to say, or the error of the
// store. The steps are the same whether the document is known or not.
func (p *Provider) countPair(ctx context.Context, l *broker.Login, pair Pair, c census.Candidate) error {
	now, said := p.Now(), &Denied{Cause: WrongPair}
	err := p.Broker.Tx(ctx, func(ctx context.Context) error {
		said = &Denied{Cause: WrongPair}
		wrong, err := p.Tallies.HoldTally(ctx, pair.subject())
		if err != nil {
			return fmt.Errorf("holding the wrong pairs: %w", err)
		}
		if until := wrong.full(pairLimits(), now); !until.IsZero() {
			said = &Denied{Cause: PairLocked, Until: until} // another node was quicker
			return nil
		}
		wrong = wrong.with(now, day)
		if err := p.Tallies.KeepTally(ctx, pair.subject(), wrong); err != nil {
			return fmt.Errorf("counting a wrong pair: %w", err)
		}
		var fact audit.Data = audit.PairWrong{InHour: wrong.count(time.Hour, now)}
		if c.Deceased {
			fact = audit.DeceasedUsed{}
		}
		if err := p.record(ctx, l, c.PersonID, pair.Document, fact); err != nil {
			return err
		}
		if until := wrong.full(pairLimits(), now); !until.IsZero() {
			said = &Denied{Cause: PairLocked, Until: until}
			return p.record(ctx, l, c.PersonID, pair.Document, audit.PairLimitReached{Until: until})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if c.Deceased {
		p.Log.WarnContext(ctx, "document of a deceased person used", "login_id", string(l.Request.ID), "relying_party", l.Party.ID)
	}
	return said
}

// record writes an audit event about the login's citizen. The document is given
// where it was typed and may be nobody's.
func (p *Provider) record(ctx context.Context, l *broker.Login, person identity.PersonID, document identity.DocumentID, fact audit.Data) error {
	err := p.Trail.Record(ctx, audit.Event{
		Actor: audit.Citizen, Person: person, RelyingParty: l.Party.ID, Login: string(l.Request.ID),
		Data: fact, Personal: audit.Personal{Document: document},
	})
	if err != nil {
		return fmt.Errorf("recording %s: %w", fact.Kind(), err)
	}
	return nil
}
