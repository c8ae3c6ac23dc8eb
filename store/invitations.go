package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clave/census/invitation"
	"clave/identity"
	"clave/internal/tally"
	"clave/keys"
)

// Invitations keeps the codes of invitation letters; it implements [invitation.Store].
type Invitations struct {
	db    *DB
	index *keys.Index
}

// NewInvitations returns the invitations of a database.
func NewInvitations(db *DB, index *keys.Index) *Invitations { return &Invitations{db, index} }

// of is how a document is stored here.
func (s *Invitations) of(document identity.DocumentID) []byte {
	return s.index.Of("invitation", document.Reveal())
}

const insertInvitationTimes = `
insert into invitation_times (document_index, letters, tries, expires_at)
values ($1, $2, $2, $3)
on conflict (document_index) do nothing`

const selectInvitationTimes = `
select letters, tries
from invitation_times
where document_index = $1`

const selectInvitations = `
select id, letter_number, sum, issued_at, expires_at, ended_at
from invitations
where document_index = $1
order by issued_at desc, id`

// emptyInvitationTimes is how long a row without times stays: it is made so that there is
// something to hold.
const emptyInvitationTimes = 48 * time.Hour

// maxInvitationHolds bounds how often a row is made again that was swept before it
// could be held.
const maxInvitationHolds = 3

// HoldInvitations implements invitation.Store.
func (s *Invitations) HoldInvitations(ctx context.Context, document identity.DocumentID) (invitation.Held, error) {
	index := s.of(document)
	var held invitation.Held
	err := ErrNotFound
	for try := 0; errors.Is(err, ErrNotFound) && try < maxInvitationHolds; try++ { // it may be swept before it is held
		if err = s.db.exec(ctx, insertInvitationTimes, index, []byte{}, micros(s.db.now().Add(emptyInvitationTimes))); err != nil {
			break
		}
		err = s.db.row(ctx, s.db.locked(selectInvitationTimes), index).Scan(timesInto(&held.Letters.Times), timesInto(&held.Tries.Times))
	}
	if err != nil {
		return invitation.Held{}, fmt.Errorf("holding a document's invitations: %w", err)
	}
	err = s.db.rows(ctx, selectInvitations, []any{index}, func(scan func(...any) error) error {
		var i invitation.Invitation
		err := scan(&i.ID, &i.Letter, &i.Sum, timeInto(&i.IssuedAt), timeInto(&i.ExpiresAt), timeInto(&i.EndedAt))
		held.Invitations = append(held.Invitations, i)
		return err
	})
	if err != nil {
		return invitation.Held{}, fmt.Errorf("reading a document's invitations: %w", err)
	}
	return held, nil
}

const updateInvitationTimes = `
update invitation_times
set letters = $2, tries = $3, expires_at = $4
where document_index = $1`

// KeepTimes implements invitation.Store.
func (s *Invitations) KeepTimes(ctx context.Context, document identity.DocumentID, letters, tries tally.Tally) error {
	expires := s.db.now().Add(emptyInvitationTimes)
	for _, times := range [][]time.Time{letters.Times, tries.Times} {
		if n := len(times); n > 0 && times[n-1].Add(tally.Month).After(expires) {
			expires = times[n-1].Add(tally.Month)
		}
	}
	return s.db.exec(ctx, updateInvitationTimes, s.of(document), timesBlob(letters.Times), timesBlob(tries.Times), micros(expires))
}

const replaceInvitation = `
update invitations
set ending = 'replaced', ended_at = $2
where document_index = $1 and ended_at is null`

const insertInvitation = `
insert into invitations (id, document_index, letter_number, sum, issued_at, expires_at, sweep_at)
values ($1, $2, $3, $4, $5, $6, $7)`

// AddInvitation implements invitation.Store.
func (s *Invitations) AddInvitation(ctx context.Context, document identity.DocumentID, i invitation.Invitation) error {
	index := s.of(document)
	if err := s.db.exec(ctx, replaceInvitation, index, micros(i.IssuedAt)); err != nil {
		return err
	}
	return s.db.exec(ctx, insertInvitation, i.ID, index, i.Letter, i.Sum, micros(i.IssuedAt), micros(i.ExpiresAt),
		micros(i.IssuedAt.Add(invitation.Kept)))
}

const spendInvitation = `
update invitations
set ending = 'spent', ended_at = $2
where id = $1 and ended_at is null and expires_at > $2`

// SpendInvitation implements invitation.Store.
func (s *Invitations) SpendInvitation(ctx context.Context, id string, now time.Time) (bool, error) {
	n, err := s.db.changed(ctx, spendInvitation, id, micros(now))
	return n == 1, err
}

const returnInvitation = `
update invitations
set ending = 'returned', ended_at = $2
where letter_number = $1 and ended_at is null`

// ReturnInvitation implements invitation.Store.
func (s *Invitations) ReturnInvitation(ctx context.Context, letter string, now time.Time) (bool, error) {
	n, err := s.db.changed(ctx, returnInvitation, letter, micros(now))
	return n == 1, err
}

const (
	sweepInvitations = `
delete from invitations
where id in (
    select id
    from invitations
    where sweep_at <= $1
    limit $2)`
	sweepInvitationTimes = `
delete from invitation_times
where document_index in (
    select document_index
    from invitation_times
    where expires_at <= $1
    limit $2) and expires_at <= $1`
)

// Sweep deletes what has nothing left to say.
func (s *Invitations) Sweep(ctx context.Context, now time.Time) error {
	for _, sweep := range []string{sweepInvitations, sweepInvitationTimes} {
		if err := s.db.sweepExpired(ctx, sweep, now); err != nil {
			return fmt.Errorf("sweeping invitations: %w", err)
		}
	}
	return nil
}
