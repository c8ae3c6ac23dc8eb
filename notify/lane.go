package notify

import (
	"sync"
	"time"
)

// mostInMemory bounds the rows of a lane that wait in memory. What comes above
// it waits in the database alone. Our choice: a few megabytes, and half a minute
// of a nation's logins.
const mostInMemory = 5000

// lane is what this node knows about a lane: rows that are its own and wait for
// a flight, and whether the database may hold others. Whoever commits a message
// fills it, the deliverer of this node empties it.
type lane struct {
	// woken has one slot: something changed since the deliverer looked.
	woken chan struct{}

	mu sync.Mutex
	// lease is what a row is given that comes now; 0 while nobody serves the lane.
	lease time.Duration
	rows  []Row
	// others says that the database holds rows that are nobody's.
	others bool
}

func newLane() *lane { return &lane{woken: make(chan struct{}, 1)} }

// serve says which lease the rows get that come from now on; 0 for none.
func (l *lane) serve(lease time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lease = lease
}

// takes tells whether a row may be the node's own, and for how long: 0 when not.
func (l *lane) takes() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rows) >= mostInMemory {
		return 0
	}
	return l.lease
}

// put takes a row that is the node's own and committed.
func (l *lane) put(row Row) {
	l.mu.Lock()
	l.rows = append(l.rows, row)
	l.mu.Unlock()
	l.wake()
}

// look says that a row was committed that is nobody's.
func (l *lane) look() {
	l.mu.Lock()
	l.others = true
	l.mu.Unlock()
	l.wake()
}

// wake tells the deliverer; it never waits.
func (l *lane) wake() {
	select {
	case l.woken <- struct{}{}:
	default: // it was told already
	}
}

// next takes at most limit rows out, oldest first, and tells whether the
// database is to be asked for others when there are none. A row that a newer one
// has replaced is left out.
func (l *lane) next(limit int) (rows []Row, others bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	newest := map[string]int{}
	for i, row := range l.rows {
		if row.Replaces != "" {
			newest[row.Replaces] = i
		}
	}
	taken := 0
	for i, row := range l.rows {
		if len(rows) == limit {
			break
		}
		if taken++; row.Replaces == "" || newest[row.Replaces] == i {
			rows = append(rows, row)
		}
	}
	if l.rows = l.rows[taken:]; len(l.rows) == 0 {
		l.rows = nil
	}
	if len(rows) > 0 {
		return rows, false
	}
	others, l.others = l.others, false
	return nil, others
}
