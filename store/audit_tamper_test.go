package store_test

import (
	"testing"
	"time"

	"clave/audit"
	"clave/store"
	"clave/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestAuditVerifyNamesWhatWasTamperedWith(t *testing.T) {
	t.Parallel()
	ev := func(f audit.Fault, batch int64, id string) audit.Finding {
		return audit.Finding{Fault: f, Batch: batch, Event: id}
	}
	ba := func(f audit.Fault, batch int64) audit.Finding { return audit.Finding{Fault: f, Batch: batch} }
	type world struct {
		*trail
		rows    []audit.Row
		batches []audit.Batch
	}
	column := func(name string, value any) func(*testing.T, world) []audit.Finding {
		return func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "update audit_events set "+name+" = $1 where id = $2", value, w.rows[2].ID)
			return []audit.Finding{ev(audit.EventChanged, 2, w.rows[2].ID)}
		}
	}
	batchColumn := func(name string, value any, want ...audit.Finding) func(*testing.T, world) []audit.Finding {
		return func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "update audit_batches set "+name+" = $1 where seq = 2", value)
			return want
		}
	}
	// Six events in three batches of two.
	for name, act := range map[string]func(t *testing.T, w world) []audit.Finding{
		"nothing":                        func(t *testing.T, w world) []audit.Finding { return []audit.Finding{} },
		"the kind of an event":           column("kind", "pin_locked"),
		"the actor of an event":          column("actor", "system"),
		"the person of an event":         column("person", "p2"),
		"the person is emptied":          column("person", ""),
		"the relying party of an event":  column("relying_party", "tower"),
		"the login of an event":          column("login", "l9"),
		"the data of an event":           column("data", `{"in_login": 3, "in_day": 0}`),
		"the personal value of an event": column("personal", []byte{1, 2, 3}),
		"the time of an event": func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "update audit_events set at = at + 1 where id = $1", w.rows[3].ID)
			return []audit.Finding{ev(audit.EventMissing, 2, w.rows[3].ID), ev(audit.EventUnsealed, 0, w.rows[3].ID)}
		},
		"the id of an event": func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "update audit_events set id = 'other' where id = $1", w.rows[3].ID)
			return []audit.Finding{ev(audit.EventMissing, 2, w.rows[3].ID), ev(audit.EventUnsealed, 0, "other")}
		},
		"an event is removed": func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "delete from audit_events where id = $1", w.rows[0].ID)
			return []audit.Finding{ev(audit.EventMissing, 1, w.rows[0].ID)}
		},
		"the newest event is removed": func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "delete from audit_events where id = $1", w.rows[5].ID)
			return []audit.Finding{ev(audit.EventMissing, 3, w.rows[5].ID)}
		},
		"an event is put in later": func(t *testing.T, w world) []audit.Finding {
			r := w.rows[2]
			r.ID = "forged"
			if err := w.db.Audit().AddEvent(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			return []audit.Finding{ev(audit.EventUnsealed, 0, "forged")}
		},
		"an event is copied to another time under its own id": func(t *testing.T, w world) []audit.Finding {
			r := w.rows[2]
			r.At = r.At.Add(time.Millisecond)
			if err := w.db.Audit().AddEvent(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			return []audit.Finding{ev(audit.EventUnsealed, 0, r.ID)}
		},
		"two events change places": func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "update audit_events set id = 'x' where id = $1", w.rows[2].ID)
			w.tamper(t, "update audit_events set id = $1 where id = $2", w.rows[2].ID, w.rows[3].ID)
			w.tamper(t, "update audit_events set id = $1 where id = 'x'", w.rows[3].ID)
			return []audit.Finding{
				ev(audit.EventMissing, 2, w.rows[2].ID), ev(audit.EventMissing, 2, w.rows[3].ID),
				ev(audit.EventUnsealed, 0, w.rows[3].ID), ev(audit.EventUnsealed, 0, w.rows[2].ID),
			}
		},
		"all events are removed": func(t *testing.T, w world) (want []audit.Finding) {
			for i, r := range w.rows {
				w.tamper(t, "delete from audit_events where id = $1", r.ID)
				want = append(want, ev(audit.EventMissing, int64(i/2+1), r.ID))
			}
			return want
		},
		"the sealing time of a batch": batchColumn("sealed_at", int64(1), ba(audit.BatchChanged, 2)),
		"the first time of a batch":   batchColumn("first_at", int64(1), ba(audit.BatchChanged, 2)),
		"the key of a batch":          batchColumn("key_id", "00000000", ba(audit.BatchForged, 2)),
		"the signature of a batch":    batchColumn("signature", make([]byte, 64), ba(audit.BatchForged, 2)),
		"the previous head of a batch": batchColumn("previous", make([]byte, 32),
			ba(audit.BatchMoved, 2), ba(audit.BatchChanged, 2)),
		"the head of a batch": batchColumn("head", make([]byte, 32),
			ba(audit.BatchChanged, 2), ba(audit.BatchForged, 2), ba(audit.BatchMoved, 3)),
		"the list of a batch is emptied": func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "update audit_batches set entries = $1 where seq = 2", []byte{})
			return []audit.Finding{
				ba(audit.BatchChanged, 2),
				ev(audit.EventUnsealed, 0, w.rows[2].ID), ev(audit.EventUnsealed, 0, w.rows[3].ID),
			}
		},
		"the list of a batch is that of another": func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "update audit_batches set entries = $1 where seq = 2", w.batches[0].Entries)
			return []audit.Finding{
				ba(audit.BatchChanged, 2),
				ev(audit.EventRepeated, 2, w.rows[0].ID), ev(audit.EventRepeated, 2, w.rows[1].ID),
				ev(audit.EventUnsealed, 0, w.rows[2].ID), ev(audit.EventUnsealed, 0, w.rows[3].ID),
			}
		},
		"a batch is removed": func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "delete from audit_batches where seq = 2")
			return []audit.Finding{
				{Fault: audit.BatchMissing, Batch: 2, Through: 2},
				ev(audit.EventUnsealed, 0, w.rows[2].ID), ev(audit.EventUnsealed, 0, w.rows[3].ID),
			}
		},
		"the first batch is removed with its events": func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "delete from audit_batches where seq = 1")
			w.tamper(t, "delete from audit_events where id = $1", w.rows[0].ID)
			w.tamper(t, "delete from audit_events where id = $1", w.rows[1].ID)
			return []audit.Finding{{Fault: audit.BatchMissing, Batch: 1, Through: 1}}
		},
		"the tail is cut off": func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "delete from audit_batches where seq = 3")
			return []audit.Finding{ev(audit.EventUnsealed, 0, w.rows[4].ID), ev(audit.EventUnsealed, 0, w.rows[5].ID)}
		},
		"two batches change places": func(t *testing.T, w world) []audit.Finding {
			w.tamper(t, "update audit_batches set seq = 9 where seq = 2")
			w.tamper(t, "update audit_batches set seq = 2 where seq = 3")
			w.tamper(t, "update audit_batches set seq = 3 where seq = 9")
			return []audit.Finding{
				ba(audit.BatchMoved, 2), ba(audit.BatchChanged, 2), ba(audit.BatchMoved, 3), ba(audit.BatchChanged, 3),
			}
		},
		"a batch comes twice": func(t *testing.T, w world) []audit.Finding {
			b := w.batches[2]
			b.Seq, b.Previous = 4, b.Head
			if err := w.db.Audit().AddBatch(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			return []audit.Finding{
				ba(audit.BatchChanged, 4),
				ev(audit.EventRepeated, 4, w.rows[4].ID), ev(audit.EventRepeated, 4, w.rows[5].ID),
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				tr := newTrail(t, db)
				s := tr.sealer()
				for range 3 {
					tr.happen(t, 2)
					if n := tr.seal(t, s); n != 2 {
						t.Fatalf("got %d sealed, want 2", n)
					}
				}
				w := world{tr, tr.events(t), tr.batches(t)}
				// Batches and events a day later: nothing has grace.
				tr.clock.Pass(24 * time.Hour)
				want := act(t, w)
				got, _ := tr.verify(t)
				if d := cmp.Diff(got, want); d != "" {
					t.Error(d)
				}
			})
		})
	}
}
