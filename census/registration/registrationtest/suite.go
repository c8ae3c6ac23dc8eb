package registrationtest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/census/registration"
	"clave/internal/onetime"

	"github.com/google/go-cmp/cmp"
)

// Stores are what procedures are kept in.
type Stores struct {
	Tx         func(ctx context.Context, fn func(ctx context.Context) error) error
	Procedures registration.Store
}

var dawn = time.Date(2026, 11, 22, 6, 0, 0, 123000, time.UTC)

func row() registration.Row {
	return registration.Row{
		ID: onetime.NewID(), Procedure: registration.Letter, Handle: onetime.Hash(onetime.NewToken()), Version: 1,
		State: []byte(`{"holds":["named"]}`), StartedAt: dawn, ExpiresAt: dawn.Add(time.Hour),
	}
}

// Suite is what every store of procedures passes.
func Suite(t *testing.T, s Stores) {
	add := func(t *testing.T) registration.Row {
		t.Helper()
		r := row()
		if err := s.Procedures.AddProcedure(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	same := func(t *testing.T, want registration.Row) {
		t.Helper()
		got, err := s.Procedures.ProcedureOf(t.Context(), want.Handle)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v, want less got:\n%s", err, diff)
		}
	}
	gone := func(t *testing.T, handle []byte) {
		t.Helper()
		if _, err := s.Procedures.ProcedureOf(t.Context(), handle); !errors.Is(err, registration.ErrNone) {
			t.Errorf("got %v, want %v", err, registration.ErrNone)
		}
	}
	t.Run("a handle that nobody was given names nothing", func(t *testing.T) { gone(t, row().Handle) })
	t.Run("a procedure comes back as it was added", func(t *testing.T) { same(t, add(t)) })
	t.Run("a change is kept, under another handle too, and the version goes up", func(t *testing.T) {
		r := add(t)
		before := r.Handle
		r.Handle, r.State, r.ExpiresAt = onetime.Hash("another"+r.ID), []byte(`{}`), dawn.Add(2*time.Hour)
		if err := s.Procedures.KeepProcedure(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		r.Version++
		same(t, r)
		gone(t, before)
	})
	t.Run("a change of what was changed meanwhile is refused", func(t *testing.T) {
		r := add(t)
		if err := s.Procedures.KeepProcedure(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if err := s.Procedures.KeepProcedure(t.Context(), r); !errors.Is(err, registration.ErrConflict) {
			t.Errorf("got %v, want %v", err, registration.ErrConflict)
		}
	})
	t.Run("one that was dropped is gone, and takes no change", func(t *testing.T) {
		r := add(t)
		if err := s.Procedures.DropProcedure(t.Context(), r.Handle); err != nil {
			t.Fatal(err)
		}
		gone(t, r.Handle)
		if err := s.Procedures.KeepProcedure(t.Context(), r); !errors.Is(err, registration.ErrConflict) {
			t.Errorf("got %v, want %v", err, registration.ErrConflict)
		}
	})
	t.Run("a transaction that fails leaves nothing", func(t *testing.T) {
		r, boom := row(), errors.New("boom")
		err := s.Tx(t.Context(), func(ctx context.Context) error {
			if err := s.Procedures.AddProcedure(ctx, r); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Errorf("got %v, want %v", err, boom)
		}
		gone(t, r.Handle)
	})
	t.Run("who reads it in a transaction is the only one until that ends", func(t *testing.T) {
		r := add(t)
		var group sync.WaitGroup
		var lost atomic.Int64
		const each = 12
		for range each {
			group.Go(func() {
				err := s.Tx(t.Context(), func(ctx context.Context) error {
					held, err := s.Procedures.ProcedureOf(ctx, r.Handle)
					if err != nil {
						return err
					}
					return s.Procedures.KeepProcedure(ctx, held)
				})
				if err != nil {
					lost.Add(1)
				}
			})
		}
		group.Wait()
		got, err := s.Procedures.ProcedureOf(t.Context(), r.Handle)
		if err != nil || got.Version != 1+each || lost.Load() != 0 {
			t.Errorf("got version %d, %d lost, %v; want %d and none", got.Version, lost.Load(), err, 1+each)
		}
	})
}
