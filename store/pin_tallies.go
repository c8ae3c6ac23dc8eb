package store

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"clave/internal/tally"
	"clave/keys"
)

// PINTallies keeps when what is limited happened, of Cl@ve PIN and of the
// procedures of registration; it implements [tally.Store].
type PINTallies struct {
	db    *DB
	index *keys.Index
}

// NewPINTallies returns the tallies of a database.
func NewPINTallies(db *DB, index *keys.Index) *PINTallies { return &PINTallies{db, index} }

func (t *PINTallies) subject(s tally.Subject) string { return tallySubject(t.index, s) }

// tallySubject is how a subject is stored: a person's id as it is, and anything
// that identifies somebody outside as a blind index of this table's own, so that a
// stolen table cannot be joined with the register.
func tallySubject(index *keys.Index, s tally.Subject) string {
	if !s.Kind.Personal() {
		return s.Value
	}
	return base64.RawURLEncoding.EncodeToString(index.Of("tally "+string(s.Kind), s.Value))
}

const selectPINTally = `
select times, locked_until
from pin_tallies
where kind = $1 and subject = $2`

// Tally implements tally.Store.
func (t *PINTallies) Tally(ctx context.Context, s tally.Subject) (tally.Tally, error) {
	held, err := t.read(ctx, selectPINTally, s)
	if errors.Is(err, ErrNotFound) {
		return tally.Tally{}, nil
	}
	return held, err
}

func (t *PINTallies) read(ctx context.Context, text string, s tally.Subject) (read tally.Tally, err error) {
	err = t.db.row(ctx, text, string(s.Kind), t.subject(s)).Scan(timesInto(&read.Times), timeInto(&read.LockedUntil))
	return read, err
}

// heldTally is the key of what a transaction knows about a tally that it holds:
// whether it has a row.
type heldTally tally.Subject

// HoldTally implements tally.Store.
func (t *PINTallies) HoldTally(ctx context.Context, s tally.Subject) (tally.Tally, error) {
	held, err := t.read(ctx, t.db.locked(selectPINTally), s)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return tally.Tally{}, err
	}
	note(ctx, heldTally(s), err == nil)
	return held, nil
}

const (
	insertPINTally = `
insert into pin_tallies (kind, subject, times, locked_until, expires_at)
values ($1, $2, $3, $4, $5)`
	updatePINTally = `
update pin_tallies
set times = $3, locked_until = $4, expires_at = $5
where kind = $1 and subject = $2`
	deletePINTally = `
delete from pin_tallies
where kind = $1 and subject = $2`
)

// KeepTally implements tally.Store.
func (t *PINTallies) KeepTally(ctx context.Context, s tally.Subject, kept tally.Tally) error {
	there, held := noted[bool](ctx, heldTally(s))
	if !held {
		return fmt.Errorf("keeping a tally of kind %s that is not held", s.Kind)
	}
	some := len(kept.Times) > 0 || !kept.LockedUntil.IsZero()
	note(ctx, heldTally(s), some)
	args := []any{string(s.Kind), t.subject(s), timesBlob(kept.Times), micros(kept.LockedUntil), micros(kept.Expires(s.Kind))}
	switch {
	case some && there:
		return t.db.exec(ctx, updatePINTally, args...)
	case some:
		return t.db.fresh(ctx, insertPINTally, args...)
	case there:
		return t.db.exec(ctx, deletePINTally, args[:2]...)
	}
	return nil
}

const sweepPINTallies = `
delete from pin_tallies
where kind = $3 and subject in (
    select subject
    from pin_tallies
    where kind = $3 and expires_at <= $1
    limit $2) and expires_at <= $1`

// Sweep deletes tallies that have nothing left to say. Each kind and each chunk
// is a transaction of its own, so that it cannot wait in a circle with one that
// holds tallies of several kinds.
func (t *PINTallies) Sweep(ctx context.Context, now time.Time) error {
	for _, kind := range tally.Kinds() {
		for {
			n, err := t.db.changed(ctx, sweepPINTallies, micros(now), sweepChunk, string(kind))
			if err != nil {
				return fmt.Errorf("sweeping tallies of kind %s: %w", kind, err)
			}
			if n < sweepChunk {
				break
			}
		}
	}
	return nil
}

// timesBlob encodes the times of a tally, eight bytes each.
func timesBlob(times []time.Time) []byte {
	blob := make([]byte, 0, 8*len(times))
	for _, at := range times {
		blob = binary.BigEndian.AppendUint64(blob, uint64(at.UnixMicro()))
	}
	return blob
}

// timesInto scans what timesBlob wrote.
func timesInto(times *[]time.Time) *timesColumn { return &timesColumn{times} }

type timesColumn struct{ times *[]time.Time }

// Scan implements sql.Scanner.
func (c *timesColumn) Scan(v any) error {
	*c.times = nil
	blob, ok := v.([]byte)
	if v != nil && !ok || len(blob)%8 != 0 {
		return errors.New("scanning the times of a tally: the column holds something else")
	}
	for ; len(blob) > 0; blob = blob[8:] {
		*c.times = append(*c.times, time.UnixMicro(int64(binary.BigEndian.Uint64(blob))).UTC())
	}
	return nil
}
