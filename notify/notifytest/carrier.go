package notifytest

import (
	"context"
	"slices"
	"sync"

	"clave/notify"
)

// Carrier remembers what it is given and answers as React says.
type Carrier struct {
	// React answers for one message; nil accepts with the provider id
	// "test:" + message id. It may block, or panic.
	React func(ctx context.Context, m notify.Message) notify.Result

	mu       sync.Mutex
	messages []notify.Message
	changed  chan struct{}
}

// Deliver implements notify.Carrier.
func (c *Carrier) Deliver(ctx context.Context, messages []notify.Message) []notify.Result {
	results := make([]notify.Result, len(messages))
	for i, m := range messages {
		results[i] = notify.Result{Outcome: notify.Accepted, ProviderID: "test:" + m.ID}
		if c.React != nil {
			results[i] = c.React(ctx, m)
		}
		c.mu.Lock()
		c.messages = append(c.messages, m)
		if c.changed != nil {
			close(c.changed)
			c.changed = nil
		}
		c.mu.Unlock()
	}
	return results
}

// Given lists the messages that were given so far, in order.
func (c *Carrier) Given() []notify.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.messages)
}

// Wait waits until enough of the given messages satisfy done, or ctx ends.
func (c *Carrier) Wait(ctx context.Context, done func(given []notify.Message) bool) error {
	for {
		c.mu.Lock()
		if done(slices.Clone(c.messages)) {
			c.mu.Unlock()
			return nil
		}
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
