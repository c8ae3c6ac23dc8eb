package movil_test

import (
	"context"
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/internal/tally"
	"clave/providers/movil"
	mt "clave/providers/movil/moviltest"
)

func asDenied(err error, into **movil.Denied) bool { return errors.As(err, into) }

func TestTheAppIsOpenedByTheDeviceKey(t *testing.T) {
	t.Parallel()
	w, _ := mt.New(t)
	owned := w.Owned(t, mt.Advanced)
	challenge := w.OpenChallenge()
	d, err := w.OpenApp(t.Context(), owned.Device.ID, challenge, owned.Sign([]byte(challenge)))
	must(t, err)
	if d.ID != owned.Device.ID || d.Person != w.Person(mt.Advanced) {
		t.Errorf("got %+v", d)
	}
	w.Pass(3 * time.Hour)
	challenge = w.OpenChallenge()
	d, err = w.OpenApp(t.Context(), owned.Device.ID, challenge, owned.Sign([]byte(challenge)))
	must(t, err)
	if want := w.Clock.Now().Truncate(time.Hour); !d.UsedAt.Equal(want) {
		t.Errorf("got it used at %v, want %v, to the hour", d.UsedAt, want)
	}
}

func TestWhatDoesNotOpenTheApp(t *testing.T) {
	t.Parallel()
	w, _ := mt.New(t)
	own, theirs := w.Owned(t, mt.Advanced), w.Owned(t, mt.Second)
	fresh := w.OpenChallenge()
	forged, err := base64.RawURLEncoding.DecodeString(fresh)
	must(t, err)
	forged[0]++
	later := base64.RawURLEncoding.EncodeToString(forged)
	raw, err := base64.RawURLEncoding.DecodeString(fresh)
	must(t, err)
	tests := []struct {
		name      string
		device    movil.DeviceID
		challenge string
		signature []byte
		want      movil.Cause
	}{
		{"another person's key", own.Device.ID, fresh, theirs.Sign([]byte(fresh)), movil.NoProof},
		{"another challenge signed", own.Device.ID, fresh, own.Sign([]byte(w.OpenChallenge() + "x")), movil.NoProof},
		{"the bytes signed instead of the characters", own.Device.ID, fresh, own.Sign(raw), movil.NoProof},
		{"a challenge that is not ours", own.Device.ID, "AAAA", own.Sign([]byte("AAAA")), movil.NoProof},
		{"one of our form from another time", own.Device.ID, later, own.Sign([]byte(later)), movil.NoProof},
		{"no challenge", own.Device.ID, "", own.Sign(nil), movil.NoProof},
		{"a challenge with something after it", own.Device.ID, fresh + "\n", own.Sign([]byte(fresh + "\n")), movil.NoProof},
		{"no signature", own.Device.ID, fresh, nil, movil.NoProof},
		{"a signature of zeroes", own.Device.ID, fresh, make([]byte, 64), movil.NoProof},
		{"no such device", "nothing", fresh, own.Sign([]byte(fresh)), movil.NoDevice},
		{"no device", "", fresh, own.Sign([]byte(fresh)), movil.NoDevice},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.OpenApp(t.Context(), test.device, test.challenge, test.signature)
			denied(t, err, test.want)
		})
	}
	t.Run("what was signed a minute ago", func(t *testing.T) {
		w.Pass(time.Minute)
		_, err := w.OpenApp(t.Context(), own.Device.ID, fresh, own.Sign([]byte(fresh)))
		denied(t, err, movil.NoProof)
	})
}

func TestAnOpenAppClosesWithTheRegistration(t *testing.T) {
	t.Parallel()
	for state, reason := range map[identity.State]broker.Reason{
		identity.PhoneRevoked: broker.LostPhone, identity.Withdrawn: broker.HasWithdrawn, identity.Revoked: broker.IsRevoked,
		identity.Deceased: broker.IsRevoked, identity.Unregistered: broker.NotRegistered,
	} {
		w, _ := mt.New(t)
		owned := w.Owned(t, mt.Advanced)
		_, err := w.DeviceOf(t.Context(), owned.Device.ID)
		must(t, err)
		w.Citizens.Change(mt.Advanced, func(c *census.Candidate) { c.State = state })
		_, err = w.DeviceOf(t.Context(), owned.Device.ID)
		if got := denied(t, err, movil.Refused); got.Reason != reason {
			t.Errorf("%s: got %s, want %s", state, got.Reason, reason)
		}
		challenge := w.OpenChallenge()
		_, err = w.OpenApp(t.Context(), owned.Device.ID, challenge, owned.Sign([]byte(challenge)))
		denied(t, err, movil.Refused)
		// Nobody else is told how its person stands.
		_, err = w.OpenApp(t.Context(), owned.Device.ID, challenge, mt.Phone().Sign([]byte(challenge)))
		denied(t, err, movil.NoProof)
	}
}

func TestAForgottenDeviceOpensNothing(t *testing.T) {
	t.Parallel()
	w, m := mt.New(t)
	forgotten, lapsed := w.Owned(t, mt.Advanced), w.Owned(t, mt.Second)
	must(t, m.Tx(t.Context(), func(ctx context.Context) error { return m.ForgetDevices(ctx, forgotten.Device.Person) }))
	_, err := w.DeviceOf(t.Context(), forgotten.Device.ID)
	denied(t, err, movil.NoDevice)
	w.Pass(2*365*tally.Day + time.Hour)
	_, err = w.DeviceOf(t.Context(), lapsed.Device.ID)
	denied(t, err, movil.NoDevice)
}

func TestADeviceIsItsPersonsAlone(t *testing.T) {
	t.Parallel()
	w, _ := mt.New(t)
	own, stranger := w.Owned(t, mt.Advanced), w.Person(mt.Second)
	denied(t, w.Rename(t.Context(), stranger, own.Device.ID, "Stolen"), movil.NoDevice)
	denied(t, w.Forget(t.Context(), stranger, own.Device.ID), movil.NoDevice)
	theirs := own.Device
	theirs.Person = stranger
	denied(t, w.Subscribe(t.Context(), theirs, nil), movil.NoDevice)

	denied(t, w.Rename(t.Context(), own.Device.Person, own.Device.ID, "\x00"), movil.BadName)
	must(t, w.Rename(t.Context(), own.Device.Person, own.Device.ID, " El  móvil "))
	d, err := w.DeviceOf(t.Context(), own.Device.ID)
	must(t, err)
	if d.Name != "El móvil" {
		t.Errorf("got %q, want its new name", d.Name)
	}
	must(t, w.Forget(t.Context(), own.Device.Person, own.Device.ID))
	denied(t, w.Forget(t.Context(), own.Device.Person, own.Device.ID), movil.NoDevice)
	if events := w.Trail.Events(audit.KindDeviceRemoved); len(events) != 1 {
		t.Errorf("got %d events, want one", len(events))
	}
	sent := w.Outbox.Messages()
	if last := sent[len(sent)-1]; last.Purpose != "movil_removed" {
		t.Errorf("got %s last, want a notice", last.Purpose)
	}
}
