package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"clave/notify"
	"clave/notify/notifytest"
	"clave/store"
	"clave/store/storetest"
)

func TestOutboxStore(t *testing.T) {
	t.Parallel()
	for engine, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			notifytest.Stores(t, func(t *testing.T) notifytest.Place {
				outbox := storetest.Open(t, url(t)).Outbox()
				return notifytest.Place{Store: outbox, Inspect: func(id string) (s notifytest.Stored) {
					state, providerID, sealed, err := outbox.MessageState(context.Background(), id)
					if err != nil && !errors.Is(err, store.ErrNotFound) {
						t.Error(err)
					}
					s.State, s.ProviderID, s.Sealed = notify.State(state), providerID, sealed
					return s
				}}
			})
		})
	}
}

func TestOutboxFollowsTheTransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		outbox := notify.NewOutbox(db.Outbox(), notifytest.NewSealer(), time.Now)
		boom := errors.New("boom")
		message := notify.Message{
			Kind: notify.SMS, Purpose: "pin", To: "+34600000000", Body: "words",
			ExpiresAt: time.Now().Add(time.Minute), Urgent: true,
		}
		if err := db.Tx(ctx, func(ctx context.Context) error {
			if err := outbox.Send(ctx, message); err != nil {
				return err
			}
			return boom
		}); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if counts, err := db.Outbox().MessageCounts(ctx); err != nil || len(counts) != 0 {
			t.Errorf("a fact that was rolled back left messages: %v, %v", counts, err)
		}
		if err := db.Tx(ctx, func(ctx context.Context) error { return outbox.Send(ctx, message) }); err != nil {
			t.Fatal(err)
		}
		if counts, err := db.Outbox().MessageCounts(ctx); err != nil || counts["waiting"] != 1 {
			t.Errorf("got %v, %v, want one waiting", counts, err)
		}
	})
}

// Two nodes, several writers: without a crash each message is handed over
// exactly once, and none is lost.
func TestTwoDeliverersShareOneOutbox(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, stop := context.WithTimeout(context.Background(), time.Minute)
		defer stop()
		const writers, each = 4, 60
		carrier := &notifytest.Carrier{}
		sealer := notifytest.NewSealer()
		outboxes := make([]*notify.Outbox, 2)
		var nodes sync.WaitGroup
		running, halt := context.WithCancel(ctx)
		defer halt()
		for i := range outboxes {
			outboxes[i] = notify.NewOutbox(db.Outbox(), sealer, time.Now)
			deliverer := notify.NewDeliverer(outboxes[i], notify.Options{
				Carriers: map[notify.Kind]notify.Carrier{notify.SMS: carrier}, Batch: 20,
				Linger: 2 * time.Millisecond, Poll: 10 * time.Millisecond,
			})
			nodes.Go(func() { deliverer.Run(running) })
		}
		var sending sync.WaitGroup
		for w := range writers {
			sending.Go(func() {
				for i := range each {
					err := db.Tx(ctx, func(ctx context.Context) error {
						return outboxes[w%2].Send(ctx, notify.Message{
							ID: fmt.Sprintf("m-%d-%d", w, i), Kind: notify.SMS, Purpose: "pin", To: "+34600000000",
							Body: "words", ExpiresAt: time.Now().Add(time.Minute), Urgent: i%2 == 0,
						})
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		sending.Wait()
		if err := carrier.Wait(ctx, func(given []notify.Message) bool { return len(given) >= writers*each }); err != nil {
			t.Fatal(err)
		}
		halt()
		nodes.Wait()
		seen := map[string]int{}
		for _, m := range carrier.Given() {
			seen[m.ID]++
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s was handed over %d times", id, n)
			}
		}
		if len(seen) != writers*each {
			t.Errorf("%d messages were handed over, want %d", len(seen), writers*each)
		}
		if counts, err := db.Outbox().MessageCounts(ctx); err != nil || counts["handed_over"] != writers*each {
			t.Errorf("got %v, %v", counts, err)
		}
	})
}
