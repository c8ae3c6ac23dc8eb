package password

import (
	"context"
	"errors"
	"runtime"
	"time"
)

// ErrBusy says that too many passwords wait to be hashed.
var ErrBusy = errors.New("too many passwords wait")

// Queue bounds how much of the machine hashing takes: so many at once, so many in line,
// and nobody in line for longer than Patience. A flood of passwords then fills the
// line, and the other methods keep the rest of the cores.
type Queue struct {
	params   Params
	workers  chan struct{}
	places   chan struct{}
	patience time.Duration
	metrics  *Metrics
}

// QueueOptions of a queue. The zero value is the default.
type QueueOptions struct {
	Params   Params        // DefaultParams
	Workers  int           // at once; half the cores, at least one
	Waiting  int           // in line; 40 for each worker, about a second
	Patience time.Duration // 2 seconds
	Metrics  *Metrics      // unseen
}

// waitingEach is how many wait for a worker: argon2id with the default parameters does
// about forty a second on one core. Our choice, with the patience of who waits.
const (
	waitingEach     = 40
	defaultPatience = 2 * time.Second
)

// NewQueue opens a queue. An installation has one.
func NewQueue(o QueueOptions) *Queue {
	if o.Params == (Params{}) {
		o.Params = DefaultParams()
	}
	if o.Workers == 0 {
		o.Workers = max(1, runtime.GOMAXPROCS(0)/2)
	}
	if o.Waiting == 0 {
		o.Waiting = waitingEach * o.Workers
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics(nil)
	}
	return &Queue{
		params: o.Params, workers: make(chan struct{}, o.Workers),
		places: make(chan struct{}, o.Workers+o.Waiting), patience: o.Patience, metrics: o.Metrics,
	}
}

// do runs work when its turn comes. ErrBusy when the line is full or does not move;
// the context's error when who asked has gone.
func (q *Queue) do(ctx context.Context, work func()) error {
	select {
	case q.places <- struct{}{}:
	default:
		q.metrics.turnedAway(full)
		return ErrBusy
	}
	defer func() { <-q.places }()
	since := time.Now()
	patience := time.NewTimer(q.patience)
	defer patience.Stop()
	select {
	case q.workers <- struct{}{}:
	case <-patience.C:
		q.metrics.turnedAway(slow)
		return ErrBusy
	case <-ctx.Done():
		q.metrics.turnedAway(gone)
		return ctx.Err()
	}
	defer func() { <-q.workers }()
	q.metrics.hashed(time.Since(since))
	work()
	return nil
}

// Hash makes the hash of a password in its normal form. ErrBusy.
func (q *Queue) Hash(ctx context.Context, normal string) (h Hash, err error) {
	err = q.do(ctx, func() { h = q.params.Hash(normal) })
	return h, err
}

// Matches compares a password in its normal form with a hash; with the zero Hash it
// does the same work for nothing, so that who has no password does not show. ErrBusy,
// ErrHash.
func (q *Queue) Matches(ctx context.Context, h Hash, normal string) (same bool, err error) {
	of := h
	if of == "" {
		of = q.params.Decoy()
	}
	var broken error
	err = q.do(ctx, func() { same, broken = of.Matches(normal) })
	if err == nil {
		err = broken
	}
	return same && h != "", err
}

// Stale tells whether a hash should be made again, now that the password is at hand.
func (q *Queue) Stale(h Hash) bool { return h.Stale(q.params) }
