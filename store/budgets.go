package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"clave/internal/throttle"
)

// Budgets keeps the counts that all nodes share; it implements
// [throttle.TallyStore].
type Budgets struct{ db *DB }

// Budgets returns the shared counts of this database.
func (db *DB) Budgets() *Budgets { return &Budgets{db} }

const addToBudget = `
insert into budgets (key, window_start, ends_at, count)
values ($1, $2, $3, $4)
on conflict (key, window_start) do update
set count = budgets.count + excluded.count
returning count`

const deleteBudgets = `
delete from budgets
where ends_at <= $1`

// Count implements throttle.TallyStore.
func (s *Budgets) Count(ctx context.Context, now time.Time, add []throttle.Tally) ([]int64, error) {
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
			if err := s.db.row(ctx, addToBudget, a.Key, micros(a.Window), micros(a.Ends), a.Count).Scan(&totals[i]); err != nil {
				return err
			}
		}
		return s.db.exec(ctx, deleteBudgets, micros(now))
	})
	return totals, err
}
