package store_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"clave/identity"
	"clave/internal/clocktest"
	"clave/keys"
	"clave/keys/keystest"
	"clave/providers/permanente"
	"clave/providers/permanente/permanentetest"
	"clave/providers/providertest"
	"clave/store"
	"clave/store/storetest"
)

// passwordStores are the stores of Cl@ve Permanente in a database.
func passwordStores(t testing.TB, db *store.DB) permanentetest.Stores {
	t.Helper()
	ring := keystest.Fixed(t)
	kept, registrations := store.NewPasswords(db, ring.Columns()), store.NewRegistrar(db, ring.Columns(), ring.Index())
	return permanentetest.Stores{
		Tx: db.Tx, Tallies: store.NewPINTallies(db, ring.Index()), Accounts: kept, Activations: kept, Challenges: kept,
		Void: kept.VoidPassword,
		Issue: func(ctx context.Context, person identity.PersonID, sum []byte) error {
			return db.Tx(ctx, func(ctx context.Context) error {
				return registrations.KeepActivation(ctx, person, sum, time.Now())
			})
		},
	}
}

func TestPasswordStores(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) { permanentetest.Suite(t, passwordStores(t, db)) })
}

func TestPasswordsOverDatabases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var worlds atomic.Int64
		providertest.Run(t, func(t testing.TB) providertest.Subject {
			clock := clocktest.Noon() // of weeks apart, so that worlds do not count in each other
			clock.Pass(time.Duration(worlds.Add(1)) * 7 * 24 * time.Hour)
			return permanentetest.Over(t, clock, passwordStores(t, db), nil)
		})
	})
}

func TestPasswordSweep(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		kept := store.NewPasswords(db, keystest.Fixed(t).Columns())
		w := permanentetest.Over(t, clocktest.Noon(), passwordStores(t, db), nil)
		l := w.Broker().Open(providertest.Party())
		w.Begin(t, l, w.Person(permanentetest.Advanced))
		for _, sweep := range []struct {
			at    time.Time
			there bool
		}{{time.Now().Add(time.Hour), true}, {time.Now().Add(24 * time.Hour), false}} {
			if err := kept.Sweep(ctx, sweep.at); err != nil {
				t.Fatal(err)
			}
			if c, err := kept.Challenge(ctx, string(l.Request.ID)); err != nil || (c.Key != "") != sweep.there {
				t.Errorf("got %q, %v; want it there: %v", c.Key, err, sweep.there)
			}
		}
	})
}

func TestPasswordsAreSealedAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, clock := t.Context(), clocktest.Noon()
		ring := keystest.New(t, clock.Now)
		kept := store.NewPasswords(db, ring.Columns())
		want := permanente.Account{Person: "somebody", Hash: "$one", Previous: "$two", SetAt: clock.Now(), Always: true}
		err := db.Tx(ctx, func(ctx context.Context) error {
			if _, err := kept.Account(ctx, want.Person); err != nil {
				return err
			}
			return kept.KeepAccount(ctx, want)
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // published, then active
			if _, err := ring.RotateNow(ctx, keys.UseSeal); err != nil {
				t.Fatal(err)
			}
			clock.Pass(time.Hour)
		}
		for _, changed := range []int64{1, 0} {
			if done, err := kept.Reseal(ctx, nil); err != nil || done != (store.Resealed{Rows: 1, Changed: changed}) {
				t.Errorf("got %+v, %v; want %d changed", done, err, changed)
			}
		}
		if got, err := kept.Account(ctx, want.Person); err != nil || got != want {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
