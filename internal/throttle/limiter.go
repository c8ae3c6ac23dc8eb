package throttle

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate is how much a key may ask.
type Rate struct {
	// PerSecond is the sustained rate.
	PerSecond float64
	// Burst is how many may come at once after a silence.
	Burst int
}

// Limiter is a token bucket for each key, at most a fixed number of them: the
// bucket that was longest unused makes room for a new one. Forgetting a bucket
// forgives its key, so a flood of keys costs no memory and blocks nobody.
type Limiter[K comparable] struct {
	rate Rate
	most int
	now  func() time.Time

	mu      sync.Mutex
	buckets map[K]*list.Element
	recent  list.List // of *bucket[K], the latest used first
}

type bucket[K comparable] struct {
	key    K
	tokens *rate.Limiter
}

// NewLimiter returns a limiter of at most mostKeys keys (about 300 bytes each).
func NewLimiter[K comparable](r Rate, mostKeys int, now func() time.Time) *Limiter[K] {
	return &Limiter[K]{rate: r, most: max(1, mostKeys), now: now, buckets: map[K]*list.Element{}}
}

// Take takes a token of key. Without one it takes nothing and tells when there
// will be one.
func (l *Limiter[K]) Take(key K) (ok bool, retryAfter time.Duration) {
	return l.TakeWithin(key, 0)
}

// TakeWithin takes a token of key if there is one or will be within patience;
// the caller waits retryAfter before it goes on. Otherwise it takes nothing and
// tells when there will be one.
func (l *Limiter[K]) TakeWithin(key K, patience time.Duration) (ok bool, retryAfter time.Duration) {
	now := l.now()
	reservation := l.bucket(key).ReserveN(now, 1)
	if !reservation.OK() {
		return false, time.Second // a burst of zero: never
	}
	wait := reservation.DelayFrom(now)
	if wait > patience {
		reservation.CancelAt(now)
		return false, wait
	}
	return true, wait
}

// bucket finds or makes the key's bucket and marks it as used.
func (l *Limiter[K]) bucket(key K) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.buckets[key]; e != nil {
		l.recent.MoveToFront(e)
		return e.Value.(*bucket[K]).tokens
	}
	if len(l.buckets) >= l.most {
		oldest := l.recent.Back()
		delete(l.buckets, l.recent.Remove(oldest).(*bucket[K]).key)
	}
	b := &bucket[K]{key, rate.NewLimiter(rate.Limit(l.rate.PerSecond), l.rate.Burst)}
	l.buckets[key] = l.recent.PushFront(b)
	return b.tokens
}

// Keys is how many keys are remembered.
func (l *Limiter[K]) Keys() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.buckets)
}
