package store_test

import (
	"context"
	"testing"
	"time"

	"clave/internal/clocktest"
	"clave/keys/keystest"
	"clave/providers/movil"
	"clave/providers/movil/moviltest"
	"clave/store"
	"clave/store/storetest"
)

// movilStores are the stores of Cl@ve Móvil in a database.
func movilStores(t testing.TB, db *store.DB) moviltest.Stores {
	t.Helper()
	ring := keystest.Fixed(t)
	devices := store.NewMovilDevices(db, ring.Columns())
	return moviltest.Stores{
		Tx: db.Tx, Tallies: store.NewPINTallies(db, ring.Index()), Devices: devices, Forget: devices.ForgetDevices,
		Activations: store.NewMovilActivations(db, ring.Columns()), Requests: store.NewMovilRequests(db, ring.Columns()),
	}
}

func TestMovilStores(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) { moviltest.Suite(t, movilStores(t, db)) })
}

func TestMovilSweep(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, columns := t.Context(), keystest.Fixed(t).Columns()
		devices, activations := store.NewMovilDevices(db, columns), store.NewMovilActivations(db, columns)
		w := moviltest.Over(t, clocktest.At(time.Now().UTC()), movilStores(t, db), nil)
		own := w.Owned(t, moviltest.Advanced)
		token, err := w.StartActivation(ctx, moviltest.Pair(moviltest.Second), "en")
		if err != nil {
			t.Fatal(err)
		}
		there := func() (device, activation bool) {
			d, err := devices.Device(ctx, own.Device.ID)
			if err != nil {
				t.Fatal(err)
			}
			a, err := w.Activation(ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			return d.ID != "", a.Key != ""
		}
		sweep := func(at time.Time) {
			if err := devices.Sweep(ctx, at); err != nil {
				t.Fatal(err)
			}
			if err := activations.Sweep(ctx, at); err != nil {
				t.Fatal(err)
			}
		}
		sweep(w.Clock.Now().Add(time.Hour))
		if device, activation := there(); !device || !activation {
			t.Error("got something swept that is in use")
		}
		sweep(own.Device.LapsesAt().Add(-time.Second))
		if device, activation := there(); !device || activation {
			t.Errorf("got device %v and activation %v, want only the device", device, activation)
		}
		sweep(own.Device.LapsesAt())
		if device, _ := there(); device {
			t.Error("got a device that nobody used for years")
		}
	})
}

func TestDevicesAreSealedAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		now := clocktest.Noon()
		ring := keystest.New(t, now.Now)
		devices := store.NewMovilDevices(db, ring.Columns())
		d := movil.Device{ID: "d", Person: "p", Name: "Mine", How: movil.ByCode, ActivatedAt: now.Now(), UsedAt: now.Now()}
		d.Passkey.ID = []byte("sixteen bytes of")
		err := db.Tx(ctx, func(ctx context.Context) error {
			if _, err := devices.Device(ctx, d.ID); err != nil {
				return err
			}
			return devices.KeepDevice(ctx, d)
		})
		if err != nil {
			t.Fatal(err)
		}
		done, err := devices.Reseal(ctx, nil)
		if err != nil || done.Rows != 1 || done.Changed != 0 {
			t.Errorf("got %+v, %v; want one row, and nothing to do", done, err)
		}
	})
}
