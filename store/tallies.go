package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"clave/internal/throttle"
)

// Tallies keeps the counts that all nodes share; it implements
// [throttle.TallyStore].
type Tallies struct{ db *DB }

// Tallies returns the shared counts of this database.
func (db *DB) Tallies() *Tallies { return &Tallies{db} }

const addTally = `
insert into tallies (key, window_start, ends_at, count)
values ($1, $2, $3, $4)
on conflict (key, window_start) do update
set count = tallies.count + excluded.count
returning count`

const deleteTallies = `
delete from tallies
where ends_at <= $1`

// Count implements throttle.TallyStore.
func (s *Tallies) Count(ctx context.Context, now time.Time, add []throttle.Tally) ([]int64, error) {
	// In one order everywhere, so that two nodes never wait for each other.
	order := make([]int, len(add))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if n := strings.Compare(add[a].Key, add[b].Key); n != 0 {
			return n
		}
		return add[a].Window.Compare(add[b].Window)
	})
	totals := make([]int64, len(add))
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		for _, i := range order {
			a := add[i]
			if err := s.db.row(ctx, addTally, a.Key, micros(a.Window), micros(a.Ends), a.Count).Scan(&totals[i]); err != nil {
				return err
			}
		}
		return s.db.exec(ctx, deleteTallies, micros(now))
	})
	return totals, err
}
