package notify

import (
	"context"
	"time"
)

// landing is a row whose flight is over, and what is to be stored about it.
type landing struct {
	row Row
	Settlement
}

// settle stores what became of rows until landed is closed: what lands within
// Gather in one commit.
func (d *Deliverer) settle(landed <-chan []landing) {
	for first := range landed {
		batch := first
		gathered := time.After(d.Gather)
		for open := true; open && len(batch) < d.Batch; {
			select {
			case more, ok := <-landed:
				batch, open = append(batch, more...), ok
			case <-gathered:
				open = false
			}
		}
		d.store(batch)
	}
}

// store settles rows in one commit, and tries again for a quarter of a lease.
func (d *Deliverer) store(batch []landing) {
	ctx, cancel := context.WithTimeout(context.Background(), d.Lease/4) // the flights have their own end
	defer cancel()
	settlements := make([]Settlement, len(batch))
	for i, l := range batch {
		settlements[i] = l.Settlement
	}
	for try := 1; ; try++ {
		err := d.outbox.store.Settle(ctx, settlements)
		if err == nil {
			break
		}
		// Unsettled rows come back when the lease ends: late, and twice.
		d.Logger.Error("settling messages failed", "messages", len(batch), "try", try, "error", err)
		if !pause(ctx, time.Duration(try)*100*time.Millisecond) {
			return
		}
	}
	for _, l := range batch {
		d.Metrics.record(l.row, l.Settlement)
	}
}
