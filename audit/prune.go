package audit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// Shelf is what Prune reads and clears.
type Shelf interface {
	// LastBatch and BatchesAfter are as in Ledger.
	LastBatch(ctx context.Context) (Batch, error)
	BatchesAfter(ctx context.Context, seq int64, each func(Batch) error) error
	// DropBatch deletes a batch and the events that it lists, in one
	// transaction.
	DropBatch(ctx context.Context, seq int64, events []Entry) error
}

// errEnough ends a reading early.
var errEnough = errors.New("enough")

// Prune drops the batches, from the first one on, whose events all happened
// before that time, and tells how many. The newest batch stays. What is dropped
// is told in the trail first, so that a run that dies halfway leaves a chain
// that verifies, and the next run goes on.
func Prune(ctx context.Context, shelf Shelf, trail Trail, before time.Time) (dropped int64, err error) {
	last, err := shelf.LastBatch(ctx)
	if errors.Is(err, ErrNoBatch) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("pruning the audit trail: %w", err)
	}
	old := func(each func(Batch) error) error {
		err := shelf.BatchesAfter(ctx, math.MinInt64, func(b Batch) error {
			if b.Seq == last.Seq || !b.LastAt.Before(before) {
				return errEnough
			}
			return each(b)
		})
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	}
	var through int64
	if err := old(func(b Batch) error { through = b.Seq; return nil }); err != nil {
		return 0, fmt.Errorf("pruning the audit trail: %w", err)
	}
	if through == 0 {
		return 0, nil
	}
	if err := trail.Record(ctx, Event{Actor: System, Data: AuditPruned{Through: through, Before: before.UTC()}}); err != nil {
		return 0, fmt.Errorf("pruning the audit trail: %w", err)
	}
	err = old(func(b Batch) error {
		if b.Seq > through {
			return errEnough
		}
		entries, err := decodeEntries(b.Entries)
		if err != nil {
			return fmt.Errorf("batch %d: %w; run `clave audit verify`", b.Seq, err)
		}
		if err := shelf.DropBatch(ctx, b.Seq, entries); err != nil {
			return err
		}
		dropped++
		return nil
	})
	if err != nil {
		return dropped, fmt.Errorf("pruning the audit trail: %w", err)
	}
	return dropped, nil
}
