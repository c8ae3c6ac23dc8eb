package store

import (
	"context"
	"errors"
	"time"

	"clave/keys"
)

// Keys keeps the key rings; it implements [keys.Store].
type Keys struct{ db *DB }

// Keys returns the key rings of this database.
func (db *DB) Keys() *Keys { return &Keys{db} }

const selectKeys = `
select id, use, alg, state, sealed, public, created_at, activates_at, retires_at
from keys
order by created_at, id`

// Keys implements keys.Store.
func (k *Keys) Keys(ctx context.Context) ([]keys.Record, error) {
	var records []keys.Record
	err := k.db.rows(ctx, selectKeys, nil, func(scan func(...any) error) error {
		var r keys.Record
		err := scan(&r.ID, textInto(&r.Use), &r.Alg, textInto(&r.State), &r.Sealed, &r.Public,
			timeInto(&r.CreatedAt), timeInto(&r.ActivatesAt), timeInto(&r.RetiresAt))
		records = append(records, r)
		return err
	})
	return records, err
}

const insertKey = `
insert into keys (id, use, alg, state, sealed, public, created_at, activates_at, retires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing`

// AddKey implements keys.Store.
func (k *Keys) AddKey(ctx context.Context, r keys.Record) error {
	public := r.Public
	if public == nil {
		public = []byte{}
	}
	return k.guarded(ctx, insertKey, r.ID, string(r.Use), r.Alg, string(r.State), r.Sealed, public,
		micros(r.CreatedAt), micros(r.ActivatesAt), micros(r.RetiresAt))
}

const rescheduleKey = `
update keys
set activates_at = $2
where id = $1 and state = 'next'`

// ChangeKey implements keys.Store.
func (k *Keys) ChangeKey(ctx context.Context, id string, from, to keys.State, at time.Time) error {
	switch {
	case from == keys.Next && to == keys.Next:
		return k.guarded(ctx, rescheduleKey, id, micros(at))
	case from == keys.Next && to == keys.Active:
		return k.promote(ctx, id, at)
	}
	return keys.ErrConflict
}

const (
	selectNextKey = `
select use, alg
from keys
where id = $1 and state = 'next'`

	retireKey = `
update keys
set state = 'retired', retires_at = $3
where use = $1 and alg = $2 and state = 'active'`

	activateKey = `
update keys
set state = 'active', activates_at = $2
where id = $1 and state = 'next'`
)

// promote lets a next key take the place of the active one. The next key's row is
// held first, so that of two nodes the second finds it gone.
func (k *Keys) promote(ctx context.Context, id string, at time.Time) error {
	return k.db.Tx(ctx, func(ctx context.Context) error {
		var use, alg string
		err := k.db.row(ctx, k.db.locked(selectNextKey), id).Scan(&use, &alg)
		if errors.Is(err, ErrNotFound) {
			return keys.ErrConflict
		}
		if err != nil {
			return err
		}
		if err := k.db.exec(ctx, retireKey, use, alg, micros(at)); err != nil {
			return err
		}
		return k.guarded(ctx, activateKey, id, micros(at))
	})
}

const deleteKey = `
delete from keys
where id = $1 and state = 'retired'`

// RemoveKey implements keys.Store.
func (k *Keys) RemoveKey(ctx context.Context, id string) error {
	return k.guarded(ctx, deleteKey, id)
}

// guarded runs a statement that changes one row or, when its guard does not hold,
// none.
func (k *Keys) guarded(ctx context.Context, sql string, args ...any) error {
	changed, err := k.db.changed(ctx, sql, args...)
	if err != nil {
		return err
	}
	if changed == 0 {
		return keys.ErrConflict
	}
	return nil
}
