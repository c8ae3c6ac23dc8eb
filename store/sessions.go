package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/keys"
)

// sessionKept is how long an ended session stays, for "My activity".
const sessionKept = 24 * time.Hour

// Sessions keeps single sign-on sessions. The browser's token is stored hashed.
type Sessions struct {
	db   *DB
	seal *keys.Sealer
}

// NewSessions makes the store of sessions. seal seals what they hold.
func NewSessions(db *DB, seal *keys.Sealer) *Sessions { return &Sessions{db, seal} }

const sessionSelect = `
select id, person_id, state, created_at, seen_at, idle_ends_at, expires_at, ended_at
from sessions
where token_hash = $1`

// heldSession is the key of the session that a transaction has read last and
// holds.
type heldSession struct{}

// sessionColumns are the columns of a session before its state is opened.
type sessionColumns struct {
	session broker.Session
	sealed  []byte
}

// Session implements broker.Sessions.
func (s *Sessions) Session(ctx context.Context, tokenHash []byte) (broker.Session, error) {
	c, held := noted[sessionColumns](ctx, heldSession{})
	if !held || !bytes.Equal(c.session.TokenHash, tokenHash) {
		c = sessionColumns{session: broker.Session{TokenHash: tokenHash}}
		text := sessionSelect
		if inTx(ctx) != nil {
			text = s.db.locked(text)
		}
		err := s.db.row(ctx, text, tokenHash).Scan(textInto(&c.session.ID), textInto(&c.session.Person), &c.sealed,
			timeInto(&c.session.CreatedAt), timeInto(&c.session.SeenAt), timeInto(&c.session.IdleEndsAt), timeInto(&c.session.EndsAt), timeInto(&c.session.EndedAt))
		if errors.Is(err, ErrNotFound) {
			return broker.Session{}, broker.ErrNoSession
		}
		if err != nil {
			return broker.Session{}, fmt.Errorf("reading a session: %w", err)
		}
		note(ctx, heldSession{}, c)
	}
	found := c.session
	found.EndsAt = found.EndsAt.Add(-sessionKept)
	if err := openJSON(s.seal, c.sealed, &found.State, "sessions", "state", string(found.ID)); err != nil {
		return broker.Session{}, fmt.Errorf("opening session %s: %w", found.ID, err)
	}
	return found, nil
}

// SaveSession implements broker.Sessions.
func (s *Sessions) SaveSession(ctx context.Context, session broker.Session) error {
	sealed, err := sealJSON(s.seal, session.State, "sessions", "state", string(session.ID))
	if err != nil {
		return fmt.Errorf("sealing session %s: %w", session.ID, err)
	}
	note(ctx, heldSession{}, nil)
	err = s.db.exec(ctx, `
insert into sessions (id, token_hash, person_id, state, created_at, seen_at, idle_ends_at, ended_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (id) do update
set token_hash = excluded.token_hash, state = excluded.state, seen_at = excluded.seen_at,
    idle_ends_at = excluded.idle_ends_at, ended_at = excluded.ended_at
where sessions.ended_at is null`,
		string(session.ID), session.TokenHash, string(session.Person), sealed, micros(session.CreatedAt),
		micros(session.SeenAt), micros(session.IdleEndsAt), micros(session.EndedAt), micros(session.EndsAt.Add(sessionKept)))
	if err != nil {
		return fmt.Errorf("saving session %s: %w", session.ID, err)
	}
	return nil
}

const sweepSessions = `
delete from sessions
where id in (
    select id
    from sessions
    where expires_at <= $1
    limit $2)`

// Sweep deletes sessions that ended long ago.
func (s *Sessions) Sweep(ctx context.Context, now time.Time) error {
	if err := s.db.sweepExpired(ctx, sweepSessions, now); err != nil {
		return fmt.Errorf("sweeping sessions: %w", err)
	}
	return nil
}

const endPersonSessions = `
update sessions
set ended_at = $1
where person_id = $2 and ended_at is null and idle_ends_at > $1
    and id <> coalesce((select session_id from logins where id = $3), '')
returning id`

// EndSessions ends all live sessions of a person but the one that a login made, and
// names them; an empty login spares none. It implements registrar.Sessions.
func (s *Sessions) EndSessions(ctx context.Context, person identity.PersonID, exceptLogin string, now time.Time) ([]string, error) {
	var ended []string
	note(ctx, heldSession{}, nil)
	err := s.db.rows(ctx, endPersonSessions, []any{micros(now), string(person), exceptLogin}, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ended = append(ended, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ending the sessions of person %s: %w", person, err)
	}
	return ended, nil
}
