package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"clave/audit"
	"clave/keys"
	"clave/store"
	"clave/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestAuditSealsEachCommittedEventOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		const writers, each = 4, 60
		committed := map[string]bool{}
		var mu sync.Mutex
		var writing, sealing sync.WaitGroup
		gaveUp := errors.New("the fact did not happen")
		for w := range writers {
			writing.Go(func() {
				for i := range each {
					login := fmt.Sprintf("%d-%d", w, i)
					err := db.Tx(t.Context(), func(ctx context.Context) error {
						err := tr.Record(ctx, audit.Event{Actor: audit.Citizen, Login: login, Data: audit.PINRequested{Sent: 1}})
						if err == nil && i%3 == 0 {
							err = gaveUp
						}
						return err
					})
					switch {
					case err == nil:
						mu.Lock()
						committed[login] = true
						mu.Unlock()
					case !errors.Is(err, gaveUp):
						t.Error(err)
					}
				}
			})
		}
		halt := make(chan struct{})
		for range 2 {
			sealing.Go(func() {
				s := tr.sealer()
				for {
					if _, err := s.Seal(t.Context()); err != nil {
						t.Error(err)
					}
					tr.clock.Pass(time.Duration(rand.IntN(300)) * time.Millisecond)
					if rand.IntN(10) == 0 {
						s = tr.sealer() // the node died, another one starts
					}
					select {
					case <-halt:
						return
					default:
					}
				}
			})
		}
		sealing.Go(func() { // somebody verifies meanwhile
			for {
				if found, _ := tr.verify(t); len(found) > 0 {
					t.Errorf("while nodes seal: %v", found)
				}
				select {
				case <-halt:
					return
				default:
				}
			}
		})
		writing.Wait()
		close(halt)
		sealing.Wait()
		tr.clock.Pass(time.Minute)
		tr.seal(t, tr.sealer())

		got := map[string]bool{}
		for _, r := range tr.events(t) {
			got[r.Login] = true
		}
		if d := cmp.Diff(got, committed); d != "" {
			t.Error(d)
		}
		tr.clock.Pass(24 * time.Hour)
		if found, report := tr.verify(t); len(found) > 0 || report.Events != int64(len(committed)) {
			t.Errorf("got %v and %d events, want none and %d", found, report.Events, len(committed))
		}
	})
}

// late adds an event whose transaction took that long.
func (tr *trail) late(t *testing.T, took time.Duration) {
	t.Helper()
	back := audit.NewRecorder(tr.db.Audit(), tr.ring.Columns(), func() time.Time { return tr.clock.Now().Add(-took) })
	if err := back.Record(t.Context(), audit.Event{Actor: audit.System, Data: audit.DeceasedUsed{}}); err != nil {
		t.Fatal(err)
	}
}

func TestAuditSealerFindsLateCommits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		s, other := tr.sealer(), tr.sealer()
		tr.happen(t, 1)
		tr.seal(t, s)
		tr.seal(t, other)
		tr.late(t, audit.MaxDelay)
		sealed := 0
		for range 40 { // both nodes go on, and so do events
			tr.happen(t, 1)
			sealed += tr.seal(t, s) + tr.seal(t, other)
		}
		if sealed != 41 {
			t.Errorf("got %d sealed, want 41: the late one too", sealed)
		}
		tr.late(t, time.Hour) // not ours
		tr.clock.Pass(time.Hour)
		tr.seal(t, s)
		if found, _ := tr.verify(t); len(found) != 1 || found[0].Fault != audit.EventUnsealed {
			t.Errorf("got %v, want the one of an hour ago unsealed", found)
		}
	})
}

func TestAuditSealerStartsWhereTheChainEnds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		tr.happen(t, 5)
		tr.clock.Pass(30 * 24 * time.Hour) // before the first sealer ever
		tr.happen(t, 2)
		if n := tr.seal(t, tr.sealer()); n != 7 {
			t.Errorf("got %d, want 7", n)
		}
		tr.happen(t, 3) // and all nodes are off for a month
		tr.clock.Pass(30 * 24 * time.Hour)
		s := tr.sealer()
		if n := tr.seal(t, s); n != 3 {
			t.Errorf("got %d, want 3", n)
		}
		if n := tr.seal(t, s) + tr.seal(t, tr.sealer()); n != 0 {
			t.Errorf("got %d sealed again", n)
		}
		if found, _ := tr.verify(t); len(found) > 0 {
			t.Error(found)
		}
	})
}

func TestAuditClockSetBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		s := tr.sealer()
		sealed := 0
		for range 100 {
			tr.happen(t, 1)
			sealed += tr.seal(t, s)
		}
		tr.clock.Pass(-90 * time.Second)
		for range 100 {
			tr.happen(t, 1)
			sealed += tr.seal(t, s)
		}
		tr.clock.Pass(time.Hour)
		if found, _ := tr.verify(t); len(found) > 0 || sealed != 200 {
			t.Errorf("got %d sealed and %v, want 200 and nothing", sealed, found)
		}
	})
}

// lossy is a ledger whose answers get lost on the way.
type lossy struct {
	*store.Audit
	lose bool
}

func (l *lossy) AddBatch(ctx context.Context, b audit.Batch) error {
	err := l.Audit.AddBatch(ctx, b)
	if err == nil && l.lose {
		l.lose = false
		return errors.New("connection lost after the commit")
	}
	return err
}

func TestAuditSealerSurvivesALostAnswer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		s := audit.NewSealer(&lossy{db.Audit(), true}, tr, tr.ring.Columns(), tr.ring.Audit(), tr.clock.Now, slog.New(slog.DiscardHandler))
		tr.happen(t, 3)
		if _, err := s.Seal(t.Context()); err == nil {
			t.Error("the loss went unnoticed")
		}
		tr.happen(t, 1)
		tr.seal(t, s)
		tr.clock.Pass(time.Second)
		tr.seal(t, s)
		if batches := tr.batches(t); len(batches) != 2 {
			t.Errorf("got %d batches, want 2", len(batches))
		}
		tr.clock.Pass(time.Hour)
		if found, _ := tr.verify(t); len(found) > 0 {
			t.Error(found)
		}
	})
}

func TestAuditHeadKeptElsewhere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		s := tr.sealer()
		for range 3 {
			tr.happen(t, 2)
			tr.seal(t, s)
		}
		rows, batches := tr.events(t), tr.batches(t)
		expect := func(name string) func(*audit.Verifier) {
			seq, head, err := audit.ParseHead(name)
			if err != nil {
				t.Fatal(err)
			}
			return func(v *audit.Verifier) { v.ExpectSeq, v.ExpectHead = seq, head }
		}
		kept := batches[2].Name()
		if found, report := tr.verify(t, expect(kept)); len(found) > 0 || report.Last.Name() != kept {
			t.Errorf("got %v and %s, want nothing and %s", found, report.Last.Name(), kept)
		}
		tr.tamper(t, "delete from audit_batches where seq = 3")
		tr.tamper(t, "delete from audit_events where id = $1", rows[4].ID)
		tr.tamper(t, "delete from audit_events where id = $1", rows[5].ID)
		if found, _ := tr.verify(t); len(found) > 0 {
			t.Errorf("got %v; a tail that was cut off is seen only with a head", found)
		}
		want := []audit.Finding{{Fault: audit.HeadNotReached, Batch: 3}}
		if found, _ := tr.verify(t, expect(kept)); cmp.Diff(found, want) != "" {
			t.Errorf("got %v, want %v", found, want)
		}

		// The node that sealed it notices, and writes down that it is gone.
		tr.happen(t, 1)
		tr.clock.Pass(time.Millisecond)
		if _, err := s.Seal(t.Context()); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("got %v, want ErrBroken", err)
		}
		tr.clock.Pass(time.Second)
		tr.seal(t, s)
		if found, _ := tr.verify(t); len(found) > 0 {
			t.Error(found)
		}
		rows = tr.events(t)
		if got := rows[len(rows)-1]; got.Kind != audit.KindAuditChainCut {
			t.Errorf("got %v, want the cut in the trail", got.Kind)
		}
		want = []audit.Finding{{Fault: audit.HeadUnexpected, Batch: 3}}
		if found, _ := tr.verify(t, expect(kept)); cmp.Diff(found, want) != "" {
			t.Errorf("got %v, want %v", found, want)
		}
	})
}

func TestAuditVerifiesWithRetiredKeys(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		s := tr.sealer()
		for range 3 {
			tr.happen(t, 1)
			tr.seal(t, s)
			tr.clock.Pass(400 * 24 * time.Hour) // also: retired keys are kept for good
			if _, err := tr.ring.Rotate(t.Context(), keys.UseAudit); err != nil {
				t.Fatal(err)
			}
		}
		used := map[string]bool{}
		for _, b := range tr.batches(t) {
			used[b.KeyID] = true
		}
		if found, _ := tr.verify(t); len(found) > 0 || len(used) < 2 {
			t.Errorf("got %v with %d keys, want nothing with several", found, len(used))
		}
	})
}

// Somebody who can write to the database, and has no key, adds an event or
// changes one before the sealer comes by.
func TestAuditSealerTakesOnlyWhatTheProductWrote(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		tr.happen(t, 3)
		rows := tr.events(t)
		copied, bare := rows[0], rows[1]
		copied.ID, bare.ID, bare.Personal = "copied", "bare", nil
		for _, r := range []audit.Row{copied, bare} {
			if err := db.Audit().AddEvent(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		tr.tamper(t, "update audit_events set person = 'p2' where id = $1", rows[2].ID)
		s := tr.sealer()
		if n := tr.seal(t, s) + tr.seal(t, s); n != 2 {
			t.Errorf("got %d sealed, want the two genuine ones", n)
		}
		tr.clock.Pass(time.Hour)
		found, _ := tr.verify(t)
		var names []string
		for _, f := range found {
			names = append(names, string(f.Fault)+" "+f.Event)
		}
		want := []string{"event unsealed copied", "event unsealed bare", "event unsealed " + rows[2].ID}
		slices.Sort(names)
		slices.Sort(want)
		if d := cmp.Diff(names, want); d != "" {
			t.Error(d)
		}
	})
}
