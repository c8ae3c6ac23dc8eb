package store

import (
	"context"
	"errors"
	"fmt"
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
	t.Run("who hangs up while a transaction begins or ends keeps nobody out", func(t *testing.T) {
		before, done := count(t), 0
		for i := range 400 {
			hasty, hangUp := context.WithCancel(ctx)
			go hangUp()
			err := db.Tx(hasty, func(ctx context.Context) error {
				return db.exec(ctx, "insert into things (id, n) values ($1, $2)", fmt.Sprintf("hasty %d", i), 1)
			})
			if err == nil {
				done++
			}
			err = db.Tx(ctx, func(ctx context.Context) error { return db.row(ctx, "select count(*) from things").Scan(new(int)) })
			if err != nil {
				t.Fatal(err)
			}
		}
		// A commit may be made without the caller hearing of it, and never the other way round.
		if got := count(t) - before; got < done {
			t.Errorf("%d rows are there, and %d were promised", got, done)
		}
		if err := db.exec(ctx, "delete from things where id like 'hasty %'"); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a statement that must change a row and does not stops what comes after it", func(t *testing.T) {
		before, none := count(t), errors.New("none")
		for name, after := range map[string]func(ctx context.Context) error{
			"the next question": func(ctx context.Context) error { return db.row(ctx, "select n from things").Scan(new(int)) },
			"the commit":        func(context.Context) error { return nil },
		} {
			err := db.Tx(ctx, func(ctx context.Context) error {
				if err := db.exec(ctx, "insert into things (id, n) values ($1, $2)", "must", 1); err != nil {
					return err
				}
				if err := db.must(ctx, none, "update things set n = 1 where id = $1", "nobody"); err != nil {
					return err
				}
				return after(ctx)
			})
			if !errors.Is(err, none) || count(t) != before {
				t.Errorf("%s: got %v and %d rows, want %v and %d", name, err, count(t), none, before)
			}
		}
	})
	t.Run("a row that somebody else made meanwhile runs the transaction again", func(t *testing.T) {
		if err := db.exec(ctx, "insert into things (id, n) values ($1, $2)", "fresh", 1); err != nil {
			t.Fatal(err)
		}
		tries := 0
		err := db.Tx(ctx, func(ctx context.Context) error {
			if tries++; tries == 1 { // as if it had not been there
				return db.fresh(ctx, "insert into things (id, n) values ($1, $2)", "fresh", 1)
			}
			return db.exec(ctx, "update things set n = n + 1 where id = $1", "fresh")
		})
		var n int
		if reading := db.row(ctx, "select n from things where id = $1", "fresh").Scan(&n); err != nil || reading != nil || n != 2 || tries != 2 {
			t.Errorf("got %d after %d tries, %v, %v; want 2 after 2", n, tries, err, reading)
		}
		if err := db.exec(ctx, "delete from things where id = $1", "fresh"); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a question that was asked ahead is answered with the next, before the commit", func(t *testing.T) {
		var ahead []int
		each := func(scan func(...any) error) error {
			var n int
			err := scan(&n)
			ahead = append(ahead, n)
			return err
		}
		boom := errors.New("boom")
		err := db.Tx(ctx, func(ctx context.Context) error {
			ahead = nil
			if err := db.ask(ctx, "select $1 + 1 union select $1 + 2 order by 1", []any{40}, each); err != nil {
				return err
			}
			var n int
			err := db.row(ctx, "select $1 + 5", 50).Scan(&n)
			if n != 55 || len(ahead) != 2 || ahead[0] != 41 || ahead[1] != 42 {
				t.Errorf("got %d and %v, want 55, 41 and 42", n, ahead)
			}
			note(ctx, "what", n)
			if known, ok := noted[int](ctx, "what"); !ok || known != 55 {
				t.Errorf("noted %d, %t", known, ok)
			}
			return err
		})
		if _, ok := noted[int](ctx, "what"); err != nil || ok {
			t.Errorf("got %v, and noted after the transaction: %t", err, ok)
		}
		before := count(t)
		err = db.Tx(ctx, func(ctx context.Context) error {
			if err := db.exec(ctx, "insert into things (id, n) values ($1, $2)", "ahead", 1); err != nil {
				return err
			}
			return db.ask(ctx, "select 1", nil, func(func(...any) error) error { return boom })
		})
		if !errors.Is(err, boom) || count(t) != before {
			t.Errorf("got %v and %d rows, want %v and %d", err, count(t), boom, before)
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
