package registrartest

import (
	"context"
	"testing"

	"clave/identity"
)

// devices rest on the registration and on the phone with which they were activated:
// who loses the phone to somebody else loses them, and who comes back has none of
// before. A change of phone by the citizen keeps them.
func devices(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 2), Phones(t, 3)
	first := w.Register(t, c[0], phones[0], Desk())
	w.Probe.AddDevice(t, first.Person)
	if _, err := w.ChangeEmail(ctx, first.Person, Email(t, "other@example.org"), identity.Phone{}, Desk()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Regenerate(ctx, first.Person, Desk()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ChangePhone(ctx, first.Person, phones[1], Desk()); err != nil {
		t.Fatal(err)
	}
	if !w.Probe.HasDevice(t, first.Person) {
		t.Error("a change of data or of phone, or a new activation code, ended the device")
	}
	second := w.Register(t, c[1], phones[1], Desk())
	if !second.TookPhone || w.Probe.HasDevice(t, first.Person) {
		t.Error("losing the phone kept the device")
	}
	w.Probe.AddDevice(t, first.Person) // that somebody activated all the same
	w.Register(t, c[0], phones[2], Letter())
	if w.Probe.HasDevice(t, first.Person) {
		t.Error("registering again with a letter kept the device of before")
	}
}
