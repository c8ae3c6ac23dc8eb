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
	// wakes has one slot a lane: whoever commits a message fills it, the
	// deliverer of this node empties it.
	wakes map[Lane]chan struct{}
}

// NewOutbox returns an outbox over a store. sealer protects the rows.
func NewOutbox(store Store, sealer Sealer, now func() time.Time) *Outbox {
	o := &Outbox{store: store, sealer: sealer, now: now, wakes: map[Lane]chan struct{}{}}
	for _, kind := range []Kind{SMS, Mail, Push, Letter} {
		o.wakes[Lane{kind, true}] = make(chan struct{}, 1)
		o.wakes[Lane{kind, false}] = make(chan struct{}, 1)
	}
	return o
}

// Send stores a message in the transaction that ctx carries: it will be
// delivered if and only if that transaction commits. It checks the message
// (ErrMessage) and chooses nothing.
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
	lane := Lane{m.Kind, m.Urgent}
	err = o.store.Add(ctx, Row{
		ID: m.ID, Lane: lane, Purpose: m.Purpose, RelyingParty: m.RelyingParty, Replaces: m.Replaces,
		Sealed: sealed, CreatedAt: now, ExpiresAt: m.ExpiresAt, SweepAt: m.ExpiresAt.Add(keepSettled),
	}, func() { o.wake(lane) })
	if err != nil {
		return fmt.Errorf("sending message %s: %w", m.ID, err)
	}
	return nil
}

// wake tells this node's deliverer that the lane has something; it never waits.
func (o *Outbox) wake(lane Lane) {
	select {
	case o.wakes[lane] <- struct{}{}:
	default: // it was told already
	}
}
