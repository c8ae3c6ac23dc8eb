package pair

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"clave/audit"
	"clave/census"
	"clave/identity"
	"clave/internal/tally"
)

// Register tells what is known about a document, and the wrong pairs that were
// counted of it, in one question that is the same for unknown ones.
type Register interface {
	Pair(ctx context.Context, document identity.DocumentID) (census.Candidate, tally.Tally, error)
}

// Tx runs fn in a transaction that travels in its context, or joins the one that
// is there. fn may be run again.
type Tx interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Config is what a Checker needs. Every field is required.
type Config struct {
	Tx       Tx
	Register Register
	Tallies  tally.Store
	Trail    audit.Trail
	Log      *slog.Logger
	Now      func() time.Time
}

// Checker looks at pairs. It is safe for concurrent use.
type Checker struct {
	Config
	gates gates
}

// New returns a checker. An installation has one.
func New(c Config) *Checker { return &Checker{Config: c, gates: newGates()} }

// For is on whose behalf a pair is looked at, as the audit trail keeps it.
type For struct {
	// Login and RelyingParty are empty outside a login.
	Login, RelyingParty string
}

// Rule tells whether a datum belongs to a document: (*census.Candidate).Matches,
// or a wider one.
type Rule func(c *census.Candidate, typed census.Contrast) bool

// Enter waits until nobody else of this node looks at the document's pair, or
// the request is over. The caller calls leave when done.
func (c *Checker) Enter(ctx context.Context, document identity.DocumentID) (leave func(), err error) {
	leave, err = c.gates.enter(ctx, document)
	if err != nil {
		return nil, fmt.Errorf("waiting to look at a pair: %w", err)
	}
	return leave, nil
}

// Check tells whose the pair is, for who entered the document's gate. Right and
// wrong pairs, known and unknown documents ask the same questions; only a wrong
// one is then counted. A *Denied may come with something to commit.
func (c *Checker) Check(ctx context.Context, who For, p Pair, belongs Rule) (census.Candidate, error) {
	found, wrong, err := c.Register.Pair(ctx, p.Document)
	if err != nil {
		return census.Candidate{}, fmt.Errorf("asking the register: %w", err)
	}
	if until := wrong.Full(Limits(), c.Now()); !until.IsZero() {
		return census.Candidate{}, &Denied{Until: until}
	}
	if !belongs(&found, p.Contrast) {
		return census.Candidate{}, c.count(ctx, who, p, found)
	}
	return found, nil
}

// Look is Enter and Check for who does nothing else behind the gate.
func (c *Checker) Look(ctx context.Context, who For, p Pair, belongs Rule) (census.Candidate, error) {
	leave, err := c.Enter(ctx, p.Document)
	if err != nil {
		return census.Candidate{}, err
	}
	defer leave()
	return c.Check(ctx, who, p, belongs)
}

// count counts a wrong pair and returns what to say, or the error of the store.
// The steps are the same whether the document is known or not.
func (c *Checker) count(ctx context.Context, who For, p Pair, found census.Candidate) error {
	now, said := c.Now(), &Denied{}
	err := c.Tx.Tx(ctx, func(ctx context.Context) error {
		said = &Denied{}
		wrong, err := c.Tallies.HoldTally(ctx, p.subject())
		if err != nil {
			return fmt.Errorf("holding the wrong pairs: %w", err)
		}
		if until := wrong.Full(Limits(), now); !until.IsZero() {
			said = &Denied{Until: until} // another node was quicker
			return nil
		}
		wrong = wrong.With(now, tally.Day)
		if err := c.Tallies.KeepTally(ctx, p.subject(), wrong); err != nil {
			return fmt.Errorf("counting a wrong pair: %w", err)
		}
		var fact audit.Data = audit.PairWrong{InHour: wrong.Count(time.Hour, now)}
		if found.Deceased {
			fact = audit.DeceasedUsed{}
		}
		if err := c.record(ctx, who, found.PersonID, p.Document, fact); err != nil {
			return err
		}
		if until := wrong.Full(Limits(), now); !until.IsZero() {
			said = &Denied{Until: until}
			return c.record(ctx, who, found.PersonID, p.Document, audit.PairLimitReached{Until: until})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if found.Deceased {
		c.Log.WarnContext(ctx, "document of a deceased person used", "login_id", who.Login, "relying_party", who.RelyingParty)
	}
	return said
}

// record writes an audit event. The document is what was typed, and may be
// nobody's.
func (c *Checker) record(ctx context.Context, who For, person identity.PersonID, document identity.DocumentID, fact audit.Data) error {
	err := c.Trail.Record(ctx, audit.Event{
		Actor: audit.Citizen, Person: person, RelyingParty: who.RelyingParty, Login: who.Login,
		Data: fact, Personal: audit.Personal{Document: document},
	})
	if err != nil {
		return fmt.Errorf("recording %s: %w", fact.Kind(), err)
	}
	return nil
}
