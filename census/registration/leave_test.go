package registration_test

import (
	"errors"
	"testing"

	"clave/census"
	"clave/census/receipt"
	"clave/census/registration"
	"clave/census/registration/registrationtest"
	"clave/identity"
	"clave/web/lang"
)

// leaving is a procedure of who wants to leave with a letter and typed the right pair.
func leaving(t testing.TB, w *registrationtest.World, number string) (registration.Handle, error) {
	t.Helper()
	h, err := w.BeginLeaving(t.Context(), "", registrationtest.Document(number))
	if err != nil {
		t.Fatal(err)
	}
	return w.Match(t.Context(), h, w.Register.Contrast(number))
}

func TestLeavingWithALetter(t *testing.T) {
	t.Parallel()
	w := registrationtest.New(t)
	h, err := leaving(t, w, registrationtest.NoPhone)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.RequestLetter(t.Context(), h, "es"); err != nil {
		t.Fatal(err)
	}
	if err := w.Confirm(t.Context(), h, receipt.CurrentConditions, lang.English); !errors.Is(err, registration.ErrStep) {
		t.Errorf("before the letter came: got %v, want ErrStep", err)
	}
	h = w.WithLetter(t, h, registrationtest.NoPhone)
	if at(t, w, h) != registration.StepConfirm {
		t.Fatalf("got %s", at(t, w, h))
	}
	if err := w.Give(t, h, registrationtest.Contact("600 000 001")); !errors.Is(err, registration.ErrStep) {
		t.Errorf("a contact for who leaves: got %v, want ErrStep", err)
	}
	if err := w.Confirm(t.Context(), h, receipt.CurrentConditions, lang.English); err != nil {
		t.Fatal(err)
	}
	if done := ended(t, w, h).Done; done.Activation != "" {
		t.Error("an activation code was shown")
	}
	c, _ := w.Register.Candidate(t.Context(), registrationtest.Document(registrationtest.NoPhone))
	if c.State != identity.Withdrawn || len(w.Outbox.Messages()) != 0 {
		t.Errorf("got %s and %d codes", c.State, len(w.Outbox.Messages()))
	}
	if err := w.Confirm(t.Context(), h, receipt.CurrentConditions, lang.English); !errors.Is(err, registration.ErrStep) {
		t.Errorf("a second press: got %v, want ErrStep", err)
	}
	// The same letter registers nobody.
	again := w.Matched(t, registrationtest.NoPhone)
	if err := w.HaveLetter(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if _, err := w.TryInvitation(t.Context(), again, w.Town.Letter(registrationtest.NoPhone)); cause(t, err) != registration.OldInvitation {
		t.Errorf("the letter again: got %v", err)
	}
}

func TestWhoDoesNotLeaveWithALetter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, number string
		level        identity.Registration
		want         registration.Cause
		state        identity.State
	}{
		{"who can log in", registrationtest.Member, identity.Basic, registration.NotEligible, identity.Registered},
		{"who never registered", registrationtest.Stranger, identity.NoRegistration, registration.NotEligible, identity.Unregistered},
		{"who left", registrationtest.Gone, identity.NoRegistration, registration.NotEligible, identity.Withdrawn},
		{"who was revoked", registrationtest.Expelled, identity.Basic, registration.NotEligible, identity.Revoked},
		{"who registered with more than a letter", registrationtest.NoPhone, identity.Advanced, registration.NotEnough, identity.PhoneRevoked},
		{"the dead", registrationtest.Dead, identity.Basic, registration.WrongPair, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := registrationtest.New(t)
			w.Register.Change(registrationtest.Document(test.number), func(c *census.Candidate) { c.Registration = test.level })
			_, err := leaving(t, w, test.number)
			var denied *registration.Denied
			if !errors.As(err, &denied) || denied.Cause != test.want || denied.State != test.state {
				t.Errorf("got %v, want %s %s", err, test.want, test.state)
			}
		})
	}
}

// A letter that registers and a letter that ends a registration are the same paper:
// what it does is chosen by the procedure in which its code is typed.
func TestALetterOvertaken(t *testing.T) {
	t.Parallel()
	w := registrationtest.New(t)
	h, err := leaving(t, w, registrationtest.NoPhone)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.RequestLetter(t.Context(), h, "es"); err != nil {
		t.Fatal(err)
	}
	h = w.WithLetter(t, h, registrationtest.NoPhone)
	// They get a phone at an office meanwhile.
	w.Register.Change(registrationtest.Document(registrationtest.NoPhone), func(c *census.Candidate) {
		c.State, c.Registration, c.Phone = identity.Registered, identity.Advanced, registrationtest.Phone("+34600000003")
	})
	if got := cause(t, w.Confirm(t.Context(), h, receipt.CurrentConditions, lang.English)); got != registration.NotEligible {
		t.Errorf("got %s, want not_eligible", got)
	}
	c, _ := w.Register.Candidate(t.Context(), registrationtest.Document(registrationtest.NoPhone))
	if c.State != identity.Registered {
		t.Errorf("got %s, want registered", c.State)
	}
}
