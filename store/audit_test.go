package store_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"clave/audit"
	"clave/internal/clocktest"
	"clave/keys"
	"clave/keys/keystest"
	"clave/store"
)

// trail is an installation's audit on a database of its own.
type trail struct {
	*audit.Recorder
	db    *store.DB
	clock *clocktest.Clock
	ring  *keys.Keyring
}

func newTrail(t *testing.T, db *store.DB) *trail {
	t.Helper()
	c := clocktest.At(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC))
	master := make([]byte, 32)
	_, _ = rand.Read(master) // never fails
	m, err := keys.NewMaster(master)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keys.Open(t.Context(), &keystest.Memory{}, m, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	return &trail{audit.NewRecorder(db.Audit(), ring.Columns(), c.Now), db, c, ring}
}

func (tr *trail) sealer() *audit.Sealer {
	return audit.NewSealer(tr.db.Audit(), tr, tr.ring.Columns(), tr.ring.Audit(), tr.clock.Now, slog.New(slog.DiscardHandler))
}

func (tr *trail) seal(t *testing.T, s *audit.Sealer) int {
	t.Helper()
	n, err := s.Seal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// happen records n events, a second apart.
func (tr *trail) happen(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		tr.clock.Pass(time.Second)
		err := tr.Record(t.Context(), audit.Event{
			Actor: audit.Citizen, Person: "p1", RelyingParty: "town", Login: fmt.Sprint("l", i),
			Data: audit.PINWrong{InLogin: i}, Personal: audit.Personal{Address: netip.MustParseAddr("192.0.2.7")},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (tr *trail) events(t *testing.T) []audit.Row {
	t.Helper()
	rows, err := tr.db.Audit().Events(t.Context(), audit.Place{}, tr.clock.Now().Add(time.Hour), 100_000)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func (tr *trail) batches(t *testing.T) (all []audit.Batch) {
	t.Helper()
	err := tr.db.Audit().BatchesAfter(t.Context(), 0, func(b audit.Batch) error {
		all = append(all, b)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (tr *trail) tamper(t *testing.T, sql string, args ...any) {
	t.Helper()
	n, err := tr.db.Tamper(t.Context(), sql, args...)
	if err != nil || n != 1 {
		t.Fatalf("tampering with %d rows: %v", n, err)
	}
}

// verify gives the findings without their times.
func (tr *trail) verify(t *testing.T, with ...func(*audit.Verifier)) ([]audit.Finding, audit.Report) {
	t.Helper()
	found := []audit.Finding{}
	v := audit.Verifier{
		Book: tr.db.Audit(), Keys: tr.ring.Audit(), Now: tr.clock.Now, Grace: audit.DefaultGrace,
		Found: func(f audit.Finding) {
			f.At = time.Time{}
			found = append(found, f)
		},
	}
	for _, w := range with {
		w(&v)
	}
	report, err := v.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found, report
}
