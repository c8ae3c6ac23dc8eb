// Package clocktest has a clock for tests.
package clocktest

import (
	"sync"
	"time"
)

// Clock is a time that tests move. Any number of goroutines may use it.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// At stands at a time.
func At(t time.Time) *Clock { return &Clock{at: t} }

// Noon stands at noon of a day in autumn.
func Noon() *Clock { return At(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)) }

// Now tells the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Pass moves the time.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
