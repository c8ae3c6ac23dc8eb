package lettertest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"clave/notify/letter"
)

// At is when the samples were queued.
func At() time.Time { return time.Date(2026, 11, 21, 9, 30, 15, 123456000, time.UTC) }

// Sample is a letter with an invitation code to a made-up citizen.
func Sample(number, code string) letter.Letter {
	return letter.Letter{
		Number: number, Purpose: letter.Invitation, Language: "ca",
		To: letter.Recipient{
			Name: "MARÍA EJEMPLO DE LA PRUEBA", Street: "CALLE DE LA PRUEBA, 1, 2º IZQ.", PostalCode: "08001", City: "BARCELONA",
			Province: "BARCELONA", Country: "ES",
		},
		Code: code, QueuedAt: At(), ExpiresAt: At().Add(60 * 24 * time.Hour),
	}
}

// Store is what the suite is about.
type Store interface {
	letter.Queue
	letter.Batches
}

// Stores is the suite that every store of letters passes. open makes an empty one.
func Stores(t *testing.T, open func(t *testing.T) Store) {
	ctx := context.Background()
	add := func(t *testing.T, s Store, letters ...letter.Letter) {
		t.Helper()
		for _, l := range letters {
			if err := s.AddLetter(ctx, l); err != nil {
				t.Fatal(err)
			}
		}
	}
	batch := func(t *testing.T, s Store, spool string, now time.Time, limit int) letter.Batch {
		t.Helper()
		b, err := s.OpenBatch(ctx, spool, now, limit)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	finish := func(t *testing.T, s Store, b letter.Batch) {
		t.Helper()
		if staged, err := s.BatchStaged(ctx, b.ID, At()); err != nil || !staged {
			t.Fatalf("staging: %v, %v", staged, err)
		}
		if err := s.BatchPublished(ctx, b.ID, At()); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("letters come into a batch as they went, in the order of their numbers", func(t *testing.T) {
		s := open(t)
		first, second := Sample("20000000000001", "ABCDEFGHJKLMNPQR"), Sample("10000000000001", "STUVWXYZ23456789")
		second.Language, second.To.Province = "en", ""
		add(t, s, first, second)
		b := batch(t, s, "spool", At(), 10)
		if b.State != letter.Open || b.Count != 2 || b.Spool != "spool" || !slices.Equal(b.Letters, []letter.Letter{second, first}) {
			t.Errorf("got %s with %d: %v", b.State, b.Count, b.Letters)
		}
	})
	t.Run("nothing queued is no batch", func(t *testing.T) {
		if b := batch(t, open(t), "spool", At(), 10); b.ID != "" {
			t.Errorf("got %v", b)
		}
	})
	t.Run("an unfinished batch comes again, with its letters until it is staged", func(t *testing.T) {
		s := open(t)
		add(t, s, Sample("1", "A"), Sample("2", "B"))
		b := batch(t, s, "spool", At(), 1)
		if again := batch(t, s, "spool", At(), 10); again.ID != b.ID || !slices.Equal(again.Letters, b.Letters) {
			t.Errorf("got %s with %v", again.ID, again.Letters)
		}
		if staged, err := s.BatchStaged(ctx, b.ID, At()); err != nil || !staged {
			t.Fatal(staged, err)
		}
		if again := batch(t, s, "spool", At(), 10); again.ID != b.ID || again.State != letter.Staged || again.Count != 1 || len(again.Letters) != 0 {
			t.Errorf("got %v", again)
		}
		if err := s.BatchPublished(ctx, b.ID, At()); err != nil {
			t.Fatal(err)
		}
		if next := batch(t, s, "spool", At(), 10); next.ID == b.ID || len(next.Letters) != 1 || next.Letters[0].Number != "2" {
			t.Errorf("got %v", next)
		}
	})
	t.Run("a batch is staged once and published only then", func(t *testing.T) {
		s := open(t)
		add(t, s, Sample("1", "A"))
		b := batch(t, s, "spool", At(), 1)
		if err := s.BatchPublished(ctx, b.ID, At()); err != nil {
			t.Fatal(err)
		}
		if again := batch(t, s, "spool", At(), 1); again.State != letter.Open {
			t.Errorf("got %s, want it still open", again.State)
		}
		finish(t, s, b)
		if staged, err := s.BatchStaged(ctx, b.ID, At()); err != nil || staged {
			t.Errorf("staged again: %v, %v", staged, err)
		}
	})
	t.Run("another spool does not get a batch nor its letters", func(t *testing.T) {
		s := open(t)
		add(t, s, Sample("1", "A"))
		batch(t, s, "spool", At(), 1)
		if b := batch(t, s, "other", At(), 1); b.ID != "" {
			t.Errorf("got %v", b)
		}
	})
	t.Run("the oldest go first", func(t *testing.T) {
		s := open(t)
		late, early := Sample("1", "A"), Sample("2", "B")
		late.QueuedAt = At().Add(time.Second)
		add(t, s, late, early)
		if b := batch(t, s, "spool", At(), 1); b.Letters[0].Number != "2" {
			t.Errorf("got %v", b.Letters)
		}
	})
	t.Run("a letter whose code is hardly good any more is not printed", func(t *testing.T) {
		s, l := open(t), Sample("1", "A")
		add(t, s, l)
		if b := batch(t, s, "spool", l.ExpiresAt.Add(-letter.Worth), 1); b.ID != "" {
			t.Errorf("got %v", b)
		}
	})
	t.Run("a dropped letter is not printed, one in a batch cannot be dropped", func(t *testing.T) {
		s := open(t)
		add(t, s, Sample("1", "A"), Sample("2", "B"))
		if err := s.DropLetter(ctx, "1"); err != nil {
			t.Fatal(err)
		}
		b := batch(t, s, "spool", At(), 10)
		if err := s.DropLetter(ctx, "2"); err != nil {
			t.Fatal(err)
		}
		if again := batch(t, s, "spool", At(), 10); b.Count != 1 || len(again.Letters) != 1 || again.Letters[0].Number != "2" {
			t.Errorf("got %v", again.Letters)
		}
	})
	t.Run("only what was handed over comes back, once", func(t *testing.T) {
		s := open(t)
		add(t, s, Sample("1", "A"), Sample("2", "B"))
		finish(t, s, batch(t, s, "spool", At(), 1))
		for _, step := range []struct {
			number string
			known  bool
		}{{"1", true}, {"1", false}, {"2", false}, {"3", false}} {
			purpose, known, err := s.ReturnLetter(ctx, step.number, At())
			if err != nil || known != step.known || known && purpose != letter.Invitation {
				t.Errorf("letter %s: got %q, %v, %v", step.number, purpose, known, err)
			}
		}
	})
	t.Run("spools at work together share no letter and miss none", func(t *testing.T) {
		s := open(t)
		const total = 60
		for range total {
			add(t, s, Sample(letter.NewNumber(), "A"))
		}
		var mu sync.Mutex
		owner := map[string]string{}
		var group sync.WaitGroup
		for _, spool := range []string{"a", "b", "c", "d"} {
			group.Go(func() {
				for {
					b, err := s.OpenBatch(ctx, spool, At(), 7)
					if err != nil {
						t.Error(err)
						return
					}
					if b.ID == "" {
						return
					}
					mu.Lock()
					for _, l := range b.Letters {
						if first, taken := owner[l.Number]; taken {
							t.Errorf("%v is in batches of %s and %s", l, first, spool)
						}
						owner[l.Number] = spool
					}
					mu.Unlock()
					if _, err := s.BatchStaged(ctx, b.ID, At()); err != nil {
						t.Error(err)
					}
					if err := s.BatchPublished(ctx, b.ID, At()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		if len(owner) != total {
			t.Errorf("got %d letters, want %d", len(owner), total)
		}
	})
}
