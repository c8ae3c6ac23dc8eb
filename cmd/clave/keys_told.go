package main

import (
	"context"
	"slices"
	"time"

	"clave/audit"
	"clave/keys"
	"clave/store"
)

// toldKeys stores keys and tells the audit trail of each change in the same
// transaction, whoever makes it: the first start, the schedule or an operator.
// Package keys itself stands below the trail, which seals with its keys.
type toldKeys struct {
	keys.Store
	db    *store.DB
	actor audit.Actor
	trail audit.Trail  // nil until the first keys are there
	early []audit.Data // what happened before there was a trail
}

// openKeys opens the key rings so that the trail hears of all their changes.
func openKeys(ctx context.Context, db *store.DB, master *keys.Master, actor audit.Actor, now func() time.Time, o keys.Options) (*keys.Keyring, audit.Trail, error) {
	told := &toldKeys{Store: db.Keys(), db: db, actor: actor}
	ring, err := keys.OpenWith(ctx, told, master, now, o)
	if err != nil {
		return nil, nil, err
	}
	told.trail = audit.NewRecorder(db.Audit(), ring.Columns(), now)
	if len(told.early) == 0 {
		return ring, told.trail, nil
	}
	return ring, told.trail, db.Tx(ctx, func(ctx context.Context) error { return told.tell(ctx, told.early) })
}

// AddKey implements keys.Store.
func (t *toldKeys) AddKey(ctx context.Context, r keys.Record) error {
	return t.within(ctx, func(ctx context.Context) ([]audit.Data, error) {
		what := []audit.Data{audit.KeyCreated{Key: r.ID, Use: string(r.Use), Alg: r.Alg}}
		if r.State == keys.Active {
			what = append(what, audit.KeyActivated{Key: r.ID, Use: string(r.Use), Alg: r.Alg})
		}
		return what, t.Store.AddKey(ctx, r)
	})
}

// ChangeKey implements keys.Store.
func (t *toldKeys) ChangeKey(ctx context.Context, id string, from, to keys.State, at time.Time) error {
	return t.within(ctx, func(ctx context.Context) ([]audit.Data, error) {
		records, err := t.Keys(ctx)
		if err != nil {
			return nil, err
		}
		r := find(records, func(r keys.Record) bool { return r.ID == id })
		what := []audit.Data{audit.KeyScheduled{Key: id, Use: string(r.Use), Alg: r.Alg, ActivatesAt: at.UTC()}}
		if to == keys.Active {
			what = []audit.Data{audit.KeyActivated{Key: id, Use: string(r.Use), Alg: r.Alg}}
			old := find(records, func(o keys.Record) bool { return o.Use == r.Use && o.Alg == r.Alg && o.State == keys.Active })
			if old.ID != "" {
				what = append(what, audit.KeyRetired{Key: old.ID, Use: string(old.Use), Alg: old.Alg})
			}
		}
		return what, t.Store.ChangeKey(ctx, id, from, to, at)
	})
}

// RemoveKey implements keys.Store.
func (t *toldKeys) RemoveKey(ctx context.Context, id string) error {
	return t.within(ctx, func(ctx context.Context) ([]audit.Data, error) {
		records, err := t.Keys(ctx)
		if err != nil {
			return nil, err
		}
		r := find(records, func(r keys.Record) bool { return r.ID == id })
		return []audit.Data{audit.KeyRemoved{Key: id, Use: string(r.Use), Alg: r.Alg}}, t.Store.RemoveKey(ctx, id)
	})
}

// find gives the first record that fits, or the zero Record.
func find(records []keys.Record, fits func(keys.Record) bool) keys.Record {
	if i := slices.IndexFunc(records, fits); i >= 0 {
		return records[i]
	}
	return keys.Record{}
}

// within makes a change and tells of it, both or neither.
func (t *toldKeys) within(ctx context.Context, change func(ctx context.Context) ([]audit.Data, error)) error {
	var what []audit.Data
	err := t.db.Tx(ctx, func(ctx context.Context) (err error) {
		if what, err = change(ctx); err != nil || t.trail == nil {
			return err
		}
		return t.tell(ctx, what)
	})
	if err == nil && t.trail == nil {
		t.early = append(t.early, what...)
	}
	return err
}

func (t *toldKeys) tell(ctx context.Context, what []audit.Data) error {
	for _, data := range what {
		if err := t.trail.Record(ctx, audit.Event{Actor: t.actor, Data: data}); err != nil {
			return err
		}
	}
	return nil
}
