package store_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/broker"
	"clave/internal/clocktest"
	"clave/internal/tally"
	"clave/keys/keystest"
	"clave/providers/pin"
	"clave/providers/pin/pintest"
	"clave/providers/providertest"
	"clave/store"
	"clave/store/storetest"
)

// pinStores are the stores of Cl@ve PIN in a database.
func pinStores(t testing.TB, db *store.DB, clock *clocktest.Clock) pintest.Stores {
	t.Helper()
	ring := keystest.Fixed(t)
	tallies := store.NewPINTallies(db, ring.Index())
	return pintest.Stores{Tx: db.Tx, Tallies: tallies, Challenges: store.NewPINs(db, ring.Columns(), tallies)}
}

func TestPINStores(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) { pintest.Suite(t, pinStores(t, db, clocktest.Noon())) })
}

func TestPINOverDatabases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var worlds atomic.Int64
		providertest.Run(t, func(t testing.TB) providertest.Subject {
			clock := clocktest.Noon() // of weeks apart, so that worlds do not count in each other
			clock.Pass(time.Duration(worlds.Add(1)) * 7 * 24 * time.Hour)
			return pintest.Over(t, clock, pinStores(t, db, clock), nil)
		})
	})
}

// guesses are many PINs tried at once in several logins of one citizen.
func TestPINGuessesAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clock := clocktest.Noon()
		w := pintest.Over(t, clock, pinStores(t, db, clock), nil)
		const logins, each = 4, 50
		var evaluated, locked, over atomic.Int64
		var group sync.WaitGroup
		waiting := map[*broker.Login]string{}
		for range logins {
			l := w.Broker().Open(providertest.Party())
			waiting[l] = w.Wrong(w.Send(t, l, pintest.Advanced, ""))
		}
		for l, wrong := range waiting {
			for range each {
				group.Go(func() {
					var denied *pin.Denied
					if err := w.Enter(context.Background(), w.Broker().Again(l), wrong); !errors.As(err, &denied) {
						t.Errorf("got %v, want a refusal", err)
						return
					}
					switch denied.Cause {
					case pin.WrongPIN, pin.TriesSpent:
						evaluated.Add(1)
					case pin.MethodLocked:
						locked.Add(1)
					default:
						over.Add(1)
					}
				})
			}
		}
		group.Wait()
		tally, err := pinStores(t, db, clock).Tallies.Tally(context.Background(), tally.Subject{Kind: tally.WrongPINs, Value: string(w.Person(pintest.Advanced))})
		if err != nil {
			t.Fatal(err)
		}
		if len(tally.Times) != 10 || !tally.LockedUntil.Equal(clock.Now().Add(time.Hour)) {
			t.Errorf("got %d wrong PINs and a lock until %v, want 10 and an hour", len(tally.Times), tally.LockedUntil)
		}
		// The tenth is answered by the lock, unless it also ends its login.
		if got := evaluated.Load(); got != 9 && got != 10 {
			t.Errorf("got %d looked at, want 9 or 10", got)
		}
		if got := evaluated.Load() + locked.Load() + over.Load(); got != logins*each {
			t.Errorf("got %d answers, want %d", got, logins*each)
		}
	})
}

func TestPINSendsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clock := clocktest.Noon()
		w := pintest.Over(t, clock, pinStores(t, db, clock), nil)
		l := w.Broker().Open(providertest.Party())
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				err := w.Obtain(context.Background(), w.Broker().Again(l), w.Citizens.Pair(pintest.Advanced), "")
				var denied *pin.Denied
				if err != nil && (!errors.As(err, &denied) || denied.Cause != pin.TooSoon) {
					t.Errorf("got %v, want one sent and the others too soon", err)
				}
			})
		}
		group.Wait()
		if got := len(w.Outbox.Messages()); got != 1 {
			t.Errorf("got %d messages, want 1", got)
		}
	})
}

func TestPINRowsHideWhatTheyHold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		clock := clocktest.Noon()
		w := pintest.Over(t, clock, pinStores(t, db, clock), nil)
		l := w.Broker().Open(providertest.Party())
		code := w.Send(t, l, pintest.Advanced, "QJX7")
		_ = w.Enter(context.Background(), w.Broker().Again(l), w.Wrong(code)) // counted
		_, err := w.Check(context.Background(), l, pintest.WrongPair(pintest.Nobody))
		var denied *pin.Denied
		if !errors.As(err, &denied) || denied.Cause != pin.WrongPair {
			t.Fatalf("got %v, want a wrong pair", err)
		}
		dump, err := db.DumpPIN(context.Background())
		if err != nil || len(dump) < 100 {
			t.Fatalf("got %d bytes to look at, %v", len(dump), err)
		}
		for _, secret := range []string{"QJX7", code, pintest.Advanced, pintest.Nobody, "600000001"} {
			if bytes.Contains(dump, []byte(secret)) {
				t.Errorf("a stolen table shows %q", secret)
			}
		}
	})
}

func TestPINSweep(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		clock := clocktest.Noon()
		ring := keystest.Fixed(t)
		tallies := store.NewPINTallies(db, ring.Index())
		challenges := store.NewPINs(db, ring.Columns(), tallies)
		w := pintest.Over(t, clock, pintest.Stores{Tx: db.Tx, Tallies: tallies, Challenges: challenges}, nil)
		sweep := func(t *testing.T, now time.Time) {
			t.Helper()
			if err := errors.Join(tallies.Sweep(ctx, now), challenges.Sweep(ctx, now)); err != nil {
				t.Fatal(err)
			}
		}
		l := w.Broker().Open(providertest.Party())
		code := w.Send(t, l, pintest.Advanced, "")
		t.Run("nothing that counts is swept", func(t *testing.T) {
			if err := w.Enter(ctx, w.Broker().Again(l), w.Wrong(code)); err == nil {
				t.Fatal("got a wrong PIN taken")
			}
			sweep(t, time.Now().Add(time.Hour))
			if c, err := challenges.Challenge(ctx, l.Request.ID); err != nil || c.Wrong != 1 {
				t.Errorf("got %d wrong, %v; want 1", c.Wrong, err)
			}
		})
		t.Run("a tally that is gone is made again while a PIN is out", func(t *testing.T) {
			if err := tallies.Sweep(ctx, time.Now().Add(100*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
			if err := w.Enter(ctx, w.Broker().Again(l), code); err != nil {
				t.Errorf("got %v, want the PIN taken", err)
			}
		})
		t.Run("a lock without end outlives every sweep", func(t *testing.T) {
			of := tally.Subject{Kind: tally.WrongPINs, Value: "locked for good"}
			err := db.Tx(ctx, func(ctx context.Context) error {
				if _, err := tallies.HoldTally(ctx, of); err != nil {
					return err
				}
				return tallies.KeepTally(ctx, of, tally.Tally{Times: []time.Time{clock.Now()}, LockedUntil: tally.Indefinitely()})
			})
			if err != nil {
				t.Fatal(err)
			}
			sweep(t, clock.Now().AddDate(50, 0, 0))
			if got, err := tallies.Tally(ctx, of); err != nil || !got.LockedUntil.Equal(tally.Indefinitely()) {
				t.Errorf("got %v, %v; want it kept", got.LockedUntil, err)
			}
		})
		t.Run("challenges of logins long over are gone", func(t *testing.T) {
			sweep(t, time.Now().Add(24*time.Hour))
			if c, err := challenges.Challenge(ctx, l.Request.ID); err != nil || c.Login != "" {
				t.Errorf("got %+v, %v; want nothing", c.Login, err)
			}
		})
	})
}
