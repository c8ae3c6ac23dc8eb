package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"clave/audit"
	"clave/identity"
	"clave/store"
	"clave/store/storetest"
)

func TestAuditRecordSealsWhatIsPersonal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		document, err := identity.ParseDocument("12345678Z")
		if err != nil {
			t.Fatal(err)
		}
		guardian, err := identity.ParseDocument("99999999R")
		if err != nil {
			t.Fatal(err)
		}
		address := netip.MustParseAddr("2001:db8::7")
		ctx := audit.WithRequester(t.Context(), audit.Requester{Address: address, Agent: "Firefox/145.0 Windows"})
		for range 2 {
			err = tr.Record(ctx, audit.Event{
				Actor: audit.Citizen, RelyingParty: "town", Login: "l1",
				Data: audit.PairWrong{InHour: 3}, Personal: audit.Personal{Document: document, Guardian: guardian},
			})
			if err != nil {
				t.Fatal(err)
			}
			tr.clock.Pass(time.Second)
		}
		rows := tr.events(t)
		for _, secret := range []string{"12345678", "2001:db8"} {
			if strings.Contains(fmt.Sprintf("%+v %q", rows[0], rows[0].Personal), secret) {
				t.Errorf("%s stands in the row", secret)
			}
		}
		want := audit.Personal{Document: document, Guardian: guardian, Address: address, Browser: "Firefox, Windows"}
		if got, err := rows[0].Reveal(tr.ring.Columns()); err != nil || got != want {
			t.Errorf("what was sealed came back otherwise: %v", err)
		}
		moved := rows[1]
		moved.Personal = rows[0].Personal
		if _, err := moved.Reveal(tr.ring.Columns()); err == nil {
			t.Error("a sealed value opened in another row")
		}
		if s := fmt.Sprintf("%v %+v %s", want, want, audit.Event{Personal: want}); strings.Contains(s, "12345678") || strings.Contains(s, "db8") {
			t.Errorf("%s prints what is personal", s)
		}
	})
}

func TestAuditRecordRefusesWhatNamesNobodyOrNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		for _, e := range []audit.Event{{Data: audit.DeceasedUsed{}}, {Actor: audit.System}} {
			if err := tr.Record(t.Context(), e); err == nil {
				t.Errorf("%v was recorded", e)
			}
		}
		if n := len(tr.events(t)); n != 0 {
			t.Errorf("got %d events, want none", n)
		}
	})
}

func TestAuditExport(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		tr := newTrail(t, db)
		from := tr.clock.Now().Add(2 * time.Second)
		tr.happen(t, 5)
		export := func(reveal audit.Cipher, reason string) ([]map[string]any, error) {
			var out bytes.Buffer
			x := audit.Exporter{
				Reader: db.Audit(), Trail: tr, Actor: audit.Operator("ana"),
				From: from, To: from.Add(2 * time.Second), Reveal: reveal, Reason: reason,
			}
			n, err := x.Export(t.Context(), &out)
			var lines []map[string]any
			for d := json.NewDecoder(&out); d.More(); {
				var line map[string]any
				if err := d.Decode(&line); err != nil {
					t.Fatal(err)
				}
				lines = append(lines, line)
			}
			if int64(len(lines)) != n {
				t.Errorf("got %d lines, told %d", len(lines), n)
			}
			return lines, err
		}
		lines, err := export(nil, "")
		if err != nil || len(lines) != 2 {
			t.Fatalf("got %d lines, %v, want the two between from and to", len(lines), err)
		}
		if got := lines[0]; got["kind"] != "pin_wrong" || got["person"] != "p1" || got["login"] != "l1" || got["personal"] != nil ||
			got["at"] != "2026-03-01T10:00:02Z" || got["data"].(map[string]any)["in_login"] != 1.0 {
			t.Errorf("got %v", got)
		}
		if _, err := export(tr.ring.Columns(), ""); !errors.Is(err, audit.ErrReason) {
			t.Errorf("got %v, want ErrReason", err)
		}
		tr.clock.Pass(time.Second)
		lines, err = export(tr.ring.Columns(), "court order 7/2026")
		if err != nil || len(lines) != 2 || lines[0]["personal"].(map[string]any)["address"] != "192.0.2.7" {
			t.Errorf("got %v, %v, want the address revealed", lines, err)
		}
		rows := tr.events(t)
		last := rows[len(rows)-1]
		if len(rows) != 7 || last.Kind != audit.KindAuditExported || last.Actor != "operator:ana" || !strings.Contains(last.Data, `"revealed":true`) ||
			!strings.Contains(last.Data, "court order 7/2026") {
			t.Errorf("got %d events, the last one %v; want both accesses in the trail", len(rows), last)
		}
	})
}
