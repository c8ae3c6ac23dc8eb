package proposal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"clave/audit"
	"clave/census/registrar"
	"clave/census/staff"
	"clave/identity"
	"clave/internal/onetime"
)

// Why nothing is proposed or decided. The list is closed; any other error is an
// operator's matter, or says why the registrar refuses.
var (
	ErrNone    = errors.New("no such proposal")
	ErrOpen    = errors.New("another proposal about this person waits for a decision")
	ErrDecided = errors.New("the proposal is decided, or was not in time")
	// ErrOwn: the proposer decides, or either of them is the citizen.
	ErrOwn = errors.New("nobody decides on what they proposed, nor on themselves")
	// ErrRight: who asks has not the right to.
	ErrRight  = errors.New("the role does not allow this")
	ErrReason = errors.New("no such reason")
)

// Transactor runs a transaction that travels in the context.
type Transactor interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Store keeps proposals. Each method joins the transaction in ctx.
type Store interface {
	// AddProposal stores a new one: ErrOpen when another about the person is open. One
	// that was not decided in time makes room for it.
	AddProposal(ctx context.Context, p Proposal) error
	// Proposal reads one, or answers ErrNone.
	Proposal(ctx context.Context, id string) (Proposal, error)
	// Proposals lists those of a filter, from an offset on; more tells whether others
	// follow.
	Proposals(ctx context.Context, f Filter, now time.Time) (page []Proposal, more bool, err error)
	// Decide writes state, decider, why and time of one that is open and in time:
	// ErrDecided when it is not, by now.
	Decide(ctx context.Context, p Proposal) error
}

// Filter says which proposals are listed.
type Filter struct {
	// Proposer whose proposals are listed in any state, the newest first; empty for all
	// that are open, the oldest first.
	Proposer      identity.PersonID
	Offset, Limit int
}

// Registrar changes registrations.
type Registrar interface {
	Allows(ctx context.Context, change registrar.Change, person identity.PersonID, by registrar.By) (registrar.Entry, error)
	Revoke(ctx context.Context, person identity.PersonID, by registrar.By) (registrar.Done, error)
	Lift(ctx context.Context, person identity.PersonID, by registrar.By) (registrar.Done, error)
}

// Desk takes proposals and decisions. Every field is required.
type Desk struct {
	Tx        Transactor
	Store     Store
	Registrar Registrar
	Trail     audit.Trail
	Log       *slog.Logger
	Now       func() time.Time
}

func (d *Desk) clock() time.Time { return d.Now().UTC().Truncate(time.Microsecond) }

// Propose stores a proposal of who is at work. Person, Document, Change, Reason and
// Number are what p says. It answers one of the errors of this package, or that of the
// registrar when the change is not possible now.
func (d *Desk) Propose(ctx context.Context, by *staff.Signed, p Proposal) (Proposal, error) {
	if !by.Member.May(staff.Propose) {
		return Proposal{}, ErrRight
	}
	p.ID, p.Proposer, p.Office, p.At, p.State = onetime.NewID(), by.Member.Person, by.Session.Office, d.clock(), Open
	if err := p.check(); err != nil {
		return Proposal{}, err
	}
	err := d.Tx.Tx(ctx, func(ctx context.Context) error {
		if _, err := d.Registrar.Allows(ctx, p.Change, p.Person, d.by(p, by)); err != nil {
			return fmt.Errorf("proposing: %w", err)
		}
		if err := d.Store.AddProposal(ctx, p); err != nil {
			return fmt.Errorf("proposing: %w", err)
		}
		return d.record(ctx, p, by, audit.ProposalMade{
			Proposal: p.ID, Change: string(p.Change), Reason: string(p.Reason), Number: p.Number, Office: p.Office,
		})
	})
	if err != nil {
		return Proposal{}, err
	}
	d.Log.InfoContext(ctx, "proposed at the console", "proposal", p.ID, "change", p.Change, "reason", p.Reason, "officer", p.Proposer, "office", p.Office)
	return p, nil
}

// Review reads a proposal for who may decide on it, and notes that; its proposer reads
// it too. ErrNone for everybody else.
func (d *Desk) Review(ctx context.Context, by *staff.Signed, id string) (Proposal, error) {
	p, err := d.Store.Proposal(ctx, id)
	switch {
	case err != nil:
		return Proposal{}, err
	case p.Proposer == by.Member.Person:
		return p, nil
	case !by.Member.May(staff.Approve) || p.Person == by.Member.Person:
		return Proposal{}, ErrNone
	}
	err = d.Tx.Tx(ctx, func(ctx context.Context) error {
		return d.record(ctx, p, by, audit.ProposalReviewed{Proposal: p.ID, Office: by.Session.Office})
	})
	return p, err
}

// Approve does what was proposed. It answers one of the errors of this package, or that
// of the registrar when the change is not possible any more; then nothing is decided.
func (d *Desk) Approve(ctx context.Context, by *staff.Signed, id string) (Proposal, error) {
	return d.decide(ctx, by, id, Approved, "")
}

// Reject leaves the registration as it is.
func (d *Desk) Reject(ctx context.Context, by *staff.Signed, id string, why Why) (Proposal, error) {
	if !slices.Contains(Whys(), why) {
		return Proposal{}, ErrReason
	}
	return d.decide(ctx, by, id, Rejected, why)
}

func (d *Desk) decide(ctx context.Context, by *staff.Signed, id string, decision State, why Why) (p Proposal, err error) {
	if !by.Member.May(staff.Approve) || by.Session.Office == "" {
		return Proposal{}, ErrRight
	}
	err = d.Tx.Tx(ctx, func(ctx context.Context) error {
		if p, err = d.Store.Proposal(ctx, id); err != nil {
			return err
		}
		now := d.clock()
		if err := p.mayDecide(by.Member.Person, now); err != nil {
			return err
		}
		p.State, p.Decider, p.Why, p.Decided = decision, by.Member.Person, why, now
		if err := d.Store.Decide(ctx, p); err != nil {
			return fmt.Errorf("deciding on %s: %w", p, err)
		}
		err := d.record(ctx, p, by, audit.ProposalDecided{
			Proposal: p.ID, Change: string(p.Change), Decision: string(decision), Why: string(why), Proposer: p.Proposer, Office: by.Session.Office,
		})
		if err != nil || decision != Approved {
			return err
		}
		return d.carryOut(ctx, p, by)
	})
	if err != nil {
		return Proposal{}, err
	}
	d.Log.InfoContext(ctx, "decided at the console", "proposal", p.ID, "decision", decision, "officer", p.Decider, "office", by.Session.Office)
	return p, nil
}

func (d *Desk) carryOut(ctx context.Context, p Proposal, by *staff.Signed) (err error) {
	switch p.Change {
	case registrar.Revoked:
		_, err = d.Registrar.Revoke(ctx, p.Person, d.by(p, by))
	case registrar.Lifted:
		_, err = d.Registrar.Lift(ctx, p.Person, d.by(p, by))
	default:
		err = ErrReason
	}
	if err != nil {
		return fmt.Errorf("carrying %s out: %w", p, err)
	}
	return nil
}

// by is on whose word the registrar acts: who is at work, and who proposed it.
func (d *Desk) by(p Proposal, by *staff.Signed) registrar.By {
	return registrar.By{
		Channel: identity.ByOffice, Officer: by.Member.Person, Office: by.Session.Office, Reason: string(p.Reason), Proposer: p.Proposer,
	}
}

func (d *Desk) record(ctx context.Context, p Proposal, by *staff.Signed, fact audit.Data) error {
	err := d.Trail.Record(ctx, audit.Event{Actor: audit.Officer(string(by.Member.Person)), Person: p.Person, Data: fact})
	if err != nil {
		return fmt.Errorf("recording %s: %w", fact.Kind(), err)
	}
	return nil
}
