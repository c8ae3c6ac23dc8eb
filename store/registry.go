package store

import (
	"context"
	"fmt"
	"time"

	"clave/broker/registry"
)

// Registrations keeps the register of relying parties; it implements
// [registry.Store].
type Registrations struct{ db *DB }

// Registrations returns the register of relying parties of this database.
func (db *DB) Registrations() *Registrations { return &Registrations{db} }

const registryRevision = `
select registry_revision
from installation`

// Revision implements registry.Store.
func (r *Registrations) Revision(ctx context.Context) (revision int64, err error) {
	return revision, r.db.row(ctx, registryRevision).Scan(&revision)
}

const registryParties = `
select document, removed_at
from relying_parties
order by id`

// Register implements registry.Store.
func (r *Registrations) Register(ctx context.Context) (registry.Register, error) {
	// The revision first: rows that are newer than it are read again next time.
	revision, err := r.Revision(ctx)
	if err != nil {
		return registry.Register{}, err
	}
	register := registry.Register{Revision: revision}
	err = r.db.rows(ctx, registryParties, nil, func(scan func(...any) error) error {
		var document string
		var removedAt time.Time
		if err := scan(&document, timeInto(&removedAt)); err != nil {
			return err
		}
		party, err := registry.FromCanonical([]byte(document))
		if err != nil {
			return err
		}
		if removedAt.IsZero() {
			register.Parties = append(register.Parties, party)
		} else {
			register.Removed = append(register.Removed, party)
		}
		return nil
	})
	return register, err
}

const registryAdvance = `
update installation
set registry_revision = registry_revision + 1
where registry_revision = $1`

// The sector of a stored row never changes, whatever was prepared.
const registryPut = `
insert into relying_parties (id, sector, document, changed_at)
values ($1, $2, $3, $4)
on conflict (id) do update
set document = excluded.document, changed_at = excluded.changed_at, removed_at = null
where relying_parties.sector = excluded.sector`

const registryRemove = `
update relying_parties
set removed_at = $1, changed_at = $1
where id = $2 and removed_at is null`

// Change implements registry.Store.
func (r *Registrations) Change(ctx context.Context, c registry.Change) (int64, error) {
	err := r.db.Tx(ctx, func(ctx context.Context) error {
		// This row is also what simultaneous changes wait for.
		if err := r.guarded(ctx, "", registryAdvance, c.Base); err != nil {
			return err
		}
		for _, p := range c.Put {
			if err := r.guarded(ctx, p.ID, registryPut, p.ID, p.Sector, string(registry.Canonical(p)), micros(c.At)); err != nil {
				return err
			}
		}
		for _, id := range c.Remove {
			if err := r.guarded(ctx, id, registryRemove, micros(c.At), id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return c.Base + 1, nil
}

// guarded runs a statement that must find its row; otherwise the register is not
// what the change was prepared for.
func (r *Registrations) guarded(ctx context.Context, id, sql string, args ...any) error {
	n, err := r.db.changed(ctx, sql, args...)
	if err == nil && n == 0 {
		err = registry.ErrChanged
	}
	if err != nil {
		return fmt.Errorf("changing the register of relying parties %s: %w", id, err)
	}
	return nil
}
