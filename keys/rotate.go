package keys

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNeverRotates is the answer to rotating a key that others know each citizen, or
// each app, by.
var ErrNeverRotates = errors.New("this key is never rotated: under another subject key every relying party would take each citizen for a new one, and under another push key every app would be cut off")

// hurry is how many refreshes a key that is needed at once waits, so that all
// nodes know it before one uses it.
const hurry = 5

// Turn tells what a rotation did, or when it will.
type Turn struct {
	Use         Use
	Alg         string
	ID          string    // the new key
	Done        bool      // it is active
	ActivatesAt time.Time // when it became or will become active; zero: when FinishIndex is called, or Rotate again from ReadyAt on
	// ReadyAt is from when another Rotate makes the key active, where it waits for
	// that; zero elsewhere.
	ReadyAt time.Time
}

// Rotate lets a new key take over in each ring of a use. A next key that has been
// published long enough (Schedule.Settle) becomes active now. Otherwise one is
// published, unless there is one, and the running nodes activate it as soon as it
// is settled: the Turn says when.
//
// The index key is published and waits for FinishIndex. A key with a certificate is
// published and waits for another Rotate: services have to be given it first, and
// nobody but the operator knows when they have it.
func (k *Keyring) Rotate(ctx context.Context, use Use) ([]Turn, error) {
	return k.rotate(ctx, use, k.schedules[use].Settle, use.certified())
}

// RotateNow is Rotate for a key that is no longer trusted. The new one waits only
// until all nodes have read it, a few seconds; relying parties that keep the old
// JWKS for longer must ask again for an unknown key, or fail. The old key still
// verifies until Remove.
func (k *Keyring) RotateNow(ctx context.Context, use Use) ([]Turn, error) {
	return k.rotate(ctx, use, min(hurry*k.refresh, k.schedules[use].Settle), false)
}

func (k *Keyring) rotate(ctx context.Context, use Use, settle time.Duration, byHand bool) ([]Turn, error) {
	if use == UseSubject || use == UsePush {
		return nil, ErrNeverRotates
	}
	if err := k.Refresh(ctx); err != nil {
		return nil, err
	}
	var turns []Turn
	for _, r := range k.current.Load().records {
		if r.Use != use || r.State != Active {
			continue
		}
		turn, err := k.turn(ctx, place{use, r.Alg}, settle, byHand)
		if err != nil {
			return turns, fmt.Errorf("rotating the %s key of use %s: %w", r.Alg, use, err)
		}
		turns = append(turns, turn)
	}
	if len(turns) == 0 {
		return nil, fmt.Errorf("rotating: no key of use %q", use)
	}
	return turns, k.Refresh(ctx)
}

// turn rotates one ring; by hand, a next key never becomes active by itself.
func (k *Keyring) turn(ctx context.Context, p place, settle time.Duration, byHand bool) (Turn, error) {
	now := k.now()
	next := k.waiting(p)
	switch {
	case next == nil:
		at := now.Add(settle)
		turn := Turn{Use: p.use, Alg: p.alg, ActivatesAt: at}
		if p.use == UseIndex || byHand {
			turn.ActivatesAt = time.Time{}
		}
		if byHand {
			turn.ReadyAt = at
		}
		var err error
		turn.ID, err = k.publish(ctx, p, turn.ActivatesAt)
		return turn, err
	case p.use == UseIndex:
		return Turn{Use: p.use, Alg: p.alg, ID: next.ID}, nil
	}
	turn := Turn{Use: p.use, Alg: p.alg, ID: next.ID}
	if settled := next.CreatedAt.Add(settle); now.Before(settled) {
		due := next.ActivatesAt
		switch {
		case !due.IsZero() && !settled.Before(due): // it is due even earlier
			turn.ActivatesAt = due
			return turn, nil
		case byHand:
			turn.ReadyAt = settled
			return turn, nil
		}
		turn.ActivatesAt = settled
		return turn, k.store.ChangeKey(ctx, next.ID, Next, Next, settled)
	}
	turn.Done, turn.ActivatesAt = true, now
	return turn, k.promote(ctx, *next, now)
}

// FinishIndex makes the next index key the active one. It is called when every
// row carries the hash under the next key.
func (k *Keyring) FinishIndex(ctx context.Context) error {
	if err := k.Refresh(ctx); err != nil {
		return err
	}
	next := k.waiting(place{UseIndex, HS256})
	if next == nil {
		return errors.New("finishing the change of the index key: none is going on")
	}
	if err := k.promote(ctx, *next, k.now()); err != nil {
		return fmt.Errorf("finishing the change of the index key: %w", err)
	}
	return k.Refresh(ctx)
}

// Remove deletes a retired key at once. What it signed no longer verifies and
// what it sealed no longer opens: for a sealing key, make sure that no row is
// Stale first. It returns ErrConflict for a key that is not retired.
func (k *Keyring) Remove(ctx context.Context, id string) error {
	if err := k.store.RemoveKey(ctx, id); err != nil {
		return fmt.Errorf("removing key %s: %w", id, err)
	}
	k.log.Info("key removed", "key_id", id)
	return k.Refresh(ctx)
}

// Run keeps the rings fresh and rotates them by schedule until ctx ends. Every
// node runs it.
func (k *Keyring) Run(ctx context.Context) {
	tick := time.NewTicker(k.refresh)
	defer tick.Stop()
	for {
		if err := k.Tend(ctx); err != nil && ctx.Err() == nil {
			k.log.Warn("keys not tended", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Tend reads the rings and does what is due by schedule, once.
func (k *Keyring) Tend(ctx context.Context) error {
	if err := k.Refresh(ctx); err != nil {
		return err
	}
	rings := map[place][]Record{}
	for _, r := range k.current.Load().records {
		p := place{r.Use, r.Alg}
		rings[p] = append(rings[p], r)
	}
	var failed error
	changed := false
	for p, records := range rings {
		for _, a := range due(records, k.schedules[p.use], k.now()) {
			changed = true
			if err := k.perform(ctx, p, a); err != nil && !errors.Is(err, ErrConflict) {
				failed = errors.Join(failed, fmt.Errorf("%s of key %s, use %s: %w", a.do, a.id, p.use, err))
			}
		}
	}
	if !changed {
		return nil
	}
	return errors.Join(failed, k.Refresh(ctx))
}

// perform does one act. ErrConflict means that another node did it.
func (k *Keyring) perform(ctx context.Context, p place, a act) error {
	switch a.do {
	case actPublish:
		_, err := k.publish(ctx, p, a.at)
		return err
	case actPromote:
		return k.promote(ctx, Record{ID: a.id, Use: p.use, Alg: p.alg}, a.at)
	case actRemove:
		if err := k.store.RemoveKey(ctx, a.id); err != nil {
			return err
		}
		k.log.Info("key removed", "use", p.use, "alg", p.alg, "key_id", a.id)
		return nil
	}
	panic("unknown act " + a.do) // a mistake of ours
}

// publish makes the next key of a ring.
func (k *Keyring) publish(ctx context.Context, p place, at time.Time) (id string, err error) {
	how := k.making
	if name := k.certifiedName(p); name != "" {
		how.issuer = name
	}
	r, err := newRecord(k.master, p.use, p.alg, Next, k.now(), at, how)
	if err != nil {
		return "", err
	}
	if err := k.store.AddKey(ctx, r); err != nil {
		return "", err
	}
	k.log.Info("key created", "use", p.use, "alg", p.alg, "key_id", r.ID, "state", Next)
	return r.ID, nil
}

// certifiedName is the name in the active certificate of a ring, which the next one has
// too: a command that rotates does not know our address. It is empty for none.
func (k *Keyring) certifiedName(p place) string {
	if !p.use.certified() {
		return ""
	}
	for _, r := range k.current.Load().records {
		if r.Use == p.use && r.Alg == p.alg && r.State == Active {
			if c, err := x509.ParseCertificate(r.Public); err == nil {
				return c.Subject.CommonName
			}
		}
	}
	return ""
}

// promote makes a next key the active one; its predecessor retires with it.
func (k *Keyring) promote(ctx context.Context, r Record, at time.Time) error {
	if err := k.store.ChangeKey(ctx, r.ID, Next, Active, at); err != nil {
		return err
	}
	k.log.Info("key activated", "use", r.Use, "alg", r.Alg, "key_id", r.ID)
	return nil
}

// waiting returns the next key of a ring, or nil.
func (k *Keyring) waiting(p place) *Record {
	records := k.current.Load().records
	i := slices.IndexFunc(records, func(r Record) bool { return r.Use == p.use && r.Alg == p.alg && r.State == Next })
	if i < 0 {
		return nil
	}
	return &records[i]
}
