package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/keys"
	"clave/providers/movil"
)

// MovilRequests keeps what browsers ask of devices; it implements [movil.Requests].
type MovilRequests struct {
	db      *DB
	columns *keys.Sealer
}

// NewMovilRequests returns the requests of a database.
func NewMovilRequests(db *DB, columns *keys.Sealer) *MovilRequests {
	return &MovilRequests{db, columns}
}

const movilRequestsTable = "movil_requests"

// movilRequestKept is how long a request's row outlives it, so that a device may still
// say "this was not me". Our choice.
const movilRequestKept = time.Hour

// heldRequest is the key of whether a login has a request, which the transaction holds.
type heldRequest broker.LoginID

const selectMovilRequest = `
select login_id, id, way, state, person_id, device_id, sealed, opened_at, expires_at, decided_at
from movil_requests
where `

// Request implements movil.Requests.
func (m *MovilRequests) Request(ctx context.Context, id movil.RequestID) (movil.Request, error) {
	return m.request(ctx, selectMovilRequest+`id = $1`, string(id))
}

// RequestOf implements movil.Requests.
func (m *MovilRequests) RequestOf(ctx context.Context, login broker.LoginID) (movil.Request, error) {
	r, err := m.request(ctx, selectMovilRequest+`login_id = $1`, string(login))
	if err == nil && r.ID == "" {
		note(ctx, heldRequest(login), false)
	}
	return r, err
}

// Waiting implements movil.Requests.
func (m *MovilRequests) Waiting(ctx context.Context, person identity.PersonID, now time.Time) (movil.Request, error) {
	return m.request(ctx, selectMovilRequest+`person_id = $1 and state in ('open', 'claimed') and expires_at > $2
order by opened_at desc
limit 1`, string(person), micros(now))
}

func (m *MovilRequests) request(ctx context.Context, question string, args ...any) (r movil.Request, err error) {
	if inTx(ctx) != nil {
		question = m.db.locked(question)
	}
	var sealed []byte
	err = m.db.row(ctx, question, args...).Scan(
		textInto(&r.Login), textInto(&r.ID), textInto(&r.Way), textInto(&r.State), textInto(&r.Person), textInto(&r.Device),
		&sealed, timeInto(&r.OpenedAt), timeInto(&r.ExpiresAt), timeInto(&r.DecidedAt))
	if errors.Is(err, ErrNotFound) {
		return movil.Request{}, nil
	}
	if err != nil {
		return movil.Request{}, err
	}
	note(ctx, heldRequest(r.Login), true)
	if err := openJSON(m.columns, sealed, &r.Asked, movilRequestsTable, personsSealed, string(r.ID)); err != nil {
		return movil.Request{}, fmt.Errorf("opening the request of login %s: %w", r.Login, err)
	}
	return r, nil
}

const (
	insertMovilRequest = `
insert into movil_requests (login_id, id, way, state, person_id, device_id, sealed, opened_at, expires_at, decided_at, sweep_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	updateMovilRequest = `
update movil_requests
set id = $2, way = $3, state = $4, person_id = $5, device_id = $6, sealed = $7, opened_at = $8, expires_at = $9,
    decided_at = $10, sweep_at = $11
where login_id = $1`
)

// KeepRequest implements movil.Requests.
func (m *MovilRequests) KeepRequest(ctx context.Context, r movil.Request) error {
	there, held := noted[bool](ctx, heldRequest(r.Login))
	if !held {
		return fmt.Errorf("keeping the request of login %s that is not held", r.Login)
	}
	sealed, err := sealJSON(m.columns, r.Asked, movilRequestsTable, personsSealed, string(r.ID))
	if err != nil {
		return fmt.Errorf("sealing the request of login %s: %w", r.Login, err)
	}
	args := []any{
		string(r.Login), string(r.ID), string(r.Way), string(r.State), orNull(r.Person), orNull(r.Device), sealed,
		micros(r.OpenedAt), micros(r.ExpiresAt), micros(r.DecidedAt), micros(r.ExpiresAt.Add(movilRequestKept)),
	}
	if there {
		return m.db.exec(ctx, updateMovilRequest, args...)
	}
	note(ctx, heldRequest(r.Login), true)
	return m.db.fresh(ctx, insertMovilRequest, args...)
}

const sweepMovilRequests = `
delete from movil_requests
where login_id in (
    select login_id
    from movil_requests
    where sweep_at <= $1
    limit $2)`

// Sweep deletes the requests of what is long over.
func (m *MovilRequests) Sweep(ctx context.Context, now time.Time) error {
	if err := m.db.sweepExpired(ctx, sweepMovilRequests, now); err != nil {
		return fmt.Errorf("sweeping requests to devices: %w", err)
	}
	return nil
}
