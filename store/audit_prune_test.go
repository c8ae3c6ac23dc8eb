package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"clave/audit"
	"clave/store"
	"clave/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// mortal is a shelf whose node dies after some batches.
type mortal struct {
	*store.Audit
	lives int
}

func (m *mortal) DropBatch(ctx context.Context, seq int64, events []audit.Entry) error {
	if m.lives--; m.lives < 0 {
		return errors.New("killed")
	}
	return m.Audit.DropBatch(ctx, seq, events)
}

func TestAuditPrune(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		s := tr.sealer()
		for range 6 {
			tr.happen(t, 2)
			tr.seal(t, s)
			tr.clock.Pass(time.Hour)
		}
		verified := func() audit.Report {
			t.Helper()
			tr.seal(t, s)
			tr.clock.Pass(time.Hour)
			found, report := tr.verify(t)
			if len(found) > 0 {
				t.Error(found)
			}
			return report
		}
		before := tr.clock.Now().Add(-150 * time.Minute) // four batches are older
		if n, err := audit.Prune(t.Context(), &mortal{db.Audit(), 1}, tr, before); err == nil || n != 1 {
			t.Errorf("got %d, %v, want one and an error", n, err)
		}
		verified()
		if n, err := audit.Prune(t.Context(), db.Audit(), tr, before); err != nil || n != 3 {
			t.Errorf("got %d, %v, want the other three", n, err)
		}
		if report := verified(); report.Pruned != 4 || report.Events != 4+2 {
			t.Errorf("got %+v, want 4 batches pruned; four events and what was said about the prunings", report)
		}
		if n, err := audit.Prune(t.Context(), db.Audit(), tr, before); err != nil || n != 0 {
			t.Errorf("got %d, %v, want nothing to do", n, err)
		}
		if report := verified(); report.Events != 6 {
			t.Errorf("got %d events; pruning nothing is no event", report.Events)
		}
		// Somebody prunes a little more.
		rows := tr.events(t)
		tr.tamper(t, "delete from audit_batches where seq = 5")
		tr.tamper(t, "delete from audit_events where id = $1", rows[0].ID)
		tr.tamper(t, "delete from audit_events where id = $1", rows[1].ID)
		want := []audit.Finding{{Fault: audit.BatchMissing, Batch: 5, Through: 5}}
		if found, _ := tr.verify(t); cmp.Diff(found, want) != "" {
			t.Errorf("got %v, want %v", found, want)
		}
		// The newest batch stays, however old.
		if _, err := audit.Prune(t.Context(), db.Audit(), tr, tr.clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if n := len(tr.batches(t)); n != 1 {
			t.Errorf("got %d batches, want one", n)
		}
	})
}
