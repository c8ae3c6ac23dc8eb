package store_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"clave/keys/keystest"
	"clave/notify/letter"
	"clave/notify/letter/lettertest"
	"clave/store"
	"clave/store/storetest"
)

func TestLetters(t *testing.T) {
	t.Parallel()
	for _, engine := range []struct {
		name string
		url  func(t testing.TB) string
	}{{"sqlite", storetest.SQLiteURL}, {"postgres", storetest.PostgresURL}} {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			lettertest.Stores(t, func(t *testing.T) lettertest.Store {
				return store.NewLetters(storetest.Open(t, engine.url(t)), keystest.Fixed(t).Columns())
			})
		})
	}
}

func TestALetterIsQueuedWithItsFactOrNotAtAll(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s, undone := store.NewLetters(db, keystest.Fixed(t).Columns()), errors.New("undone")
		err := db.Tx(context.Background(), func(ctx context.Context) error {
			return errors.Join(s.AddLetter(ctx, lettertest.Sample("1", "A")), undone)
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if b, err := s.OpenBatch(context.Background(), "spool", lettertest.At(), 1); err != nil || b.ID != "" {
			t.Errorf("got %v, %v", b, err)
		}
	})
}

func TestStolenLettersTellNothingAndAreErased(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := context.Background(), store.NewLetters(db, keystest.Fixed(t).Columns())
		if err := s.AddLetter(ctx, lettertest.Sample("1", "ABCDEFGHJKLMNPQR")); err != nil {
			t.Fatal(err)
		}
		sealed, err := db.DumpLetters(ctx)
		if err != nil || len(sealed) < 100 {
			t.Fatalf("got %d bytes, %v", len(sealed), err)
		}
		for _, secret := range []string{"ABCDEFGHJKLMNPQR", "EJEMPLO", "PRUEBA", "08001"} {
			if bytes.Contains(sealed, []byte(secret)) {
				t.Errorf("a stolen table shows %q", secret)
			}
		}
		b, err := s.OpenBatch(ctx, "spool", lettertest.At(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.BatchStaged(ctx, b.ID, lettertest.At()); err != nil {
			t.Fatal(err)
		}
		if left, err := db.DumpLetters(ctx); err != nil || len(left) != 0 {
			t.Errorf("after the hand-over there are %d sealed bytes, %v", len(left), err)
		}
	})
}

func TestLettersAreSwept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := context.Background(), store.NewLetters(db, keystest.Fixed(t).Columns())
		l := lettertest.Sample("1", "A")
		sweep := func(now time.Time) {
			t.Helper()
			if err := s.Sweep(ctx, now); err != nil {
				t.Fatal(err)
			}
		}
		count := func() int {
			t.Helper()
			n, err := db.CountLetters(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if err := s.AddLetter(ctx, l); err != nil {
			t.Fatal(err)
		}
		sweep(l.ExpiresAt.Add(-letter.Worth - time.Second))
		if b, err := s.OpenBatch(ctx, "spool", l.QueuedAt, 1); err != nil || b.Count != 1 {
			t.Fatalf("got %v, %v; want it still there", b, err)
		}
		late := lettertest.Sample("2", "B")
		if err := s.AddLetter(ctx, late); err != nil {
			t.Fatal(err)
		}
		sweep(l.QueuedAt.Add(letter.Kept))
		if got := count(); got != 1 { // that in an open batch stays until it is printed
			t.Errorf("got %d letters, want 1", got)
		}
		b, err := s.OpenBatch(ctx, "spool", l.QueuedAt, 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.BatchStaged(ctx, b.ID, l.QueuedAt); err != nil {
			t.Fatal(err)
		}
		if err := s.BatchPublished(ctx, b.ID, l.QueuedAt); err != nil {
			t.Fatal(err)
		}
		sweep(l.QueuedAt.Add(letter.Kept))
		if got := count(); got != 0 {
			t.Errorf("got %d letters, want none", got)
		}
	})
}

func TestABatchWhoseSpoolIsLost(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, s := context.Background(), store.NewLetters(db, keystest.Fixed(t).Columns())
		for _, number := range []string{"1", "2"} {
			if err := s.AddLetter(ctx, lettertest.Sample(number, "A")); err != nil {
				t.Fatal(err)
			}
		}
		lost, err := s.OpenBatch(ctx, "lost", lettertest.At(), 1)
		if err != nil {
			t.Fatal(err)
		}
		counts, batches, err := s.Overview(ctx)
		if err != nil || counts[letter.Queued] != 2 || len(batches) != 1 || batches[0].ID != lost.ID || batches[0].State != letter.Open {
			t.Errorf("got %v, %v, %v", counts, batches, err)
		}
		if freed, err := s.Requeue(ctx, lost.ID); err != nil || !freed {
			t.Errorf("got %v, %v", freed, err)
		}
		if staged, err := s.BatchStaged(ctx, lost.ID, lettertest.At()); err != nil || staged {
			t.Errorf("the lost batch is staged all the same: %v, %v", staged, err)
		}
		b, err := s.OpenBatch(ctx, "spool", lettertest.At(), 10)
		if err != nil || len(b.Letters) != 2 {
			t.Errorf("got %d letters, %v; want both", len(b.Letters), err)
		}
		if _, err := s.BatchStaged(ctx, b.ID, lettertest.At()); err != nil {
			t.Fatal(err)
		}
		if freed, err := s.Requeue(ctx, b.ID); err != nil || freed {
			t.Errorf("a staged batch was given back: %v, %v", freed, err)
		}
		if counts, _, err := s.Overview(ctx); err != nil || counts[letter.HandedOver] != 2 {
			t.Errorf("got %v, %v", counts, err)
		}
	})
}
