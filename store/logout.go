package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clave/broker"
	"clave/broker/logout"
	"clave/keys"
)

// Logouts keep who takes part in sessions, and logouts on their way; they implement
// [logout.Store].
type Logouts struct {
	db      *DB
	columns *keys.Sealer
}

// NewLogouts returns the logouts of a database.
func NewLogouts(db *DB, columns *keys.Sealer) *Logouts { return &Logouts{db, columns} }

// participantPlace keeps what one service knows of a citizen from being opened as what
// another does.
func participantPlace(p logout.Participant) []string {
	return []string{"session_participants", "told", string(p.Session), p.Front, p.Service}
}

const upsertParticipant = `
insert into session_participants (session_id, front, service, relying_party, told, at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (session_id, front, service) do update
set relying_party = excluded.relying_party, told = excluded.told, at = excluded.at, expires_at = excluded.expires_at`

// AddParticipant implements logout.Store.
func (l *Logouts) AddParticipant(ctx context.Context, p logout.Participant) error {
	sealed := l.columns.Seal(p.Told, participantPlace(p)...)
	err := l.db.exec(ctx, upsertParticipant, string(p.Session), p.Front, p.Service, p.RelyingParty, sealed, micros(p.At), micros(p.EndsAt))
	if err != nil {
		return fmt.Errorf("adding a service to session %s: %w", p.Session, err)
	}
	return nil
}

const selectParticipants = `
select front, service, relying_party, told, at, expires_at
from session_participants
where session_id = $1
order by at, front, service`

// Participants implements logout.Store.
func (l *Logouts) Participants(ctx context.Context, session broker.SessionID) ([]logout.Participant, error) {
	var all []logout.Participant
	err := l.db.rows(ctx, selectParticipants, []any{string(session)}, func(scan func(...any) error) error {
		p, sealed := logout.Participant{Session: session}, []byte(nil)
		if err := scan(&p.Front, &p.Service, &p.RelyingParty, &sealed, timeInto(&p.At), timeInto(&p.EndsAt)); err != nil {
			return err
		}
		var err error
		p.Told, err = l.columns.Open(sealed, participantPlace(p)...)
		all = append(all, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the services of session %s: %w", session, err)
	}
	return all, nil
}

const upsertLogout = `
insert into logouts (id, sealed, expires_at)
values ($1, $2, $3)
on conflict (id) do update
set sealed = excluded.sealed, expires_at = excluded.expires_at`

// SaveLogout implements logout.Store.
func (l *Logouts) SaveLogout(ctx context.Context, lo logout.Logout) error {
	sealed, err := sealJSON(l.columns, lo, "logouts", "sealed", string(lo.ID))
	if err != nil {
		return fmt.Errorf("sealing a logout: %w", err)
	}
	if err := l.db.exec(ctx, upsertLogout, string(lo.ID), sealed, micros(lo.Deadline)); err != nil {
		return fmt.Errorf("saving a logout: %w", err)
	}
	return nil
}

const selectLogout = `
select sealed
from logouts
where id = $1 and expires_at > $2`

// Logout implements logout.Store.
func (l *Logouts) Logout(ctx context.Context, id logout.ID, now time.Time) (lo logout.Logout, err error) {
	text := selectLogout
	if inTx(ctx) != nil {
		text = l.db.locked(text)
	}
	var sealed []byte
	err = l.db.row(ctx, text, string(id), micros(now)).Scan(&sealed)
	if errors.Is(err, ErrNotFound) {
		return lo, logout.ErrNoLogout
	}
	if err == nil {
		err = openJSON(l.columns, sealed, &lo, "logouts", "sealed", string(id))
	}
	if err != nil {
		return logout.Logout{}, fmt.Errorf("reading a logout: %w", err)
	}
	return lo, nil
}

const (
	sweepParticipants = `
delete from session_participants
where (session_id, front, service) in (
    select session_id, front, service
    from session_participants
    where expires_at <= $1
    limit $2)`
	sweepLogouts = `
delete from logouts
where id in (
    select id
    from logouts
    where expires_at <= $1
    limit $2)`
)

// Sweep deletes logouts, and participants of sessions, whose time is over.
func (l *Logouts) Sweep(ctx context.Context, now time.Time) error {
	for _, sweep := range []string{sweepParticipants, sweepLogouts} {
		if err := l.db.sweepExpired(ctx, sweep, now); err != nil {
			return fmt.Errorf("sweeping logouts: %w", err)
		}
	}
	return nil
}
