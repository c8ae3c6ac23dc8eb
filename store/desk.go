package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/census/desk"
	"clave/identity"
	"clave/keys"
)

// Desk keeps what officers looked up; it implements [desk.Cases].
type Desk struct {
	db      *DB
	columns *keys.Sealer
}

// NewDesk returns the look-ups of a database.
func NewDesk(db *DB, columns *keys.Sealer) *Desk { return &Desk{db, columns} }

const deskTable = "desk_cases"

// deskSealed is what is sealed of a case.
type deskSealed struct {
	Document  string      `json:"document"`
	Reason    desk.Reason `json:"reason"`
	Number    string      `json:"number,omitempty"`
	Found     bool        `json:"found"`
	Procedure string      `json:"procedure,omitempty"`
}

func (d *Desk) seal(c desk.Case) ([]byte, error) {
	plain, err := json.Marshal(deskSealed{c.Document.Reveal(), c.Reason, c.Number, c.Found, c.Procedure}) // goes only into the seal
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", c, err)
	}
	return d.columns.Seal(plain, deskTable, personsSealed, c.ID), nil
}

const (
	// holdOfficer makes look-ups of one officer wait for each other.
	holdOfficer = `
select person_id
from staff
where person_id = $1`

	selectLookUps = `
select opened_at
from desk_cases
where officer_id = $1 and opened_at > $2
order by opened_at`
)

// LookUps implements desk.Cases.
func (d *Desk) LookUps(ctx context.Context, officer identity.PersonID, since time.Time) ([]time.Time, error) {
	var times []time.Time
	if inTx(ctx) != nil {
		var held string
		err := d.db.row(ctx, d.db.locked(holdOfficer), string(officer)).Scan(&held)
		if err != nil && !errors.Is(err, ErrNotFound) { // who practises is a member in another database
			return nil, fmt.Errorf("holding officer %s: %w", officer, err)
		}
	}
	err := d.db.rows(ctx, selectLookUps, []any{string(officer), micros(since)}, func(scan func(...any) error) error {
		var at time.Time
		err := scan(timeInto(&at))
		times = append(times, at)
		return err
	})
	return times, err
}

const insertCase = `
insert into desk_cases (id, session_id, officer_id, office, sealed, opened_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)`

// AddCase implements desk.Cases.
func (d *Desk) AddCase(ctx context.Context, c desk.Case) error {
	sealed, err := d.seal(c)
	if err != nil {
		return err
	}
	return d.db.exec(ctx, insertCase, c.ID, c.Session, string(c.Officer), c.Office, sealed, micros(c.Opened), micros(c.Expires()))
}

const selectCase = `
select session_id, officer_id, office, sealed, opened_at
from desk_cases
where id = $1`

// Case implements desk.Cases.
func (d *Desk) Case(ctx context.Context, id string) (desk.Case, error) {
	c := desk.Case{ID: id}
	question := selectCase
	if inTx(ctx) != nil {
		question = d.db.locked(question)
	}
	var sealed []byte
	err := d.db.row(ctx, question, id).Scan(&c.Session, textInto(&c.Officer), &c.Office, &sealed, timeInto(&c.Opened))
	if errors.Is(err, ErrNotFound) {
		return desk.Case{}, desk.ErrNoCase
	}
	if err != nil {
		return desk.Case{}, fmt.Errorf("reading %s: %w", c, err)
	}
	var inside deskSealed
	plain, err := d.columns.Open(sealed, deskTable, personsSealed, id)
	if err == nil {
		err = json.Unmarshal(plain, &inside)
	}
	if err == nil {
		c.Document, err = identity.ParseDocument(inside.Document)
	}
	if err != nil {
		return desk.Case{}, fmt.Errorf("opening %s: %w", c, err)
	}
	c.Reason, c.Number, c.Found, c.Procedure = inside.Reason, inside.Number, inside.Found, inside.Procedure
	return c, nil
}

const updateCase = `
update desk_cases
set sealed = $2
where id = $1`

// Begun implements desk.Cases.
func (d *Desk) Begun(ctx context.Context, id, procedure string) error {
	return d.db.Tx(ctx, func(ctx context.Context) error {
		c, err := d.Case(ctx, id)
		if err != nil {
			return err
		}
		c.Procedure = procedure
		sealed, err := d.seal(c)
		if err != nil {
			return err
		}
		return d.db.exec(ctx, updateCase, id, sealed)
	})
}

const sweepCases = `
delete from desk_cases
where id in (
    select id
    from desk_cases
    where expires_at <= $1
    limit $2)`

// Sweep deletes look-ups of long ago; the audit trail keeps them.
func (d *Desk) Sweep(ctx context.Context, now time.Time) error {
	if err := d.db.sweepExpired(ctx, sweepCases, now); err != nil {
		return fmt.Errorf("sweeping look-ups: %w", err)
	}
	return nil
}
