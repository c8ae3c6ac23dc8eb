package notify

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// keepSettled is how long a finished row stays after its message's expiry, for
// receipts that come late. Our choice: message centres give up after at most
// two or three days.
const keepSettled = 7 * 24 * time.Hour

// Outbox takes messages in. It is safe for concurrent use.
type Outbox struct {
	store  Store
	sealer Sealer
	now    func() time.Time
	lanes  map[Lane]*lane
}

// NewOutbox returns an outbox over a store. sealer protects the rows.
func NewOutbox(store Store, sealer Sealer, now func() time.Time) *Outbox {
	o := &Outbox{store: store, sealer: sealer, now: now, lanes: map[Lane]*lane{}}
	for _, kind := range []Kind{SMS, Mail, Push, Letter} {
		o.lanes[Lane{kind, true}] = newLane()
		o.lanes[Lane{kind, false}] = newLane()
	}
	return o
}

// Send stores a message in the transaction that ctx carries: it will be
// delivered if and only if that transaction commits. It checks the message
// (ErrMessage) and chooses nothing.
//
// Where this node delivers messages of the kind, the row is its own from the
// start, with a lease, and goes to the deliverer in memory: no claim is written.
// When the node dies, the lease ends and another one claims the row.
func (o *Outbox) Send(ctx context.Context, m Message) error {
	if m.ID == "" {
		m.ID = strings.ToLower(rand.Text())
	}
	now := o.now()
	if err := m.check(now); err != nil {
		return fmt.Errorf("sending a message: %w", err)
	}
	sealed, err := seal(o.sealer, m)
	if err != nil {
		return err
	}
	row := Row{
		ID: m.ID, Lane: Lane{m.Kind, m.Urgent}, Purpose: m.Purpose, RelyingParty: m.RelyingParty, Replaces: m.Replaces,
		Sealed: sealed, CreatedAt: now, DueAt: now, ExpiresAt: m.ExpiresAt, SweepAt: m.ExpiresAt.Add(keepSettled),
	}
	lane := o.lanes[row.Lane]
	committed := lane.look
	if lease := lane.takes(); lease > 0 {
		row.DueAt, row.Tries = now.Add(lease), 1
		committed = func() { lane.put(row) }
	}
	if err := o.store.Add(ctx, row, committed); err != nil {
		return fmt.Errorf("sending message %s: %w", m.ID, err)
	}
	return nil
}
