package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"clave/audit"
	"clave/notify"
	"clave/store"
	"clave/store/storetest"
)

func TestWhatOperatorsWatch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		if err := db.Current(ctx); err != nil {
			t.Error(err)
		}
		if b, err := db.Backlog(ctx); err != nil || b != (store.Backlog{}) {
			t.Errorf("got %v, %+v", err, b)
		}
		at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
		for i, id := range []string{"one", "two"} {
			sent := at.Add(time.Duration(i) * time.Minute)
			row := notify.Row{ID: id, Lane: notify.Lane{Kind: notify.SMS}, Purpose: "pin", Sealed: []byte("x"),
				CreatedAt: sent, DueAt: sent, ExpiresAt: sent.Add(time.Hour), SweepAt: sent.Add(time.Hour)}
			if err := db.Outbox().Add(ctx, row, func() {}); err != nil {
				t.Fatal(err)
			}
			event := audit.Row{ID: id, At: sent, Kind: audit.KindPINWrong, Actor: audit.System, Data: "{}", Personal: []byte("x")}
			if err := db.Audit().AddEvent(ctx, event); err != nil {
				t.Fatal(err)
			}
		}
		want := store.Backlog{Messages: 2, OldestMessage: at, OldestUnsealed: at}
		if b, err := db.Backlog(ctx); err != nil || b != want {
			t.Errorf("got %v, %+v, want %+v", err, b, want)
		}
		if p := db.Pool(); p.Most != 8 || p.InUse < 0 {
			t.Errorf("got %+v", p)
		}
	})
}

func TestADatabaseWithoutMigrationsIsNotCurrent(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), "sqlite://"+filepath.Join(t.TempDir(), "clave.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Current(t.Context()); err == nil {
		t.Error("a database without tables is current")
	}
}
