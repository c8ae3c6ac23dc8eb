package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Options of a Deliverer. Zero durations and counts take the defaults.
type Options struct {
	// Carriers by kind. A message of a kind without carrier waits until it
	// expires, or until a node with such a carrier runs.
	Carriers map[Kind]Carrier
	Logger   *slog.Logger
	Metrics  *Metrics
	// Linger is how long a woken lane waits for company before it flies, so that
	// a carrier gets many messages at once. Default 30 ms.
	Linger time.Duration
	// Gather is how long what became of messages waits for company before it is
	// stored, so that a busy node spends one commit on many. Default 200 ms. A node
	// that dies meanwhile leaves messages that will be handed over twice.
	Gather time.Duration
	// Poll is how often a lane looks for what other nodes left and for what is
	// due again. Default 1 s.
	Poll time.Duration
	// Lease is how long a row is hidden from other nodes; a carrier gets three
	// quarters of it at most, and a quarter at least. Default 20 s: what a node had
	// when it died is late by that, and a PIN lives ten minutes.
	Lease time.Duration
	// Batch is how many messages one flight takes. Default 200.
	Batch int
	// Flights is how many batches of one lane may be under way at once, so that
	// one slow answer does not hold up the others. Default 4.
	Flights int
	// Sweep is how often expired and finished rows are cleared. Default 30 s.
	Sweep time.Duration
}

// Deliverer hands messages to carriers: those that this node has taken in, and
// those that it claims because nobody has them. Any number may run on any number
// of nodes.
type Deliverer struct {
	outbox *Outbox
	Options
}

// NewDeliverer returns a deliverer of what outbox took in, on this node or any
// other.
func NewDeliverer(outbox *Outbox, o Options) *Deliverer {
	o.Linger = or(o.Linger, 30*time.Millisecond)
	o.Gather = or(o.Gather, 200*time.Millisecond)
	o.Poll = or(o.Poll, time.Second)
	o.Lease = or(o.Lease, 20*time.Second)
	o.Batch = or(o.Batch, 200)
	o.Flights = or(o.Flights, 4)
	o.Sweep = or(o.Sweep, 30*time.Second)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics(nil)
	}
	return &Deliverer{outbox, o}
}

func or[T time.Duration | int](value, standard T) T {
	if value <= 0 {
		return standard
	}
	return value
}

// Run delivers until ctx ends, then finishes what this node has (at most three
// quarters of a lease) and returns. Carriers must stay open until then.
func (d *Deliverer) Run(ctx context.Context) {
	var lanes, settling sync.WaitGroup
	landed := make(chan []landing, d.Flights)
	settling.Go(func() { d.settle(landed) })
	for kind, carrier := range d.Carriers {
		for _, lane := range []Lane{{kind, true}, {kind, false}} {
			lanes.Go(func() { d.serve(ctx, lane, carrier, landed) })
		}
	}
	lanes.Go(func() { d.sweep(ctx) })
	lanes.Wait()
	close(landed)
	settling.Wait()
}

// Wake makes every lane look at once, for messages that were stored past this
// node's Outbox. Send wakes by itself when its transaction commits.
func (d *Deliverer) Wake() {
	for _, lane := range d.outbox.lanes {
		lane.look()
	}
}

// serve works on one lane until ctx ends.
func (d *Deliverer) serve(ctx context.Context, name Lane, carrier Carrier, landed chan<- []landing) {
	lane := d.outbox.lanes[name]
	lane.serve(d.Lease)
	lane.look() // for what nodes have left that do not run any more
	var flights sync.WaitGroup
	defer flights.Wait()
	free := make(chan struct{}, d.Flights)
	takeOff := func(rows []Row) {
		flights.Go(func() {
			defer func() { <-free }()
			landed <- d.fly(ctx, name, carrier, rows)
		})
	}
	poll := time.NewTicker(d.Poll)
	defer poll.Stop()
	for ctx.Err() == nil {
		due := false
		select {
		case <-ctx.Done():
		case <-poll.C:
			due = true
		case <-lane.woken:
			pause(ctx, d.Linger)
		}
		for more := true; more; {
			select {
			case <-ctx.Done():
				more = false
				continue
			case free <- struct{}{}:
			}
			rows, others := lane.next(d.Batch)
			if len(rows) == 0 && (others || due) {
				rows = d.claim(ctx, name)
				due = len(rows) == d.Batch
			}
			if more = len(rows) > 0; more {
				takeOff(rows)
			} else {
				<-free
			}
		}
	}
	lane.serve(0)
	for rows, _ := lane.next(d.Batch); len(rows) > 0; rows, _ = lane.next(d.Batch) {
		free <- struct{}{}
		takeOff(rows)
	}
}

// claim takes the next rows of a lane that are nobody's, or none. A claim under
// way is not cancelled: its rows would stay hidden for a lease without an owner.
func (d *Deliverer) claim(ctx context.Context, lane Lane) []Row {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.Lease/4)
	defer cancel()
	now := d.outbox.now()
	rows, err := d.outbox.store.Claim(ctx, lane, now, now.Add(d.Lease), d.Batch)
	if err != nil {
		d.Logger.Error("claiming messages failed", "kind", lane.Kind, "error", err)
		return nil
	}
	return rows
}

// fly hands one batch over and says what became of it. It goes on when ctx is
// cancelled. Rows that have waited for a flight until half of their lease was
// gone are given back: the carrier could still be at them when it ends.
func (d *Deliverer) fly(ctx context.Context, lane Lane, carrier Carrier, rows []Row) []landing {
	now := d.outbox.now()
	var fit []Row
	var landed []landing
	lease := d.Lease
	for _, row := range rows {
		left := row.DueAt.Sub(now)
		if left < d.Lease/2 {
			landed = append(landed, landing{row, Settlement{ID: row.ID, Tries: row.Tries, State: Waiting, DueAt: now, At: now}})
			continue
		}
		fit, lease = append(fit, row), min(lease, left)
	}
	if len(fit) == 0 {
		return landed
	}
	d.Metrics.flown(len(fit))
	carrying, done := context.WithTimeout(context.WithoutCancel(ctx), lease-d.Lease/4)
	defer done()
	for i, s := range d.handOver(carrying, lane, carrier, fit) {
		landed = append(landed, landing{fit[i], s})
	}
	return landed
}

// sweep clears what expired or is finished, until ctx ends.
func (d *Deliverer) sweep(ctx context.Context) {
	tick := time.NewTicker(d.Sweep)
	defer tick.Stop()
	for {
		expired, err := d.outbox.store.Sweep(ctx, d.outbox.now())
		switch {
		case err != nil && ctx.Err() == nil:
			d.Logger.Error("sweeping the outbox failed", "error", err)
		case expired > 0:
			d.Metrics.swept(expired)
			d.Logger.Warn("messages expired unsent", "messages", expired)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// pause waits, and tells whether ctx let it.
func pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
