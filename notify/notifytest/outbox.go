package notifytest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"clave/notify"
)

// Outbox keeps the messages of committed transactions, for tests of who sends them.
type Outbox struct {
	// OnCommit runs f once the transaction in ctx is committed.
	OnCommit func(ctx context.Context, f func())

	mu       sync.Mutex
	messages []notify.Message
}

// Send takes a message in, as notify.Outbox does.
func (o *Outbox) Send(ctx context.Context, m notify.Message) error {
	o.OnCommit(ctx, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.messages = append(o.messages, m)
	})
	return nil
}

// Messages are all messages, oldest first.
func (o *Outbox) Messages() []notify.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.messages)
}

// Code is the one in the last message.
func (o *Outbox) Code(t testing.TB) string {
	t.Helper()
	all := o.Messages()
	if len(all) == 0 {
		t.Fatal("no message was sent")
	}
	return all[len(all)-1].Code
}
