package sms_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"clave/notify"
	"clave/notify/notifytest"
	"clave/notify/sms"
	"clave/test/fakes/smsc"
)

// The whole way: outbox, deliverer, carrier, a centre that breaks connections
// in the middle, receipts. Every message reaches its phone at least once, the
// outbox knows, and nothing personal is left in the log or the rows.
func TestMessagesSurviveBrokenConnections(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var seen atomic.Int32
	centre := (&smsc.Server{React: func(smsc.Message) smsc.Reaction {
		switch n := seen.Add(1); {
		case n == 3 || n == 20:
			return smsc.Reaction{Drop: true}
		case n%9 == 0:
			return smsc.Reaction{Status: smsc.Throttled}
		}
		return smsc.Reaction{}
	}}).Start(t)
	logs := &logBuffer{}
	logger := slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	store := notifytest.NewMemory()
	receipts := notify.NewReceipts(store, logger, 5*time.Millisecond)
	carrier, err := sms.NewSMPP(sms.SMPPSettings{
		Address: centre.Address(), SystemID: "clave", Window: 4, Reconnect: time.Millisecond, ThrottlePause: time.Millisecond,
	}, receipts.Add, logger, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	outbox := notify.NewOutbox(store, notifytest.NewSealer(), time.Now)
	deliverer := notify.NewDeliverer(outbox, notify.Options{
		Carriers: map[notify.Kind]notify.Carrier{notify.SMS: carrier}, Logger: logger,
		Linger: time.Millisecond, Poll: 10 * time.Millisecond, Batch: 10,
	})
	// Stopped in the order in which they lean on each other.
	run := func(run func(context.Context)) (stop func()) {
		running, halt := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() { defer close(done); run(running) }()
		return func() { halt(); <-done }
	}
	stopReceipts := run(receipts.Run)
	stopCarrier := run(carrier.Run)
	stopDeliverer := run(deliverer.Run)

	const total = 30
	for i := range total {
		err := outbox.Send(ctx, notify.Message{
			ID: fmt.Sprint("m", i), Kind: notify.SMS, Purpose: "pin", To: "+34600111222", Body: fmt.Sprint("K7M hello ", i),
			Code: "K7M", ExpiresAt: time.Now().Add(time.Minute), Urgent: true,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	settled := func(state notify.State) func() bool {
		return func() bool {
			for i := range total {
				if store.Inspect(fmt.Sprint("m", i)).State != state {
					return false
				}
			}
			return true
		}
	}
	await(t, ctx, "all are handed over", settled(notify.HandedOver))
	texts := map[string]int{}
	for _, m := range centre.Messages() {
		texts[m.Text]++
	}
	for i := range total {
		if texts[fmt.Sprint("K7M hello ", i)] == 0 {
			t.Errorf("message %d never reached the centre", i)
		}
	}
	for i := range total {
		id := store.Inspect(fmt.Sprint("m", i)).ProviderID
		if !centre.Deliver(smsc.Receipt{ID: strings.TrimPrefix(id, "smpp:"), Stat: "DELIVRD"}) {
			t.Fatal("nobody is bound")
		}
	}
	await(t, ctx, "all are delivered", settled(notify.Delivered))
	stopDeliverer()
	stopCarrier()
	stopReceipts()
	for _, personal := range []string{"600111222", "K7M", "hello"} {
		if strings.Contains(logs.String(), personal) {
			t.Errorf("a log line holds %q", personal)
		}
	}
}

func await(t *testing.T, ctx context.Context, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		}
	}
}
