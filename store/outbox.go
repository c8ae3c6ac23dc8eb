package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"clave/notify"
)

// sweepChunk bounds one deletion, so that no commit holds many rows for long.
const sweepChunk = 5000

// Outbox keeps messages on their way to people; it implements [notify.Store].
type Outbox struct{ db *DB }

// Outbox returns the messages of this database.
func (db *DB) Outbox() *Outbox { return &Outbox{db} }

// insertMessage takes the place of an older message that the new one replaces and
// that is still waiting; a node that has it in hand finds it gone and says so to
// nobody.
const insertMessage = `
insert into outbox (id, kind, urgent, purpose, relying_party, replaces, state, sealed, tries, created_at, due_at, expires_at, sweep_at)
values ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9, $10, $11, $12)
on conflict (replaces) where state = 'waiting' and replaces is not null do update
set id = excluded.id, kind = excluded.kind, urgent = excluded.urgent, purpose = excluded.purpose,
    relying_party = excluded.relying_party, sealed = excluded.sealed, tries = excluded.tries,
    created_at = excluded.created_at, due_at = excluded.due_at, expires_at = excluded.expires_at,
    sweep_at = excluded.sweep_at`

// Add implements notify.Store.
func (o *Outbox) Add(ctx context.Context, row notify.Row, committed func()) error {
	return o.db.Tx(ctx, func(ctx context.Context) error {
		afterCommit(ctx, committed)
		return o.db.exec(ctx, insertMessage,
			row.ID, string(row.Lane.Kind), row.Lane.Urgent, row.Purpose, orNull(row.RelyingParty), orNull(row.Replaces),
			row.Sealed, row.Tries, micros(row.CreatedAt), micros(row.DueAt), micros(row.ExpiresAt), micros(row.SweepAt))
	})
}

// claimMessages repeats its conditions outside: on PostgreSQL the inner select
// waits for a claim under way elsewhere, and the outer conditions are then
// checked against what that claim wrote. The inner select is materialized,
// because PostgreSQL may otherwise run it again for each row and go past the
// limit.
const (
	claimMessages = `
update outbox
set due_at = $1, tries = tries + 1
where state = 'waiting' and due_at <= $2 and id in (
    with claimable as materialized (`
	claimableMessages = `
    select id
    from outbox
    where state = 'waiting' and kind = $3 and urgent = $4 and due_at <= $2 and expires_at > $2
    order by due_at
    limit $5`
	claimedMessages = `)
    select id
    from claimable)
returning id, purpose, relying_party, replaces, sealed, created_at, expires_at, sweep_at, tries`
)

// Claim implements notify.Store.
func (o *Outbox) Claim(ctx context.Context, lane notify.Lane, now, until time.Time, limit int) ([]notify.Row, error) {
	var claimed []notify.Row
	err := o.db.rows(ctx, claimMessages+o.db.locked(claimableMessages)+claimedMessages,
		[]any{micros(until), micros(now), string(lane.Kind), lane.Urgent, limit},
		func(scan func(...any) error) error {
			row := notify.Row{Lane: lane, DueAt: until}
			if err := scan(&row.ID, &row.Purpose, textInto(&row.RelyingParty), textInto(&row.Replaces), &row.Sealed,
				timeInto(&row.CreatedAt), timeInto(&row.ExpiresAt), timeInto(&row.SweepAt), &row.Tries); err != nil {
				return err
			}
			claimed = append(claimed, row)
			return nil
		})
	slices.SortFunc(claimed, func(a, b notify.Row) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return claimed, err
}

const finishMessage = `
update outbox
set state = $1, sealed = null, provider_id = $2, settled_at = $3
where id = $4 and state = 'waiting'`

const postponeMessage = `
update outbox
set due_at = $1
where id = $2 and state = 'waiting' and tries = $3`

// deleteHandedOver deletes a group of messages that nobody will say more about.
const (
	deleteHandedOver = `
delete from outbox
where state = 'waiting' and id in ($1, $2, $3, $4, $5, $6, $7, $8)`
	handedOverGroup = 8
)

// Settle implements notify.Store.
func (o *Outbox) Settle(ctx context.Context, settlements []notify.Settlement) error {
	// In one order everywhere, so that two nodes never wait for each other.
	sorted := slices.SortedFunc(slices.Values(settlements), func(a, b notify.Settlement) int { return strings.Compare(a.ID, b.ID) })
	var done []any
	return o.db.Tx(ctx, func(ctx context.Context) error {
		done = done[:0]
		for _, s := range sorted {
			var err error
			switch {
			case s.State == notify.HandedOver && s.ProviderID == "":
				done = append(done, s.ID)
			case s.State == notify.Waiting:
				err = o.db.exec(ctx, postponeMessage, micros(s.DueAt), s.ID, s.Tries)
			default:
				err = o.db.exec(ctx, finishMessage, string(s.State), orNull(s.ProviderID), micros(s.At), s.ID)
			}
			if err != nil {
				return err
			}
		}
		for group := range slices.Chunk(done, handedOverGroup) {
			for len(group) < handedOverGroup {
				group = append(group[:len(group):len(group)], group[0])
			}
			if err := o.db.exec(ctx, deleteHandedOver, group...); err != nil {
				return err
			}
		}
		return nil
	})
}

const confirmMessage = `
update outbox
set state = $1, settled_at = $2
where provider_id = $3 and state = 'handed_over'`

// Confirm implements notify.Store.
func (o *Outbox) Confirm(ctx context.Context, receipts []notify.Receipt) error {
	sorted := slices.SortedFunc(slices.Values(receipts), func(a, b notify.Receipt) int { return strings.Compare(a.ProviderID, b.ProviderID) })
	return o.db.Tx(ctx, func(ctx context.Context) error {
		for _, r := range sorted {
			if err := o.db.exec(ctx, confirmMessage, string(r.State), micros(r.At), r.ProviderID); err != nil {
				return err
			}
		}
		return nil
	})
}

const expireMessages = `
update outbox
set state = 'expired', sealed = null, settled_at = $1
where state = 'waiting' and expires_at <= $1 and due_at <= $1`

const deleteMessages = `
delete from outbox
where id in (
    select id
    from outbox
    where sweep_at <= $1 and state <> 'waiting'
    limit $2)`

// Sweep implements notify.Store.
func (o *Outbox) Sweep(ctx context.Context, now time.Time) (int64, error) {
	expired, err := o.db.changed(ctx, expireMessages, micros(now))
	if err != nil {
		return 0, err
	}
	for {
		deleted, err := o.db.changed(ctx, deleteMessages, micros(now), sweepChunk)
		if err != nil || deleted < sweepChunk {
			return expired, err
		}
	}
}
