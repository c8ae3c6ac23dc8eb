package store_test

import (
	"net/netip"
	"testing"
	"time"

	"clave/audit"
	"clave/identity"
	"clave/store"
	"clave/store/storetest"
)

func TestAuditActivityIsTheCitizensOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		ctx := audit.WithRequester(t.Context(), audit.Requester{Address: netip.MustParseAddr("192.0.2.77"), Agent: "Firefox/145.0 Windows"})
		record := func(person identity.PersonID, data audit.Data) {
			t.Helper()
			tr.clock.Pass(time.Second)
			if err := tr.Record(ctx, audit.Event{Actor: audit.Citizen, Person: person, RelyingParty: "town", Data: data}); err != nil {
				t.Fatal(err)
			}
		}
		for range 5 {
			record("ana", audit.LoginFinished{Method: identity.PIN, Level: identity.Low, Fresh: true})
			record("eva", audit.LoginFinished{Method: identity.PIN, Level: identity.Low})
			record("ana", audit.PINRequested{Sent: 1})
		}
		read := func(before audit.Place) []audit.Activity {
			t.Helper()
			found, err := audit.ReadActivity(ctx, db.Audit(), tr.ring.Columns(), "ana", before, 3)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		first := read(audit.Place{At: tr.clock.Now().Add(time.Hour)})
		second := read(first[len(first)-1].Place)
		third := read(second[len(second)-1].Place)
		if len(first) != 3 || len(second) != 2 || len(third) != 0 {
			t.Fatalf("got pages of %d, %d and %d, want 3, 2 and 0", len(first), len(second), len(third))
		}
		for i, a := range append(first, second...) {
			if a.RelyingParty != "town" || a.Method != identity.PIN || !a.Fresh || a.Browser != "Firefox, Windows" || a.Network.String() != "192.0.2.0/24" {
				t.Errorf("got %+v", a)
			}
			if i > 0 && !a.At.Before(first[0].At) {
				t.Errorf("line %d is not older than the first", i)
			}
		}
	})
}

func TestAuditActivityTellsNothingOfAChangedRow(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		event := audit.Event{Actor: audit.Citizen, Person: "ana", RelyingParty: "town", Data: audit.LoginFinished{Method: identity.PIN}}
		if err := tr.Record(t.Context(), event); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Tamper(t.Context(), "update audit_events set relying_party = 'bank'"); err != nil {
			t.Fatal(err)
		}
		found, err := audit.ReadActivity(t.Context(), db.Audit(), tr.ring.Columns(), "ana", audit.Place{At: tr.clock.Now().Add(time.Hour)}, 3)
		if err == nil {
			t.Errorf("got %+v of a changed row", found)
		}
	})
}
