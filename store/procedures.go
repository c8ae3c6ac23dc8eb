package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clave/census/registration"
	"clave/keys"
)

// Procedures keeps the procedures that citizens are in the middle of; it implements
// [registration.Store].
type Procedures struct {
	db      *DB
	columns *keys.Sealer
}

// NewProcedures returns the procedures of a database.
func NewProcedures(db *DB, columns *keys.Sealer) *Procedures { return &Procedures{db, columns} }

func (p *Procedures) seal(row registration.Row) []byte {
	return p.columns.Seal(row.State, "procedures", "sealed", row.ID)
}

const insertProcedure = `
insert into procedures (id, name, handle_hash, sealed, version, started_at, expires_at)
values ($1, $2, $3, $4, 1, $5, $6)`

// AddProcedure implements registration.Store.
func (p *Procedures) AddProcedure(ctx context.Context, row registration.Row) error {
	return p.db.exec(ctx, insertProcedure, row.ID, string(row.Procedure), row.Handle, p.seal(row),
		micros(row.StartedAt), micros(row.ExpiresAt))
}

const selectProcedure = `
select id, name, sealed, version, started_at, expires_at
from procedures
where handle_hash = $1`

// ProcedureOf implements registration.Store.
func (p *Procedures) ProcedureOf(ctx context.Context, handle []byte) (registration.Row, error) {
	question := selectProcedure
	if inTx(ctx) != nil {
		question = p.db.locked(question)
	}
	row := registration.Row{Handle: handle}
	var sealed []byte
	err := p.db.row(ctx, question, handle).Scan(&row.ID, textInto(&row.Procedure), &sealed, &row.Version,
		timeInto(&row.StartedAt), timeInto(&row.ExpiresAt))
	if errors.Is(err, ErrNotFound) {
		return registration.Row{}, registration.ErrNone
	}
	if err != nil {
		return registration.Row{}, fmt.Errorf("reading a procedure: %w", err)
	}
	if row.State, err = p.columns.Open(sealed, "procedures", "sealed", row.ID); err != nil {
		return registration.Row{}, fmt.Errorf("opening procedure %s: %w", row.ID, err)
	}
	return row, nil
}

const updateProcedure = `
update procedures
set handle_hash = $3, sealed = $4, expires_at = $5, version = version + 1
where id = $1 and version = $2`

// KeepProcedure implements registration.Store.
func (p *Procedures) KeepProcedure(ctx context.Context, row registration.Row) error {
	changed, err := p.db.changed(ctx, updateProcedure, row.ID, row.Version, row.Handle, p.seal(row), micros(row.ExpiresAt))
	if err != nil {
		return err
	}
	if changed == 0 {
		return registration.ErrConflict
	}
	return nil
}

const deleteProcedure = `
delete from procedures
where handle_hash = $1`

// DropProcedure implements registration.Store.
func (p *Procedures) DropProcedure(ctx context.Context, handle []byte) error {
	return p.db.exec(ctx, deleteProcedure, handle)
}

const sweepProcedures = `
delete from procedures
where id in (
    select id
    from procedures
    where expires_at <= $1
    limit $2)`

// Sweep deletes the procedures that were abandoned, with all that was typed.
func (p *Procedures) Sweep(ctx context.Context, now time.Time) error {
	if err := p.db.sweepExpired(ctx, sweepProcedures, now); err != nil {
		return fmt.Errorf("sweeping procedures: %w", err)
	}
	return nil
}
