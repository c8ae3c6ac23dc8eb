package notify_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"clave/notify"
	"clave/notify/notifytest"
)

// failing is a store whose Confirm fails a few times.
type failing struct {
	*notifytest.Memory
	left atomic.Int32
}

func (f *failing) Confirm(ctx context.Context, receipts []notify.Receipt) error {
	if f.left.Add(-1) >= 0 {
		return errors.New("the database is away")
	}
	return f.Memory.Confirm(ctx, receipts)
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	handedOver := func(t *testing.T) *failing {
		store := &failing{Memory: notifytest.NewMemory()}
		row := notify.Row{ID: "a", Lane: notify.Lane{Kind: notify.SMS}, Sealed: []byte("x"), CreatedAt: start, ExpiresAt: start.Add(time.Hour)}
		if err := store.Add(t.Context(), row, func() {}); err != nil {
			t.Fatal(err)
		}
		if err := store.Settle(t.Context(), []notify.Settlement{{ID: "a", State: notify.HandedOver, ProviderID: "p1"}}); err != nil {
			t.Fatal(err)
		}
		return store
	}
	receipt := notify.Receipt{ProviderID: "p1", State: notify.Delivered, At: start}

	t.Run("a receipt that came is stored, also when the first tries fail", func(t *testing.T) {
		t.Parallel()
		store := handedOver(t)
		store.left.Store(3)
		receipts := notify.NewReceipts(store, slog.New(slog.DiscardHandler), time.Millisecond)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); receipts.Run(ctx) }()
		if !receipts.Add(receipt) {
			t.Fatal("no room in an empty collection")
		}
		deadline := time.After(10 * time.Second)
		for store.Inspect("a").State != notify.Delivered {
			select {
			case <-deadline:
				t.Fatal("it was never stored")
			case <-time.After(time.Millisecond):
			}
		}
		cancel()
		<-done
	})
	t.Run("what is in memory at the end is stored", func(t *testing.T) {
		t.Parallel()
		store := handedOver(t)
		receipts := notify.NewReceipts(store, slog.New(slog.DiscardHandler), time.Hour)
		receipts.Add(receipt)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		receipts.Run(ctx)
		if got := store.Inspect("a").State; got != notify.Delivered {
			t.Errorf("it is %q", got)
		}
	})
	t.Run("a full collection refuses", func(t *testing.T) {
		t.Parallel()
		receipts := notify.NewReceipts(handedOver(t), slog.New(slog.DiscardHandler), time.Hour)
		taken := 0
		for receipts.Add(receipt) {
			taken++
		}
		if taken != 50_000 {
			t.Errorf("took %d, want 50000", taken)
		}
	})
}
