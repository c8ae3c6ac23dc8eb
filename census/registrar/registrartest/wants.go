package registrartest

import (
	"context"
	"testing"

	"clave/audit"
	"clave/census/registrar"
	"clave/identity"
	"clave/internal/onetime"

	"github.com/google/go-cmp/cmp"
)

// again registers and gives only the error.
func again(w *World, c Citizen, phone identity.Phone, by registrar.By) error {
	_, err := w.Registrar.Register(context.Background(), registrar.Application{Document: c.Document, Phone: phone, Email: c.Email}, by)
	return err
}

// goodActivation tells whether a code, as it was shown, is the person's.
func (w *World) goodActivation(t testing.TB, person identity.PersonID, shown string) bool {
	t.Helper()
	code, ok := onetime.ReadPrinted(shown, onetime.ActivationLength)
	if !ok {
		t.Errorf("an activation code of %d characters cannot be read", len(shown))
	}
	return w.Parts.Codes.Equal(w.Probe.Activation(t, person), registrar.ActivationParts(person, code)...)
}

func wantsNotices(t testing.TB, w *World, to string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, w.Purposes(to)); diff != "" {
		t.Errorf("other notices than wanted: %s", diff)
	}
}

// wantsEvents compares the last events about a registration.
func wantsEvents(t testing.TB, w *World, person identity.PersonID, actor audit.Actor, want ...audit.Data) {
	t.Helper()
	events := w.Events(person, audit.KindRegistrationChanged)
	events = events[max(0, len(events)-len(want)):]
	var got []audit.Data
	for _, e := range events {
		got = append(got, e.Data)
		if e.Actor != actor {
			t.Errorf("got %s by %s, want %s", e.Data.Kind(), e.Actor, actor)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("other events than wanted: %s", diff)
	}
}

// wantsPast compares what the history says, in order and number.
func wantsPast(t testing.TB, w *World, person identity.PersonID, want ...registrar.Change) {
	t.Helper()
	var got []registrar.Change
	for i, r := range w.Past(t, person) {
		got = append(got, r.Change)
		if r.Number != int64(i)+1 || r.At.IsZero() || r.Actor == "" {
			t.Errorf("line %d has number %d, time %s, actor %q", i+1, r.Number, r.At, r.Actor)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("another history than wanted: %s", diff)
	}
}
