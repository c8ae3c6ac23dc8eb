package throttle

// Allower says whether one more may be had under a key, and counts it.
type Allower interface {
	Allow(key string) bool
}

// Once asks a budget once for what may be run again: a transaction that is repeated
// sends one message, and pays for one. It is for one caller at a time.
type Once struct {
	budget         Allower
	asked, allowed bool
}

// NewOnce returns what has not asked yet.
func NewOnce(budget Allower) *Once { return &Once{budget: budget} }

// Allow counts one more under each key, the first time, and gives the same answer ever
// after, whatever the keys. A key that is spent ends it: those after it are not counted.
func (o *Once) Allow(keys ...string) bool {
	if !o.asked {
		o.asked, o.allowed = true, true
		for _, key := range keys {
			o.allowed = o.allowed && o.budget.Allow(key)
		}
	}
	return o.allowed
}
