package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// maxReceipts bounds what waits in memory. Our choice: some minutes of a
// nation's logins while the database is away, in a few megabytes.
const maxReceipts = 50_000

// Receipts gathers what carriers hear about messages and stores it in one
// commit a second. Each receipt waits one to two rounds first: it may come
// before the hand-over that it is about has been settled.
type Receipts struct {
	store  Store
	logger *slog.Logger
	every  time.Duration

	mu           sync.Mutex
	young, ready []Receipt
}

// NewReceipts returns an empty collection that is stored each every (default
// 1 s) while Run runs.
func NewReceipts(store Store, logger *slog.Logger, every time.Duration) *Receipts {
	return &Receipts{store: store, logger: logger, every: or(every, time.Second)}
}

// Add takes a receipt. False says that there is no room now and the carrier
// should have it repeated later.
func (r *Receipts) Add(receipt Receipt) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.young)+len(r.ready) >= maxReceipts {
		return false
	}
	r.young = append(r.young, receipt)
	return true
}

// Run stores receipts until ctx ends, and then once more what is left. Stop
// the carriers and the deliverer before it.
func (r *Receipts) Run(ctx context.Context) {
	tick := time.NewTicker(r.every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.round(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			r.round(last)
			r.round(last)
			return
		}
	}
}

// round stores the receipts that have waited and readies the younger ones.
func (r *Receipts) round(ctx context.Context) {
	r.mu.Lock()
	due := r.ready
	r.ready, r.young = r.young, nil
	r.mu.Unlock()
	if len(due) == 0 {
		return
	}
	if err := r.store.Confirm(ctx, due); err != nil {
		r.logger.Error("storing delivery receipts failed", "receipts", len(due), "error", err)
		r.mu.Lock()
		r.ready = append(due, r.ready...)
		r.mu.Unlock()
	}
}
