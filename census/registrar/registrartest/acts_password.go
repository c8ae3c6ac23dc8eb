package registrartest

import (
	"context"
	"testing"

	"clave/identity"
)

// passwords rest on the registration in which they were set: neither who lost the phone
// and comes back, nor who came in between, has that of before.
func passwords(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 2), Phones(t, 2)
	first := w.Register(t, c[0], phones[0], Desk())
	w.Probe.SetPassword(t, first.Person)
	if _, err := w.ChangeEmail(ctx, first.Person, Email(t, "other@example.org"), identity.Phone{}, Desk()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Regenerate(ctx, first.Person, Desk()); err != nil {
		t.Fatal(err)
	}
	if !w.Probe.HasPassword(t, first.Person) {
		t.Error("a change of data or a new activation code ended the password")
	}
	if !w.Register(t, c[1], phones[0], Desk()).TookPhone || !w.Probe.HasPassword(t, first.Person) {
		t.Error("losing the phone ended the password")
	}
	w.Register(t, c[0], phones[1], Letter())
	if w.Probe.HasPassword(t, first.Person) {
		t.Error("registering again with a letter kept the password of before")
	}
}
