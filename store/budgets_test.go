package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"clave/internal/throttle"
	"clave/store"
	"clave/store/storetest"
)

func TestBudgets(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		hour := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
		tally := func(key string, window time.Time, n int64) throttle.Tally {
			return throttle.Tally{Key: key, Window: window, Ends: window.Add(time.Hour), Count: n}
		}
		count := func(t *testing.T, now time.Time, add ...throttle.Tally) []int64 {
			t.Helper()
			totals, err := db.Budgets().Count(ctx, now, add)
			if err != nil {
				t.Fatal(err)
			}
			return totals
		}
		t.Run("counts add up, by key and window, and totals come in the order asked", func(t *testing.T) {
			if got, want := count(t, hour, tally("b", hour, 2), tally("a", hour, 5)), []int64{2, 5}; !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			next := hour.Add(time.Hour)
			if got, want := count(t, hour, tally("a", hour, 1), tally("b", next, 7), tally("b", hour, 1)), []int64{6, 7, 3}; !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
		t.Run("windows that ended are deleted", func(t *testing.T) {
			count(t, hour, tally("old", hour, 9))
			later := hour.Add(2 * time.Hour)
			count(t, later, tally("new", later, 1))
			if got, want := count(t, hour, tally("old", hour, 1)), []int64{1}; !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
		t.Run("nodes that count at once lose nothing", func(t *testing.T) {
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for range 20 {
						if _, err := db.Budgets().Count(ctx, hour, []throttle.Tally{tally("x", hour, 1), tally("y", hour, 1)}); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			if got, want := count(t, hour, tally("x", hour, 0), tally("y", hour, 0)), []int64{80, 80}; !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	})
}
