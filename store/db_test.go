package store

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// Suite of the facade, run on both engines by db_engines_test.go.
func testFacade(t *testing.T, db *DB) {
	ctx := context.Background()
	if err := db.exec(ctx, "create table things (id text not null primary key, n bigint not null, at bigint, b bytea)"); err != nil {
		t.Fatal(err)
	}
	count := func(t *testing.T) (n int) {
		t.Helper()
		if err := db.row(ctx, "select count(*) from things").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	t.Run("what is queued is visible to the next query and committed", func(t *testing.T) {
		err := db.Tx(ctx, func(ctx context.Context) error {
			if err := db.exec(ctx, "insert into things (id, n) values ($1, $2)", "a", 1); err != nil {
				return err
			}
			var n int
			if err := db.row(ctx, "update things set n = n + 1 where id = $1 returning n", "a").Scan(&n); err != nil {
				return err
			}
			if n != 2 {
				t.Errorf("got %d, want 2", n)
			}
			return db.exec(ctx, "insert into things (id, n) values ($1, $2)", "b", 1)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := count(t); got != 2 {
			t.Errorf("got %d rows, want 2", got)
		}
	})
	t.Run("an error rolls everything back", func(t *testing.T) {
		before := count(t)
		boom := errors.New("boom")
		err := db.Tx(ctx, func(ctx context.Context) error {
			if _, err := db.changed(ctx, "insert into things (id, n) values ($1, $2)", "c", 1); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || count(t) != before {
			t.Errorf("got %v and %d rows, want %v and %d", err, count(t), boom, before)
		}
	})
	t.Run("a conflict in a queued statement fails the commit", func(t *testing.T) {
		before := count(t)
		err := db.Tx(ctx, func(ctx context.Context) error {
			if err := db.exec(ctx, "insert into things (id, n) values ($1, $2)", "d", 1); err != nil {
				return err
			}
			return db.exec(ctx, "insert into things (id, n) values ($1, $2)", "a", 1)
		})
		if !errors.Is(err, ErrConflict) || count(t) != before {
			t.Errorf("got %v and %d rows, want ErrConflict and %d", err, count(t), before)
		}
	})
	t.Run("a transaction inside a transaction joins it", func(t *testing.T) {
		before := count(t)
		_ = db.Tx(ctx, func(ctx context.Context) error {
			_ = db.Tx(ctx, func(ctx context.Context) error {
				return db.exec(ctx, "insert into things (id, n) values ($1, $2)", "e", 1)
			})
			return errors.New("outer fails")
		})
		if got := count(t); got != before {
			t.Errorf("got %d rows, want %d", got, before)
		}
	})
	t.Run("the outer context inside a transaction fails at once", func(t *testing.T) {
		outer := Scoped(ctx)
		err := db.Tx(outer, func(ctx context.Context) error {
			return db.exec(outer, "insert into things (id, n) values ($1, $2)", "f", 1)
		})
		if !errors.Is(err, ErrOutsideTx) {
			t.Errorf("got %v, want ErrOutsideTx", err)
		}
		err = db.Tx(outer, func(ctx context.Context) error {
			return db.Tx(outer, func(context.Context) error { return nil })
		})
		if !errors.Is(err, ErrOutsideTx) {
			t.Errorf("got %v, want ErrOutsideTx", err)
		}
	})
	t.Run("a transaction after a failed one works", func(t *testing.T) {
		for range 40 {
			_ = db.Tx(ctx, func(ctx context.Context) error {
				return db.exec(ctx, "insert into nowhere (id) values ($1)", "x")
			})
		}
		if got := count(t); got != 2 {
			t.Errorf("got %d rows, want 2", got)
		}
	})
	t.Run("a cancelled request leaves the database usable", func(t *testing.T) {
		cancelled, cancel := context.WithCancel(ctx)
		err := db.Tx(cancelled, func(ctx context.Context) error {
			if _, err := db.changed(ctx, "insert into things (id, n) values ($1, $2)", "g", 1); err != nil {
				return err
			}
			cancel()
			return db.exec(ctx, "insert into things (id, n) values ($1, $2)", "h", 1)
		})
		if err == nil || count(t) != 2 {
			t.Errorf("got %v and %d rows, want an error and 2", err, count(t))
		}
	})
	t.Run("increments under load are not lost", func(t *testing.T) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 25 {
					err := db.Tx(ctx, func(ctx context.Context) error {
						var n int
						if err := db.row(ctx, db.locked("select n from things where id = $1"), "b").Scan(&n); err != nil {
							return err
						}
						return db.exec(ctx, "update things set n = $1 where id = $2", n+1, "b")
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var n int
		if err := db.row(ctx, "select n from things where id = $1", "b").Scan(&n); err != nil || n != 201 {
			t.Errorf("got %d, %v, want 201", n, err)
		}
	})
	t.Run("times, nulls and empty texts come back as they went", func(t *testing.T) {
		now := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
		if err := db.exec(ctx, "insert into things (id, n, at) values ($1, 1, $2), ($3, 1, $4)", "t1", micros(now), "t2", micros(time.Time{})); err != nil {
			t.Fatal(err)
		}
		var a, b time.Time
		if err := db.row(ctx, "select at from things where id = 't1'").Scan(timeInto(&a)); err != nil {
			t.Fatal(err)
		}
		if err := db.row(ctx, "select at from things where id = 't2'").Scan(timeInto(&b)); err != nil {
			t.Fatal(err)
		}
		if !a.Equal(now) || !b.IsZero() {
			t.Errorf("got %v and %v", a, b)
		}
		if err := db.row(ctx, "select at from things where id = 'none'").Scan(timeInto(&b)); !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	})
	t.Run("what follows the commit runs after it, and not after a failure", func(t *testing.T) {
		ran := 0
		_ = db.Tx(ctx, func(ctx context.Context) error {
			afterCommit(ctx, func() { ran++ })
			return errors.New("no")
		})
		_ = db.Tx(ctx, func(ctx context.Context) error {
			afterCommit(ctx, func() { ran += 10 })
			if ran != 0 {
				t.Error("ran before the commit")
			}
			return nil
		})
		if ran != 10 {
			t.Errorf("got %d, want 10", ran)
		}
	})
}

// FacadeSuite lends the suite to the external test, because storetest imports
// this package.
var FacadeSuite = testFacade
