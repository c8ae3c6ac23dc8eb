package notify

import (
	"context"
	"time"
)

// Carrier hands messages of one kind to the outside.
type Carrier interface {
	// Deliver hands over what it can before ctx ends and answers one result for
	// each message, in the same order. It is called by several goroutines at
	// once. Errors in results hold nothing personal.
	Deliver(ctx context.Context, messages []Message) []Result
}

// Result is what a carrier has to say about one message. The zero value is
// Retry: what is not known to be done is tried again.
type Result struct {
	Outcome Outcome
	// ProviderID is what receipts will call the message, when there will be any.
	ProviderID string
	// After is the least time to wait before the next try; 0 leaves it to the
	// deliverer's back-off.
	After time.Duration
	// Err says why, for the operator. Nothing personal.
	Err error
}

// Outcome of one hand-over. The list is closed.
type Outcome int8

// The outcomes.
const (
	// Retry: not handed over, or nobody knows; try again later.
	Retry Outcome = iota
	// Accepted: the outside took the message.
	Accepted
	// Refused: it never will; trying again would change nothing.
	Refused
	// TooLate: the message expired before it could be handed over.
	TooLate
)
