package sms

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace keeps submissions within what the centre takes: a fixed rate when one
// was agreed, and a pause for all after each throttling error.
type pace struct {
	limiter *rate.Limiter
	first   time.Duration

	mu    sync.Mutex
	step  time.Duration
	until time.Time
}

func newPace(perSecond float64, first time.Duration) *pace {
	limit := rate.Inf
	if perSecond > 0 {
		limit = rate.Limit(perSecond)
	}
	return &pace{limiter: rate.NewLimiter(limit, max(1, int(perSecond/10))), first: first}
}

// wait waits for this caller's turn.
func (p *pace) wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		left := time.Until(p.until)
		p.mu.Unlock()
		if left <= 0 {
			return p.limiter.Wait(ctx)
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// slow pauses everybody, twice as long as the time before. Errors of requests
// that were under way when the pause began count once.
func (p *pace) slow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Before(p.until) {
		return
	}
	p.step = min(max(p.first, 2*p.step), 16*p.first)
	p.until = now.Add(p.step)
}

// smooth notes a success outside a pause: the next pause begins small again.
func (p *pace) smooth() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.step > 0 && time.Now().After(p.until) {
		p.step = 0
	}
}
