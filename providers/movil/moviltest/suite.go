package moviltest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/onetime"
	"clave/providers/movil"
	"clave/providers/movil/passkey"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Suite is what stores of devices, activations and requests must do. It can be run on stores that
// hold something already.
func Suite(t *testing.T, s Stores) {
	tests := []struct {
		name string
		test func(t *testing.T, s Stores)
	}{
		{"a device that nobody activated is the zero one", noDevice},
		{"a device comes back as it was kept, and changes", keptDevice},
		{"a device is found by its passkey, and by no part of it", byPasskey},
		{"a person's devices come the last used first", ordered},
		{"a passkey belongs to one device", onePasskey},
		{"a device that is forgotten is gone", forgotten},
		{"all that a person has is forgotten at once, and nothing of others", forgottenAll},
		{"an activation comes back as it was kept, and changes", keptActivation},
		{"an activation that is dropped is gone", droppedActivation},
		{"a transaction that fails leaves nothing", rolledBack},
		{"a login that asked nothing has the zero request", noRequest},
		{"a request comes back as it was kept, by its id and by its login, and changes", keptRequest},
		{"a later request of a login takes the place of the one before", laterRequest},
		{"what waits for a person is open or claimed, and not too old", waitingRequest},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.test(t, s) })
	}
}

func dawn() time.Time { return time.Date(2026, 11, 21, 6, 0, 0, 123000, time.UTC) }

func someone() identity.PersonID { return identity.PersonID(onetime.NewID()) }

func (s Stores) tx(t *testing.T, fn func(ctx context.Context) error) {
	t.Helper()
	if err := s.Tx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// sample is a device of somebody.
func sample(person identity.PersonID) movil.Device {
	return movil.Device{
		ID: movil.DeviceID(onetime.NewID()), Person: person, Name: "Teléfono de casa",
		Passkey: passkey.Credential{
			ID: []byte(onetime.NewToken()), PublicKey: []byte{1, 2}, User: []byte{3}, AAGUID: make([]byte, 16), SignCount: 7,
			BackupEligible: true, Transports: []string{"internal"},
		},
		Key: []byte{4, 5}, Language: "gl", How: movil.ByCode, ActivatedAt: dawn(), UsedAt: dawn().Add(time.Hour),
	}
}

func (s Stores) keepDevice(t *testing.T, d movil.Device) {
	t.Helper()
	s.tx(t, func(ctx context.Context) error {
		if _, err := s.Devices.Device(ctx, d.ID); err != nil {
			return err
		}
		return s.Devices.KeepDevice(ctx, d)
	})
}

func (s Stores) sameDevice(t *testing.T, id movil.DeviceID, want movil.Device) {
	t.Helper()
	got, err := s.Devices.Device(t.Context(), id)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%v, want less got:\n%s", err, diff)
	}
}

func noDevice(t *testing.T, s Stores) {
	s.sameDevice(t, movil.DeviceID(onetime.NewID()), movil.Device{})
	s.sameDevice(t, "", movil.Device{})
	s.tx(t, func(ctx context.Context) error {
		d, err := s.Devices.DeviceWith(ctx, []byte(onetime.NewToken()))
		all, errOf := s.Devices.DevicesOf(ctx, someone())
		if d.ID != "" || len(all) != 0 {
			t.Errorf("got %v and %v, want nothing", d, all)
		}
		return errors.Join(err, errOf)
	})
}

func keptDevice(t *testing.T, s Stores) {
	d := sample(someone())
	s.keepDevice(t, d)
	s.sameDevice(t, d.ID, d)
	d.Name, d.UsedAt, d.Language, d.Passkey.SignCount, d.Passkey.BackedUp = "Otro", dawn().Add(3*time.Hour), "en", 8, true
	d.Push = &movil.Subscription{Endpoint: "https://push.example/x", P256dh: "p", Auth: "a"}
	s.keepDevice(t, d)
	s.sameDevice(t, d.ID, d)
	d.Push = nil
	s.keepDevice(t, d)
	s.sameDevice(t, d.ID, d)
}

func byPasskey(t *testing.T, s Stores) {
	d := sample(someone())
	s.keepDevice(t, d)
	got, err := s.Devices.DeviceWith(t.Context(), d.Passkey.ID)
	if diff := cmp.Diff(d, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%v, want less got:\n%s", err, diff)
	}
	for _, other := range [][]byte{nil, d.Passkey.ID[1:], append(bytes.Clone(d.Passkey.ID), 0)} {
		if got, err := s.Devices.DeviceWith(t.Context(), other); err != nil || got.ID != "" {
			t.Errorf("got %v, %v; want no device", got.ID, err)
		}
	}
}

func ordered(t *testing.T, s Stores) {
	person := someone()
	old, recent := sample(person), sample(person)
	recent.UsedAt = old.UsedAt.Add(time.Hour)
	s.keepDevice(t, old)
	s.keepDevice(t, recent)
	s.keepDevice(t, sample(someone()))
	s.tx(t, func(ctx context.Context) error {
		got, err := s.Devices.DevicesOf(ctx, person)
		if diff := cmp.Diff([]movil.Device{recent, old}, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("want less got:\n%s", diff)
		}
		if err != nil || len(got) == 0 {
			return err
		}
		got[1].Name = "Renamed" // what is listed is held
		return s.Devices.KeepDevice(ctx, got[1])
	})
	old.Name = "Renamed"
	s.sameDevice(t, old.ID, old)
}

func onePasskey(t *testing.T, s Stores) {
	one, two := sample(someone()), sample(someone())
	two.Passkey.ID = one.Passkey.ID
	s.keepDevice(t, one)
	err := s.Tx(t.Context(), func(ctx context.Context) error {
		if _, err := s.Devices.Device(ctx, two.ID); err != nil {
			return err
		}
		return s.Devices.KeepDevice(ctx, two)
	})
	if err == nil {
		t.Error("got two devices with one passkey")
	}
	s.sameDevice(t, two.ID, movil.Device{})
}

func forgotten(t *testing.T, s Stores) {
	d := sample(someone())
	s.keepDevice(t, d)
	for range 2 {
		s.tx(t, func(ctx context.Context) error { return s.Devices.ForgetDevice(ctx, d.ID) })
		s.sameDevice(t, d.ID, movil.Device{})
	}
	if got, err := s.Devices.DeviceWith(t.Context(), d.Passkey.ID); err != nil || got.ID != "" {
		t.Errorf("got %v, %v; want no device", got.ID, err)
	}
}

func forgottenAll(t *testing.T, s Stores) {
	person, other := someone(), sample(someone())
	one, two, a := sample(person), sample(person), activation()
	a.Person = person
	r := movil.Request{
		ID: movil.RequestID(onetime.NewID()), Login: broker.LoginID(onetime.NewID()), Way: movil.ByQR, State: movil.Approved,
		Person: person, Device: one.ID, OpenedAt: dawn(), ExpiresAt: dawn().Add(time.Minute), DecidedAt: dawn(),
	}
	s.tx(t, func(ctx context.Context) error {
		if _, err := s.Requests.RequestOf(ctx, r.Login); err != nil {
			return err
		}
		return s.Requests.KeepRequest(ctx, r)
	})
	for _, d := range []movil.Device{one, two, other} {
		s.keepDevice(t, d)
	}
	s.keepActivation(t, a)
	for range 2 {
		s.tx(t, func(ctx context.Context) error { return s.Forget(ctx, person) })
		s.sameDevice(t, one.ID, movil.Device{})
		s.sameDevice(t, two.ID, movil.Device{})
		s.sameActivation(t, a.Key, movil.Activation{})
		s.sameDevice(t, other.ID, other)
		if got, err := s.Requests.RequestOf(t.Context(), r.Login); err != nil || got.State != movil.Replaced {
			t.Errorf("got a request that is %s, %v; want it replaced", got.State, err)
		}
	}
}

func activation() movil.Activation {
	phone, _ := identity.ParseE164("+34600000099")
	return movil.Activation{
		Key: onetime.NewID(), Person: someone(), How: movil.ByCode, Document: Document(Advanced), Phone: phone,
		Secret: []byte{1, 2}, Sends: 1, Wrong: 2, SentAt: dawn(), ExpiresAt: dawn().Add(time.Minute),
	}
}

func (s Stores) keepActivation(t *testing.T, a movil.Activation) {
	t.Helper()
	s.tx(t, func(ctx context.Context) error {
		if _, err := s.Activations.Activation(ctx, a.Key); err != nil {
			return err
		}
		return s.Activations.KeepActivation(ctx, a)
	})
}

func (s Stores) sameActivation(t *testing.T, key string, want movil.Activation) {
	t.Helper()
	got, err := s.Activations.Activation(t.Context(), key)
	plain := cmp.Comparer(func(a, b identity.DocumentID) bool { return a == b })
	phone := cmp.Comparer(func(a, b identity.Phone) bool { return a == b })
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), plain, phone); err != nil || diff != "" {
		t.Errorf("%v, want less got:\n%s", err, diff)
	}
}

func keptActivation(t *testing.T, s Stores) {
	a := activation()
	s.sameActivation(t, a.Key, movil.Activation{})
	s.keepActivation(t, a)
	s.sameActivation(t, a.Key, a)
	a.Secret, a.ProvenAt, a.Sends, a.Wrong = nil, dawn().Add(time.Second), 3, 4
	s.keepActivation(t, a)
	s.sameActivation(t, a.Key, a)
	a = activation()
	a.How, a.Phone, a.Secret, a.SentAt, a.ExpiresAt, a.ProvenAt = movil.ByCertificate, identity.Phone{}, nil, time.Time{}, time.Time{}, dawn()
	s.keepActivation(t, a)
	s.sameActivation(t, a.Key, a)
}

func droppedActivation(t *testing.T, s Stores) {
	a := activation()
	s.keepActivation(t, a)
	s.tx(t, func(ctx context.Context) error { return s.Activations.DropActivation(ctx, a.Key) })
	s.sameActivation(t, a.Key, movil.Activation{})
}

func rolledBack(t *testing.T, s Stores) {
	d, a, boom := sample(someone()), activation(), errors.New("boom")
	err := s.Tx(t.Context(), func(ctx context.Context) error {
		if _, err := s.Devices.Device(ctx, d.ID); err != nil {
			return err
		}
		if _, err := s.Activations.Activation(ctx, a.Key); err != nil {
			return err
		}
		if err := errors.Join(s.Devices.KeepDevice(ctx, d), s.Activations.KeepActivation(ctx, a)); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v, want %v", err, boom)
	}
	s.sameDevice(t, d.ID, movil.Device{})
	s.sameActivation(t, a.Key, movil.Activation{})
}
