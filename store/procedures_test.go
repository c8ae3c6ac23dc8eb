package store_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	procedures "clave/census/registration"
	"clave/census/registration/registrationtest"
	"clave/internal/onetime"
	"clave/keys/keystest"
	"clave/store"
	"clave/store/storetest"
)

func TestProcedures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		registrationtest.Suite(t, registrationtest.Stores{Tx: db.Tx, Procedures: store.NewProcedures(db, keystest.Fixed(t).Columns())})
	})
}

func TestAbandonedProceduresAreSwept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, kept := context.Background(), store.NewProcedures(db, keystest.Fixed(t).Columns())
		now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		add := func(expires time.Time) []byte {
			handle := onetime.Hash(onetime.NewToken())
			err := kept.AddProcedure(ctx, procedures.Row{
				ID: onetime.NewID(), Procedure: procedures.Letter, Handle: handle, State: []byte("{}"), StartedAt: now, ExpiresAt: expires,
			})
			if err != nil {
				t.Fatal(err)
			}
			return handle
		}
		old, live := add(now), add(now.Add(time.Second))
		if err := kept.Sweep(ctx, now); err != nil {
			t.Fatal(err)
		}
		if _, err := kept.ProcedureOf(ctx, old); !errors.Is(err, procedures.ErrNone) {
			t.Errorf("got %v, want it gone", err)
		}
		if _, err := kept.ProcedureOf(ctx, live); err != nil {
			t.Errorf("got %v, want it kept", err)
		}
	})
}

func TestStolenProceduresNameNobody(t *testing.T) {
	eachStolen(t, func(t *testing.T, db *store.DB, steal func() loot) {
		kept := store.NewProcedures(db, keystest.Fixed(t).Columns())
		handle := onetime.NewToken()
		row := procedures.Row{
			ID: onetime.NewID(), Procedure: procedures.Letter, Handle: onetime.Hash(handle), StartedAt: time.Now(), ExpiresAt: time.Now(),
			State: []byte(`{"typed":{"document":"12345678Z","phone":"600000123","email":"sam@example.org","invitation":"ABCDEFGHJKLMNPQR"}}`),
		}
		if err := kept.AddProcedure(context.Background(), row); err != nil {
			t.Fatal(err)
		}
		stolen := steal()
		if !bytes.Contains(stolen.text, []byte(row.ID)) {
			t.Fatal("the dump lacks the procedure")
		}
		stolen.lacks(t, "12345678", "600000123", "sam@", "ABCDEFGHJKLMNPQR", handle)
	})
}
