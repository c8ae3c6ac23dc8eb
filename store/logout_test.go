package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"clave/broker/logout"
	"clave/broker/logout/logouttest"
	"clave/keys/keystest"
	"clave/store"
	"clave/store/storetest"
)

func newLogouts(t testing.TB, db *store.DB) *store.Logouts {
	return store.NewLogouts(db, keystest.New(t, logouttest.At).Columns())
}

func TestLogouts(t *testing.T) {
	t.Parallel()
	for engine, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			logouttest.Suite(t, func(t *testing.T) logout.Store { return newLogouts(t, storetest.Open(t, url(t))) })
		})
	}
}

func TestLogoutsAreSwept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		kept, ctx := newLogouts(t, db), t.Context()
		late := logouttest.Sample("session-1", "late", 0)
		late.EndsAt = late.EndsAt.Add(time.Hour)
		for _, p := range []logout.Participant{logouttest.Sample("session-1", "early", 0), late} {
			if err := kept.AddParticipant(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		for id, deadline := range map[logout.ID]time.Time{"early": logouttest.At(), "late": late.EndsAt} {
			if err := kept.SaveLogout(ctx, logout.Logout{ID: id, Deadline: deadline}); err != nil {
				t.Fatal(err)
			}
		}
		if err := kept.Sweep(ctx, late.EndsAt.Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		// Read as if it were earlier: what is gone was deleted, and is not only old.
		_, gone := kept.Logout(ctx, "early", time.Unix(0, 0))
		_, stays := kept.Logout(ctx, "late", logouttest.At())
		all, err := kept.Participants(ctx, "session-1")
		if !errors.Is(gone, logout.ErrNoLogout) || stays != nil || err != nil || len(all) != 1 || all[0].Service != "late" {
			t.Errorf("got %v, %v, %v, %v", gone, stays, all, err)
		}
	})
}

func TestAParticipantWithoutAnEndIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		endless := logouttest.Sample("session-1", "a", 0)
		endless.EndsAt = time.Time{}
		if err := newLogouts(t, db).AddParticipant(t.Context(), endless); err == nil {
			t.Error("it would never be swept")
		}
	})
}

func TestStolenLogoutsNameNobody(t *testing.T) {
	eachStolen(t, func(t *testing.T, db *store.DB, steal func() loot) {
		kept, ctx := newLogouts(t, db), context.Background()
		p := logouttest.Sample("session-1", "a", 0)
		p.Told = []byte("12345678Z")
		lo := logout.Logout{
			ID: "logout-1", Deadline: logouttest.At().Add(time.Minute), Visits: []logout.Visit{{Participant: logouttest.Sample("session-9", "health-insurance", 0)}},
			After: logout.After{State: []byte("12345678Z"), RelyingParty: "tax-office"},
		}
		if err := errors.Join(kept.AddParticipant(ctx, p), kept.SaveLogout(ctx, lo)); err != nil {
			t.Fatal(err)
		}
		steal().lacks(t, "12345678Z", "health-insurance", "tax-office", "MTIzNDU2Nzha") // the last one in base64
	})
}

// What is sealed for one service does not open as what another knows, nor one logout as
// another.
func TestSealedLogoutsStayInTheirPlace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		kept, ctx := newLogouts(t, db), t.Context()
		err := errors.Join(
			kept.AddParticipant(ctx, logouttest.Sample("session-1", "a", 0)),
			kept.SaveLogout(ctx, logout.Logout{ID: "one", Deadline: logouttest.At().Add(time.Minute)}),
			db.MoveLogouts(ctx),
		)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := kept.Participants(ctx, "moved"); err == nil {
			t.Errorf("a participant of another session: %v", got)
		}
		if _, err := kept.Logout(ctx, "moved", logouttest.At()); err == nil || errors.Is(err, logout.ErrNoLogout) {
			t.Errorf("a logout under another id: %v", err)
		}
	})
}
