package store_test

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/internal/clocktest"
	"clave/keys/keystest"
	"clave/providers/movil"
	"clave/providers/movil/moviltest"
	"clave/providers/providertest"
	"clave/store"
	"clave/store/storetest"
)

func TestMovilOverDatabases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		providertest.Run(t, func(t testing.TB) providertest.Subject {
			w := moviltest.Over(t, clocktest.Noon(), movilStores(t, db), nil)
			w.PhoneLimit = 1000 // the worlds of the suite share a phone
			return w
		})
	})
}

// Whoever looks for a place between two commits finds none: at most one request waits
// for a person, and of what devices decide at once one thing counts.
func TestMovilRequestsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := moviltest.Over(t, clocktest.Noon(), movilStores(t, db), nil)
		own := w.Owned(t, moviltest.Advanced)
		other := w.Give(t, moviltest.Advanced, moviltest.Phone())
		const many = 4
		var group sync.WaitGroup
		var mu sync.Mutex
		var made []movil.Request
		var logins []*broker.Login
		for range many {
			l := w.Broker().Open(providertest.Party())
			group.Go(func() {
				r, err := w.AskByDocument(t.Context(), l, moviltest.Pair(moviltest.Advanced), movil.Place{})
				var denied *movil.Denied
				switch {
				case err == nil:
					mu.Lock()
					made, logins = append(made, r), append(logins, l)
					mu.Unlock()
				case !errors.As(err, &denied) || denied.Cause != movil.Waiting:
					t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
		if len(made) != 1 {
			t.Fatalf("%d requests wait, want 1", len(made))
		}
		r := made[0]
		if err := w.Type(t.Context(), own.Device, r.ID, r.Asked.Digits); err != nil {
			t.Fatal(err)
		}
		signed := w.Signed(t, own, r.ID)
		var yes, no error
		group.Go(func() { yes = w.Approve(t.Context(), own.Device, r.ID, signed) })
		group.Go(func() { no = w.Reject(t.Context(), other.Device, r.ID) })
		group.Wait()
		if (yes == nil) == (no == nil) {
			t.Errorf("got %v and %v, want one to win", yes, no)
		}
		err := w.Provider.Finish(t.Context(), w.Broker().Again(logins[0]))
		if (err == nil) != (yes == nil) {
			t.Errorf("got %v, want what won to count", err)
		}
	})
}

// Two requests by QR, read by two devices of a person at once: one waits after that.
func TestMovilClaimsAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := moviltest.Over(t, clocktest.Noon(), movilStores(t, db), nil)
		devices := []moviltest.Owned{w.Owned(t, moviltest.Advanced), w.Give(t, moviltest.Advanced, moviltest.Phone())}
		var group sync.WaitGroup
		var ids [2]movil.RequestID
		for i, d := range devices {
			r, err := w.AskByQR(t.Context(), w.Broker().Open(providertest.Party()), movil.Place{})
			if err != nil {
				t.Fatal(err)
			}
			ids[i] = r.ID
			group.Go(func() {
				if _, err := w.Claim(t.Context(), d.Device, r.Handle(w.Clock.Now())); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		waiting := 0
		for _, id := range ids {
			r, err := w.Stores.Requests.Request(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if r.Waits(w.Clock.Now()) {
				waiting++
			}
		}
		if waiting != 1 {
			t.Errorf("%d requests wait, want 1", waiting)
		}
	})
}

func TestMovilRequestsHideWhatTheyHold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := moviltest.Over(t, clocktest.Noon(), movilStores(t, db), nil)
		requests := store.NewMovilRequests(db, keystest.Fixed(t).Columns())
		r, err := w.AskByQR(t.Context(), w.Broker().Open(providertest.Party()), movil.Place{Browser: "Firefox, Windows"})
		if err != nil {
			t.Fatal(err)
		}
		dump, err := db.DumpMovilRequests(t.Context())
		if err != nil || len(dump) < 100 {
			t.Fatalf("got %d bytes to look at, %v", len(dump), err)
		}
		for _, secret := range [][]byte{r.Asked.Secret, []byte("Firefox")} {
			if bytes.Contains(dump, secret) {
				t.Errorf("a stolen table shows %q", secret)
			}
		}
		sweep := func(at time.Time) movil.RequestID {
			if err := requests.Sweep(t.Context(), at); err != nil {
				t.Fatal(err)
			}
			left, err := requests.Request(t.Context(), r.ID)
			if err != nil {
				t.Fatal(err)
			}
			return left.ID
		}
		if sweep(r.ExpiresAt.Add(59*time.Minute)) == "" {
			t.Error("it is gone too early")
		}
		if sweep(r.ExpiresAt.Add(time.Hour)) != "" {
			t.Error("it is still there")
		}
	})
}
