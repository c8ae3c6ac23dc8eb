package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clave/broker"
	"clave/keys"
)

// loginKept is how long the row of a login outlives its deadline, for the page
// that names the service and for whoever looks into an incident.
const loginKept = 24 * time.Hour

// Logins keeps the rows of logins and the requests too large for a cookie.
type Logins struct {
	db   *DB
	seal *keys.Sealer
}

// NewLogins makes the store of logins. seal seals what they hold.
func NewLogins(db *DB, seal *keys.Sealer) *Logins { return &Logins{db, seal} }

const loginSelect = `
select relying_party, person_id, session_id, state, reason, opened_at, finished_at, expires_at
from logins
where id = $1`

// loginColumns are the columns of a login's row before its state is opened.
type loginColumns struct {
	row    broker.Row
	sealed []byte
}

func (c *loginColumns) scan() []any {
	return []any{
		&c.row.RelyingParty, textInto(&c.row.Person), textInto(&c.row.Session), &c.sealed, textInto(&c.row.Reason),
		timeInto(&c.row.OpenedAt), timeInto(&c.row.FinishedAt), timeInto(&c.row.ExpiresAt),
	}
}

// heldLogin is the key of the loginColumns that a transaction holds.
type heldLogin broker.LoginID

// Login implements broker.Rows.
func (s *Logins) Login(ctx context.Context, id broker.LoginID) (broker.Row, error) {
	c, held := noted[loginColumns](ctx, heldLogin(id))
	if !held {
		text := loginSelect
		if inTx(ctx) != nil {
			text = s.db.locked(text)
		}
		err := s.db.row(ctx, text, string(id)).Scan(c.scan()...)
		if errors.Is(err, ErrNotFound) {
			return broker.Row{}, broker.ErrNoLogin
		}
		if err != nil {
			return broker.Row{}, fmt.Errorf("reading login %s: %w", id, err)
		}
	}
	c.row.ID = id
	c.row.ExpiresAt = c.row.ExpiresAt.Add(-loginKept)
	if err := openJSON(s.seal, c.sealed, &c.row.State, "logins", "state", string(id)); err != nil {
		return broker.Row{}, fmt.Errorf("opening the state of login %s: %w", id, err)
	}
	return c.row, nil
}

const selectLoginAndPerson = `
select l.relying_party, l.person_id, l.session_id, l.state, l.reason, l.opened_at, l.finished_at, l.expires_at,
    p.document_index, p.state, p.registration, p.channel, p.language, p.sealed, r.sealed, coalesce(r.deceased, false)
from logins l
join persons p on p.id = l.person_id
left join reference r on r.document_index = p.document_index
where l.id = $1`

// HoldLogin implements broker.Rows.
func (s *Logins) HoldLogin(ctx context.Context, id broker.LoginID) error {
	return s.db.ask(ctx, s.db.lockedOf(selectLoginAndPerson, "l, p"), []any{string(id)}, func(scan func(...any) error) error {
		var login loginColumns
		var person standingColumns
		if err := scan(append(login.scan(), person.scan()...)...); err != nil {
			return err
		}
		note(ctx, heldLogin(id), login)
		note(ctx, heldStanding(login.row.Person), person)
		return nil
	})
}

// addLogin takes a row over in which nothing is proven yet: a session comes with
// the evidence.
const addLogin = `
insert into logins (id, relying_party, person_id, session_id, state, reason, opened_at, finished_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (id) do update
set person_id = excluded.person_id, session_id = excluded.session_id, state = excluded.state,
    reason = excluded.reason, finished_at = excluded.finished_at
where logins.session_id is null and logins.finished_at is null`

// AddLogin implements broker.Rows.
func (s *Logins) AddLogin(ctx context.Context, row broker.Row) error {
	sealed, err := sealJSON(s.seal, row.State, "logins", "state", string(row.ID))
	if err != nil {
		return fmt.Errorf("sealing login %s: %w", row.ID, err)
	}
	note(ctx, heldLogin(row.ID), nil)
	err = s.db.must(ctx, broker.ErrEnded, addLogin,
		string(row.ID), row.RelyingParty, orNull(row.Person), orNull(row.Session), sealed, orNull(row.Reason),
		micros(row.OpenedAt), micros(row.FinishedAt), micros(row.ExpiresAt.Add(loginKept)))
	if err != nil {
		return fmt.Errorf("adding login %s: %w", row.ID, err)
	}
	return nil
}

// SaveLogin implements broker.Rows.
func (s *Logins) SaveLogin(ctx context.Context, row broker.Row) error {
	sealed, err := sealJSON(s.seal, row.State, "logins", "state", string(row.ID))
	if err != nil {
		return fmt.Errorf("sealing login %s: %w", row.ID, err)
	}
	note(ctx, heldLogin(row.ID), nil)
	err = s.db.exec(ctx, `
update logins
set person_id = $1, session_id = $2, state = $3, reason = $4, finished_at = $5
where id = $6`,
		orNull(row.Person), orNull(row.Session), sealed, orNull(row.Reason), micros(row.FinishedAt), string(row.ID))
	if err != nil {
		return fmt.Errorf("saving login %s: %w", row.ID, err)
	}
	return nil
}

// KeepRequest implements broker.Requests.
func (s *Logins) KeepRequest(ctx context.Context, req broker.Request) error {
	sealed, err := sealJSON(s.seal, req, "login_requests", "sealed", string(req.ID))
	if err != nil {
		return fmt.Errorf("sealing the request of login %s: %w", req.ID, err)
	}
	err = s.db.exec(ctx, `
insert into login_requests (id, sealed, expires_at)
values ($1, $2, $3)
on conflict (id) do update set sealed = excluded.sealed, expires_at = excluded.expires_at`,
		string(req.ID), sealed, micros(req.Deadline.Add(loginKept)))
	if err != nil {
		return fmt.Errorf("keeping the request of login %s: %w", req.ID, err)
	}
	return nil
}

// Request implements broker.Requests.
func (s *Logins) Request(ctx context.Context, id broker.LoginID) (broker.Request, error) {
	var sealed []byte
	err := s.db.row(ctx, `select sealed from login_requests where id = $1`, string(id)).Scan(&sealed)
	if errors.Is(err, ErrNotFound) {
		return broker.Request{}, broker.ErrNoLogin
	}
	if err != nil {
		return broker.Request{}, fmt.Errorf("reading the request of login %s: %w", id, err)
	}
	var req broker.Request
	if err := openJSON(s.seal, sealed, &req, "login_requests", "sealed", string(id)); err != nil {
		return broker.Request{}, fmt.Errorf("opening the request of login %s: %w", id, err)
	}
	return req, nil
}

const (
	sweepLogins = `
delete from logins
where id in (
    select id
    from logins
    where expires_at <= $1
    limit $2)`
	sweepRequests = `
delete from login_requests
where id in (
    select id
    from login_requests
    where expires_at <= $1
    limit $2)`
)

// Sweep deletes logins and requests that ended long ago.
func (s *Logins) Sweep(ctx context.Context, now time.Time) error {
	for _, sweep := range []string{sweepLogins, sweepRequests} {
		if err := s.db.sweepExpired(ctx, sweep, now); err != nil {
			return fmt.Errorf("sweeping logins: %w", err)
		}
	}
	return nil
}

// sealJSON seals a value as JSON under the name of its place.
func sealJSON(seal *keys.Sealer, v any, place ...string) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return seal.Seal(plain, place...), nil
}

// openJSON opens what sealJSON sealed at the same place.
func openJSON(seal *keys.Sealer, sealed []byte, v any, place ...string) error {
	plain, err := seal.Open(sealed, place...)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, v)
}
