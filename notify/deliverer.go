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
	// Linger is how long a woken lane waits for company before it claims, so
	// that a busy node spends one commit on many messages. Default 30 ms.
	Linger time.Duration
	// Poll is how often a lane looks for what other nodes left and for what is
	// due again. Default 1 s.
	Poll time.Duration
	// Lease is how long a claim hides its rows from other nodes; a carrier gets
	// three quarters of it. Default 20 s: what a node had claimed when it died is
	// late by that, and a PIN lives ten minutes.
	Lease time.Duration
	// Batch is how many messages one claim takes. Default 200.
	Batch int
	// Flights is how many batches of one lane may be under way at once, so that
	// one slow answer does not hold up the others. Default 4.
	Flights int
	// Sweep is how often expired and finished rows are cleared. Default 30 s.
	Sweep time.Duration
}

// Deliverer claims messages and hands them to carriers. Any number may run on
// any number of nodes.
type Deliverer struct {
	outbox *Outbox
	Options
}

// NewDeliverer returns a deliverer of what outbox took in, on this node or any
// other.
func NewDeliverer(outbox *Outbox, o Options) *Deliverer {
	o.Linger = or(o.Linger, 30*time.Millisecond)
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

// Run delivers until ctx ends, then finishes what it claimed (at most three
// quarters of a lease) and returns. Carriers must stay open until then.
func (d *Deliverer) Run(ctx context.Context) {
	var lanes sync.WaitGroup
	for kind, carrier := range d.Carriers {
		for _, lane := range []Lane{{kind, true}, {kind, false}} {
			lanes.Go(func() { d.serve(ctx, lane, carrier) })
		}
	}
	lanes.Go(func() { d.sweep(ctx) })
	lanes.Wait()
}

// Wake makes every lane look at once, for messages that were stored past this
// node's Outbox. Send wakes by itself when its transaction commits.
func (d *Deliverer) Wake() {
	for lane := range d.outbox.wakes {
		d.outbox.wake(lane)
	}
}

// serve works on one lane until ctx ends.
func (d *Deliverer) serve(ctx context.Context, lane Lane, carrier Carrier) {
	var flights sync.WaitGroup
	defer flights.Wait()
	free := make(chan struct{}, d.Flights)
	poll := time.NewTicker(d.Poll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
		case <-d.outbox.wakes[lane]:
			if !pause(ctx, d.Linger) {
				return
			}
		}
		for full := true; full; {
			select {
			case <-ctx.Done():
				return
			case free <- struct{}{}:
			}
			rows := d.claim(ctx, lane)
			full = len(rows) == d.Batch
			if len(rows) == 0 {
				<-free
				break
			}
			flights.Go(func() {
				defer func() { <-free }()
				d.fly(ctx, lane, carrier, rows)
			})
		}
	}
}

// claim takes the next rows of a lane, or none. A claim under way is not
// cancelled: its rows would stay hidden for a lease without an owner.
func (d *Deliverer) claim(ctx context.Context, lane Lane) []Row {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.Lease/4)
	defer cancel()
	now := d.outbox.now()
	rows, err := d.outbox.store.Claim(ctx, lane, now, now.Add(d.Lease), d.Batch)
	if err != nil {
		d.Logger.Error("claiming messages failed", "kind", lane.Kind, "error", err)
		return nil
	}
	if len(rows) > 0 {
		d.Metrics.claimed(len(rows))
	}
	return rows
}

// fly hands one batch over and settles it. It goes on when ctx is cancelled.
func (d *Deliverer) fly(ctx context.Context, lane Lane, carrier Carrier, rows []Row) {
	ctx = context.WithoutCancel(ctx)
	carrying, done := context.WithTimeout(ctx, d.Lease*3/4)
	settlements := d.handOver(carrying, lane, carrier, rows)
	done()
	ctx, cancel := context.WithTimeout(ctx, d.Lease/4)
	defer cancel()
	for try := 1; ; try++ {
		err := d.outbox.store.Settle(ctx, settlements)
		if err == nil {
			break
		}
		// Unsettled rows come back when the lease ends: late, and twice.
		d.Logger.Error("settling messages failed", "kind", lane.Kind, "messages", len(rows), "try", try, "error", err)
		if !pause(ctx, time.Duration(try)*100*time.Millisecond) {
			return
		}
	}
	for i, s := range settlements {
		d.Metrics.record(rows[i], s)
	}
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
