package store

import (
	"context"
	"errors"
	"time"

	"clave/audit"
	"clave/identity"
)

// Audit keeps the audit trail and its chain; it implements what package audit
// reads and writes.
type Audit struct{ db *DB }

// Audit returns the audit trail of this database.
func (db *DB) Audit() *Audit { return &Audit{db} }

const insertAuditEvent = `
insert into audit_events (at, id, kind, actor, person, relying_party, login, data, personal)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// AddEvent implements audit.EventStore.
func (a *Audit) AddEvent(ctx context.Context, r audit.Row) error {
	personal := r.Personal
	if personal == nil {
		personal = []byte{}
	}
	return a.db.exec(ctx, insertAuditEvent, r.At.UnixMicro(), r.ID, string(r.Kind), string(r.Actor),
		r.Person, r.RelyingParty, r.Login, r.Data, personal)
}

const selectAuditEvents = `
select at, id, kind, actor, person, relying_party, login, data, personal
from audit_events
where (at, id) > ($1, $2) and at < $3
order by at, id
limit $4`

// Events implements audit.Ledger.
func (a *Audit) Events(ctx context.Context, after audit.Place, before time.Time, limit int) ([]audit.Row, error) {
	var found []audit.Row
	err := a.db.rows(ctx, selectAuditEvents, []any{after.At.UnixMicro(), after.ID, before.UnixMicro(), limit},
		func(scan func(...any) error) error {
			r, err := scanAuditEvent(scan)
			found = append(found, r)
			return err
		})
	return found, err
}

func scanAuditEvent(scan func(...any) error) (r audit.Row, err error) {
	err = scan(timeInto(&r.At), &r.ID, &r.Kind, &r.Actor, &r.Person, &r.RelyingParty, &r.Login, &r.Data, &r.Personal)
	return r, err
}

const selectFinishedLogins = `
select at, id, kind, actor, person, relying_party, login, data, personal
from audit_events
where person = $1 and kind = 'login_finished' and (at, id) < ($2, $3)
order by at desc, id desc
limit $4`

// FinishedLogins implements audit.Diary.
func (a *Audit) FinishedLogins(ctx context.Context, person identity.PersonID, before audit.Place, limit int) ([]audit.Row, error) {
	var found []audit.Row
	err := a.db.rows(ctx, selectFinishedLogins, []any{string(person), before.At.UnixMicro(), before.ID, limit},
		func(scan func(...any) error) error {
			r, err := scanAuditEvent(scan)
			found = append(found, r)
			return err
		})
	return found, err
}

const auditBatchColumns = `
select seq, sealed_at, first_at, last_at, entries, previous, head, key_id, signature
from audit_batches`

func scanAuditBatch(scan func(...any) error) (b audit.Batch, err error) {
	err = scan(&b.Seq, timeInto(&b.SealedAt), timeInto(&b.FirstAt), timeInto(&b.LastAt),
		&b.Entries, &b.Previous, &b.Head, &b.KeyID, &b.Signature)
	return b, err
}

func (a *Audit) batches(ctx context.Context, sql string, args []any, each func(audit.Batch) error) error {
	return a.db.rows(ctx, sql, args, func(scan func(...any) error) error {
		b, err := scanAuditBatch(scan)
		if err != nil {
			return err
		}
		return each(b)
	})
}

const lastAuditBatch = auditBatchColumns + `
order by seq desc
limit 1`

// LastBatch implements audit.Ledger.
func (a *Audit) LastBatch(ctx context.Context) (audit.Batch, error) {
	last, err := audit.Batch{}, audit.ErrNoBatch
	if reading := a.batches(ctx, lastAuditBatch, nil, func(b audit.Batch) error {
		last, err = b, nil
		return nil
	}); reading != nil {
		return audit.Batch{}, reading
	}
	return last, err
}

const auditBatchesAfter = auditBatchColumns + `
where seq > $1
order by seq`

// BatchesAfter implements audit.Ledger.
func (a *Audit) BatchesAfter(ctx context.Context, seq int64, each func(audit.Batch) error) error {
	return a.batches(ctx, auditBatchesAfter, []any{seq}, each)
}

const auditBatchesCovering = auditBatchColumns + `
where last_at >= $1 and last_at < $2 and first_at < $3
order by seq`

// BatchesCovering implements audit.Ledger.
func (a *Audit) BatchesCovering(ctx context.Context, from, before time.Time, each func(audit.Batch) error) error {
	return a.batches(ctx, auditBatchesCovering,
		[]any{from.UnixMicro(), before.Add(audit.MaxSpan).UnixMicro(), before.UnixMicro()}, each)
}

const headOfAuditBatch = `
select head
from audit_batches
where seq = $1`

const insertAuditBatch = `
insert into audit_batches (seq, sealed_at, first_at, last_at, entries, previous, head, key_id, signature)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// AddBatch implements audit.Ledger.
func (a *Audit) AddBatch(ctx context.Context, b audit.Batch) error {
	err := a.db.Tx(ctx, func(ctx context.Context) error {
		if b.Seq > 1 {
			var head []byte
			err := a.db.row(ctx, headOfAuditBatch, b.Seq-1).Scan(&head)
			if errors.Is(err, ErrNotFound) || err == nil && string(head) != string(b.Previous) {
				return audit.ErrBroken
			}
			if err != nil {
				return err
			}
		}
		return a.db.exec(ctx, insertAuditBatch, b.Seq, b.SealedAt.UnixMicro(), b.FirstAt.UnixMicro(), b.LastAt.UnixMicro(),
			b.Entries, b.Previous, b.Head, b.KeyID, b.Signature)
	})
	if errors.Is(err, ErrConflict) {
		return audit.ErrSealedElsewhere
	}
	return err
}

const deleteAuditEvent = `
delete from audit_events
where at = $1 and id = $2`

const deleteAuditBatch = `
delete from audit_batches
where seq = $1`

// DropBatch implements audit.Shelf.
func (a *Audit) DropBatch(ctx context.Context, seq int64, events []audit.Entry) error {
	return a.db.Tx(ctx, func(ctx context.Context) error {
		for _, e := range events {
			if err := a.db.exec(ctx, deleteAuditEvent, e.At.UnixMicro(), e.ID); err != nil {
				return err
			}
		}
		return a.db.exec(ctx, deleteAuditBatch, seq)
	})
}
