package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"clave/audit"
	"clave/census"
	"clave/census/staff"
	"clave/identity"
	"clave/internal/onetime"
)

// Why nothing is shown.
var (
	// ErrNoCase: this session made no such look-up, or the time for it is over.
	ErrNoCase = errors.New("no such look-up")
	// ErrUnknown: the reference data do not hold the document.
	ErrUnknown = errors.New("the reference data do not hold the document")
	// ErrOwnRecord: officers do not look themselves up.
	ErrOwnRecord = errors.New("nobody looks up their own record")
)

// LimitError says that the officer made too many look-ups.
type LimitError struct{ Until time.Time }

// Error tells until when.
func (e LimitError) Error() string { return "too many look-ups until " + e.Until.Format(time.RFC3339) }

// Transactor runs a transaction that travels in the context.
type Transactor interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Cases keeps look-ups. Each method joins the transaction in ctx.
type Cases interface {
	// LookUps gives the times of the officer's look-ups since, oldest first. Inside a
	// transaction two of one officer come one after the other.
	LookUps(ctx context.Context, officer identity.PersonID, since time.Time) ([]time.Time, error)
	// AddCase stores a new one.
	AddCase(ctx context.Context, c Case) error
	// Case reads one, or answers ErrNoCase.
	Case(ctx context.Context, id string) (Case, error)
	// Begun notes the handle of the procedure that runs in a case.
	Begun(ctx context.Context, id, procedure string) error
}

// Register reads the reference data with the registration.
type Register interface {
	Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error)
}

// Desk looks citizens up for officers. Every field is required.
type Desk struct {
	Tx       Transactor
	Cases    Cases
	Register Register
	Trail    audit.Trail
	Log      *slog.Logger
	Now      func() time.Time
}

// Question is what an officer asks.
type Question struct {
	Document identity.DocumentID
	Reason   Reason
	Number   string // as ReadNumber gives it
}

// LookUp opens a case. Every question is in the audit trail and counts, the refused ones
// too. ErrUnknown, ErrOwnRecord, LimitError.
func (d *Desk) LookUp(ctx context.Context, by *staff.Signed, q Question) (Case, error) {
	now := d.Now().UTC().Truncate(time.Microsecond)
	c := Case{
		Session: by.Session.ID, Officer: by.Member.Person, Office: by.Session.Office,
		Document: q.Document, Reason: q.Reason, Number: q.Number, Opened: now,
	}
	var refused error
	err := d.Tx.Tx(ctx, func(ctx context.Context) error {
		refused, c.ID, c.Found = nil, onetime.NewID(), false
		before, err := d.Cases.LookUps(ctx, c.Officer, now.Add(-time.Hour))
		if err != nil {
			return fmt.Errorf("counting look-ups: %w", err)
		}
		if len(before) >= Hourly {
			refused = LimitError{before[len(before)-Hourly].Add(time.Hour)}
			return d.refuse(ctx, by, "limit", nil)
		}
		who, err := d.Register.Candidate(ctx, q.Document)
		if err != nil {
			return fmt.Errorf("looking a document up: %w", err)
		}
		if refused = mayShow(who, c.Officer); errors.Is(refused, ErrOwnRecord) {
			err = d.refuse(ctx, by, "own_record", &c)
		} else {
			c.Found = refused == nil
			err = d.tell(ctx, c, who)
		}
		if err != nil {
			return err
		}
		return d.Cases.AddCase(ctx, c)
	})
	var limit LimitError
	switch {
	case err != nil:
		return Case{}, err
	case errors.As(refused, &limit), errors.Is(refused, ErrOwnRecord):
		d.Log.WarnContext(ctx, "look-up refused at the desk", "officer", c.Officer, "office", c.Office, "reason", refused.Error())
	default:
		d.Log.InfoContext(ctx, "looked up at the desk", "officer", c.Officer, "office", c.Office, "case", c.ID, "reason", q.Reason)
	}
	return c, refused
}

// mayShow decides what an officer is shown.
func mayShow(who census.Candidate, officer identity.PersonID) error {
	switch {
	case !who.Known:
		return ErrUnknown
	case who.PersonID != "" && who.PersonID == officer:
		return ErrOwnRecord
	}
	return nil
}

func (d *Desk) tell(ctx context.Context, c Case, who census.Candidate) error {
	e := audit.Event{
		Actor: audit.Officer(string(c.Officer)), Person: who.PersonID,
		Data: audit.DeskLookedUp{Case: c.ID, Session: c.Session, Office: c.Office, Reason: string(c.Reason), Number: c.Number, Found: c.Found},
	}
	if e.Person == "" {
		e.Personal.Document = c.Document
	}
	if err := d.Trail.Record(ctx, e); err != nil {
		return fmt.Errorf("recording a look-up: %w", err)
	}
	return nil
}

func (d *Desk) refuse(ctx context.Context, by *staff.Signed, why string, c *Case) error {
	e := audit.Event{
		Actor: audit.Officer(string(by.Member.Person)),
		Data:  audit.DeskRefused{Session: by.Session.ID, Office: by.Session.Office, Why: why},
	}
	if c != nil {
		e.Person = by.Member.Person
	}
	if err := d.Trail.Record(ctx, e); err != nil {
		return fmt.Errorf("recording a refused look-up: %w", err)
	}
	return nil
}

// Case reads a look-up of this session at this office: ErrNoCase for anybody else's.
// Whether the data can still be seen is for [Case.Open] to say.
func (d *Desk) Case(ctx context.Context, by *staff.Signed, id string) (Case, error) {
	c, err := d.Cases.Case(ctx, id)
	if err != nil {
		return Case{}, err
	}
	if c.Session != by.Session.ID || c.Officer != by.Member.Person || c.Office != by.Session.Office || !c.Found || !d.Now().Before(c.Expires()) {
		return Case{}, ErrNoCase
	}
	return c, nil
}

// Begun notes the handle of the procedure that runs in a case.
func (d *Desk) Begun(ctx context.Context, c Case, procedure string) error {
	if err := d.Cases.Begun(ctx, c.ID, procedure); err != nil {
		return fmt.Errorf("noting what runs in %s: %w", c, err)
	}
	return nil
}
