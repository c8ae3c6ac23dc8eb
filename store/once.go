package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"clave/idp/oidc"
	"clave/keys"
)

// Once keeps what may be used once; it implements [oidc.Once].
type Once struct {
	db      *DB
	columns *keys.Sealer
}

// NewOnce returns what a database keeps for one use.
func NewOnce(db *DB, columns *keys.Sealer) *Once { return &Once{db, columns} }

const insertReplay = `
insert into replays (hash, expires_at)
values ($1, $2)
on conflict (hash) do nothing`

// SpendAssertion implements oidc.Once.
func (o *Once) SpendAssertion(ctx context.Context, hash []byte, expires time.Time) error {
	n, err := o.db.changed(ctx, insertReplay, hash, micros(expires))
	if err != nil {
		return fmt.Errorf("remembering an assertion: %w", err)
	}
	if n == 0 {
		return oidc.ErrSeen
	}
	return nil
}

const insertParams = `
insert into posted_requests (hash, sealed, expires_at)
values ($1, $2, $3)`

// KeepParams implements oidc.Once.
func (o *Once) KeepParams(ctx context.Context, hash []byte, params string, expires time.Time) error {
	sealed := o.columns.Seal([]byte(params), "posted_requests", "sealed", hex.EncodeToString(hash))
	if err := o.db.exec(ctx, insertParams, hash, sealed, micros(expires)); err != nil {
		return fmt.Errorf("keeping a posted request: %w", err)
	}
	return nil
}

const takeParams = `
delete from posted_requests
where hash = $1
returning sealed, expires_at`

// TakeParams implements oidc.Once.
func (o *Once) TakeParams(ctx context.Context, hash []byte, now time.Time) (string, error) {
	var sealed []byte
	var expires time.Time
	err := o.db.row(ctx, takeParams, hash).Scan(&sealed, timeInto(&expires))
	if errors.Is(err, ErrNotFound) || err == nil && !now.Before(expires) {
		return "", oidc.ErrNoStoredParams
	}
	if err != nil {
		return "", fmt.Errorf("taking a posted request: %w", err)
	}
	plain, err := o.columns.Open(sealed, "posted_requests", "sealed", hex.EncodeToString(hash))
	if err != nil {
		return "", fmt.Errorf("opening a posted request: %w", err)
	}
	return string(plain), nil
}

const (
	sweepReplays = `
delete from replays
where hash in (
    select hash
    from replays
    where expires_at <= $1
    limit $2)`
	sweepParams = `
delete from posted_requests
where hash in (
    select hash
    from posted_requests
    where expires_at <= $1
    limit $2)`
)

// Sweep deletes what has expired.
func (o *Once) Sweep(ctx context.Context, now time.Time) error {
	for _, sweep := range []string{sweepReplays, sweepParams} {
		if err := o.db.sweepExpired(ctx, sweep, now); err != nil {
			return fmt.Errorf("sweeping assertions and posted requests: %w", err)
		}
	}
	return nil
}

// sweepExpired repeats a deletion of at most $2 rows that expired by $1 until
// nothing is left, so that no commit holds many rows for long.
func (db *DB) sweepExpired(ctx context.Context, deletion string, now time.Time) error {
	for {
		n, err := db.changed(ctx, deletion, micros(now), sweepChunk)
		if err != nil || n < sweepChunk {
			return err
		}
	}
}
