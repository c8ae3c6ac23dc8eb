package movil_test

import (
	"errors"
	"testing"

	mt "clave/providers/movil/moviltest"
	"clave/sandbox/phone"
)

func TestACopiedPasskeyLetsItsOtherDevicesBeActivated(t *testing.T) {
	t.Parallel()
	for _, synced := range []bool{true, false} {
		w, _ := mt.New(t)
		p := mt.Phone()
		p.Synced = synced
		first := w.Give(t, mt.Advanced, p)
		handle := string(p.User)
		options, _, err := w.Creation(t.Context(), w.Proven(t, mt.Advanced))
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Create(options)
		if got := !errors.Is(err, phone.ErrExcluded); got != synced {
			t.Errorf("synced %v: making another passkey gave %v", synced, err)
		}
		if synced && string(p.User) == handle {
			t.Error("the second passkey would take the place of the first")
		}
		if _, err := w.DeviceOf(t.Context(), first.Device.ID); err != nil {
			t.Error(err)
		}
	}
}
