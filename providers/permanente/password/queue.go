package password

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"
)

// ErrBusy says that too many passwords wait to be hashed.
var ErrBusy = errors.New("too many passwords wait")

// Who asks for a hash. The zero value is a stranger.
type Who int

// Strangers are browsers that nobody knows. Known is who proved something before: their
// browser logged this person in, they are logged in, or hold activation code and phone.
const (
	Stranger Who = iota
	Known
)

// Queue bounds how much of the machine hashing takes: so many at once, so many in line,
// and nobody in line for longer than Patience. A flood of passwords then fills the
// line, and the other methods keep the rest of the cores. Who is known has a line of
// their own, which goes first: strangers wait, and citizens log in where they did before.
type Queue struct {
	params   Params
	waiting  int
	patience time.Duration
	metrics  *Metrics

	mu    sync.Mutex
	free  int                    // workers
	lines [Known + 1][]chan turn // the first has waited longest
}

// turn comes when a worker is free.
type turn struct{}

// QueueOptions of a queue. The zero value is the default.
type QueueOptions struct {
	Params   Params        // DefaultParams
	Workers  int           // at once; half the cores, at least one
	Waiting  int           // in each line; 40 for each worker, about a second
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
	return &Queue{params: o.Params, waiting: o.Waiting, patience: o.Patience, metrics: o.Metrics, free: o.Workers}
}

// do runs work when its turn comes. ErrBusy when the line is full or does not move;
// the context's error when who asked has gone.
func (q *Queue) do(ctx context.Context, who Who, work func()) error {
	since := time.Now()
	came, ok := q.enter(who)
	if !ok {
		q.metrics.turnedAway(full)
		return ErrBusy
	}
	patience := time.NewTimer(q.patience)
	defer patience.Stop()
	select {
	case <-came:
	case <-patience.C:
		q.leave(who, came)
		q.metrics.turnedAway(slow)
		return ErrBusy
	case <-ctx.Done():
		q.leave(who, came)
		q.metrics.turnedAway(gone)
		return ctx.Err()
	}
	defer q.next()
	q.metrics.hashed(time.Since(since))
	work()
	return nil
}

// enter takes a worker, or the last place in the line; false when that is full.
func (q *Queue) enter(who Who) (came chan turn, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	came = make(chan turn)
	switch {
	case q.free > 0:
		q.free--
		close(came)
	case len(q.lines[who]) >= q.waiting:
		return nil, false
	default:
		q.lines[who] = append(q.lines[who], came)
	}
	return came, true
}

// next hands the worker on: to who is known before strangers.
func (q *Queue) next() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, who := range [...]Who{Known, Stranger} {
		if line := q.lines[who]; len(line) > 0 {
			q.lines[who] = line[1:]
			close(line[0])
			return
		}
	}
	q.free++
}

// leave gives up a place, or the worker that came in the same moment.
func (q *Queue) leave(who Who, came chan turn) {
	q.mu.Lock()
	i := slices.Index(q.lines[who], came)
	if i >= 0 {
		q.lines[who] = slices.Delete(q.lines[who], i, i+1)
	}
	q.mu.Unlock()
	if i < 0 {
		q.next()
	}
}

// Hash makes the hash of a password in its normal form. ErrBusy.
func (q *Queue) Hash(ctx context.Context, who Who, normal string) (h Hash, err error) {
	err = q.do(ctx, who, func() { h = q.params.Hash(normal) })
	return h, err
}

// Matches compares a password in its normal form with a hash; with the zero Hash it
// does the same work for nothing, so that who has no password does not show. ErrBusy,
// ErrHash.
func (q *Queue) Matches(ctx context.Context, who Who, h Hash, normal string) (same bool, err error) {
	of := h
	if of == "" {
		of = q.params.Decoy()
	}
	var broken error
	err = q.do(ctx, who, func() { same, broken = of.Matches(normal) })
	if err == nil {
		err = broken
	}
	return same && h != "", err
}

// Stale tells whether a hash should be made again, now that the password is at hand.
func (q *Queue) Stale(h Hash) bool { return h.Stale(q.params) }
