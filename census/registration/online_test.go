package registration_test

import (
	"context"
	"errors"
	"testing"

	"clave/census"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/census/registration"
	"clave/census/registration/registrationtest"
	"clave/identity"
	"clave/web/lang"
)

// basis is a citizen who logged in just now.
func basis(w *registrationtest.World, number string, m identity.Method) registration.Basis {
	c, _ := w.Register.Candidate(context.Background(), registrationtest.Document(number))
	if c.PersonID == "" {
		c.PersonID = "certified"
		w.Register.Change(c.Reference.Document, func(c *census.Candidate) { c.PersonID = "certified" })
	}
	return registration.Basis{
		Owner: string(c.PersonID), Person: c.PersonID, Document: c.Reference.Document, By: registrar.By{Method: m, Login: "login"},
	}
}

// begun starts a procedure.
func begun(t testing.TB, w *registrationtest.World, name registration.Name, number string, m identity.Method) registration.Handle {
	t.Helper()
	h, err := w.Start(t.Context(), "", name, basis(w, number, m))
	if err != nil {
		t.Fatalf("starting %s: %v", name, err)
	}
	return h
}

// prove types the last code that was sent.
func prove(t testing.TB, w *registrationtest.World, h registration.Handle) {
	t.Helper()
	if err := w.Prove(t.Context(), h, w.Outbox.Code(t), lang.English); err != nil {
		t.Fatal(err)
	}
}

// ended is a finished procedure.
func ended(t testing.TB, w *registrationtest.World, h registration.Handle) *registration.Running {
	t.Helper()
	r, err := w.Open(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	if r.At() != registration.StepDone || r.Done == nil || r.Done.Receipt == "" {
		t.Fatalf("got step %s and %v, want the end with a receipt", r.At(), r.Done)
	}
	return r
}

func to(w *registrationtest.World) string {
	all := w.Outbox.Messages()
	return all[len(all)-1].To
}

func TestRegisteringWithACertificate(t *testing.T) {
	t.Parallel()
	w := registrationtest.New(t)
	h := begun(t, w, registration.Certificate, registrationtest.Stranger, identity.Certificate)
	if err := w.Give(t, h, registrationtest.Contact("600 000 001")); !errors.Is(err, registration.ErrStep) {
		t.Errorf("before the datum: got %v, want ErrStep", err)
	}
	next, err := w.Match(t.Context(), h, census.Contrast{Kind: identity.SupportNumber, Value: "AAA000111"})
	if err != nil || next == h {
		t.Fatalf("got the handle again or %v", err)
	}
	if _, err := w.Open(t.Context(), next.Token().Of("somebody else")); !errors.Is(err, registration.ErrNone) {
		t.Errorf("another citizen in the same browser: got %v, want ErrNone", err)
	}
	if err := w.Give(t, next, registrationtest.Contact("600 000 001")); err != nil {
		t.Fatal(err)
	}
	prove(t, w, next)
	if done := ended(t, w, next).Done; done.Activation == "" {
		t.Error("no activation code was shown")
	}
	c, _ := w.Register.Candidate(t.Context(), registrationtest.Document(registrationtest.Stranger))
	if c.Registration != identity.Advanced || c.Email.Reveal() != "sam@example.org" {
		t.Errorf("got %v at %s", c, c.Registration)
	}
}

func TestTheDatumBesideACertificate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, number string
		typed        census.Contrast
		want         registration.Cause // empty: right
	}{
		{"the support number of a DNI", registrationtest.Stranger, census.Contrast{Kind: identity.SupportNumber, Value: "AAA000111"}, ""},
		{"the issue date of an old DNI", registrationtest.Stranger, census.Contrast{Kind: identity.IssueDate, Value: "2021-10-01"}, ""},
		{"the validity date is not asked", registrationtest.Stranger, census.Contrast{Kind: identity.ValidityDate, Value: "2031-10-01"}, registration.WrongPair},
		{"the support number of a foreigner's card", registrationtest.Foreigner, census.Contrast{Kind: identity.SupportNumber, Value: "E12345678"}, ""},
		{"a foreigner's issue date", registrationtest.Foreigner, census.Contrast{Kind: identity.IssueDate, Value: "2021-10-01"}, registration.WrongPair},
		{"somebody else's", registrationtest.Stranger, census.Contrast{Kind: identity.SupportNumber, Value: "AAA000112"}, registration.WrongPair},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := registrationtest.New(t)
			h := begun(t, w, registration.Certificate, test.number, identity.Certificate)
			_, err := w.Match(t.Context(), h, test.typed)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("got %v", err)
			case test.want != "":
				if got := cause(t, err); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			}
		})
	}
}

func TestChangingThePhone(t *testing.T) {
	t.Parallel()
	t.Run("a new one is proven", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := begun(t, w, registration.Phone, registrationtest.Member, identity.Certificate)
		if err := w.Give(t, h, registrationtest.Contact("600 000 001")); err != nil {
			t.Fatal(err)
		}
		if to(w) != "+34600000001" {
			t.Errorf("the code went to %s", to(w))
		}
		prove(t, w, h)
		ended(t, w, h)
	})
	t.Run("another citizen's is asked for first", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := begun(t, w, registration.Phone, registrationtest.NoPhone, identity.Certificate)
		if err := w.Give(t, h, registrationtest.Contact("600 000 009")); err != nil {
			t.Fatal(err)
		}
		if len(w.Outbox.Messages()) != 0 || at(t, w, h) != registration.StepClaim {
			t.Fatalf("got %d messages at %s", len(w.Outbox.Messages()), at(t, w, h))
		}
		if err := w.ClaimPhone(t.Context(), h, lang.English); err != nil {
			t.Fatal(err)
		}
		prove(t, w, h)
		if !ended(t, w, h).Done.TookPhone {
			t.Error("nobody was told that the phone was another citizen's")
		}
	})
	t.Run("the same one costs no message", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := begun(t, w, registration.Phone, registrationtest.Member, identity.Certificate)
		if got := cause(t, w.Give(t, h, registrationtest.Contact("600 000 009"))); got != registration.Unchanged {
			t.Errorf("got %s, want unchanged", got)
		}
		if len(w.Outbox.Messages()) != 0 {
			t.Error("a message was sent")
		}
	})
	t.Run("a PIN changes none", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		_, err := w.Start(t.Context(), "", registration.Phone, basis(w, registrationtest.Member, identity.PIN))
		if got := cause(t, err); got != registration.NotEnough {
			t.Errorf("got %s, want not_enough", got)
		}
	})
}

func TestChangingTheAddress(t *testing.T) {
	t.Parallel()
	t.Run("the code goes to the phone of the registration", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := begun(t, w, registration.Email, registrationtest.Member, identity.PIN)
		if err := w.Give(t, h, registrationtest.Contact("600 000 001")); err != nil { // what is typed beside the form's fields does not count
			t.Fatal(err)
		}
		if to(w) != registrationtest.MemberPhone {
			t.Errorf("the code went to %s", to(w))
		}
		prove(t, w, h)
		ended(t, w, h)
		if c, _ := w.Register.Candidate(t.Context(), registrationtest.Document(registrationtest.Member)); c.Phone.Reveal() != registrationtest.MemberPhone || c.Email.Reveal() != "sam@example.org" {
			t.Error("got another phone or address")
		}
	})
	t.Run("who lost the phone needs none", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := begun(t, w, registration.Email, registrationtest.NoPhone, identity.Certificate)
		if err := w.Give(t, h, registrationtest.Contact("600 000 001")); err != nil {
			t.Fatal(err)
		}
		ended(t, w, h)
	})
	t.Run("the phone changes while the code is on its way", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := begun(t, w, registration.Email, registrationtest.Member, identity.PIN)
		if err := w.Give(t, h, registrationtest.Contact("600 000 001")); err != nil {
			t.Fatal(err)
		}
		w.Register.Change(registrationtest.Document(registrationtest.Member), func(c *census.Candidate) { c.Phone = registrationtest.Phone("+34600000002") })
		if got := cause(t, w.Prove(t.Context(), h, w.Outbox.Code(t), lang.English)); got != registration.PhoneMoved {
			t.Errorf("got %s, want phone_moved", got)
		}
	})
}

func TestWhatIsOnlyConfirmed(t *testing.T) {
	t.Parallel()
	confirm := func(t *testing.T, w *registrationtest.World, h registration.Handle) {
		t.Helper()
		if err := w.Confirm(t.Context(), h, receipt.CurrentConditions, lang.English); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("a new activation code", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := begun(t, w, registration.Regenerate, registrationtest.Member, identity.PIN)
		confirm(t, w, h)
		if ended(t, w, h).Done.Activation == "" {
			t.Error("no activation code was shown")
		}
		if err := w.Confirm(t.Context(), h, receipt.CurrentConditions, lang.English); !errors.Is(err, registration.ErrStep) {
			t.Errorf("a second press: got %v, want ErrStep", err)
		}
		if got := len(w.Town.Receipts.All()); got != 1 {
			t.Errorf("got %d receipts, want 1", got)
		}
	})
	t.Run("a higher level", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		w.Register.Change(registrationtest.Document(registrationtest.Member), func(c *census.Candidate) { c.Registration = identity.Basic })
		h := begun(t, w, registration.Raise, registrationtest.Member, identity.Certificate)
		confirm(t, w, h)
		ended(t, w, h)
		_, err := w.Start(t.Context(), h, registration.Raise, basis(w, registrationtest.Member, identity.Certificate))
		if got := cause(t, err); got != registration.AdvancedAlready {
			t.Errorf("again: got %s, want advanced_already", got)
		}
	})
	t.Run("leaving", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := begun(t, w, registration.Withdraw, registrationtest.Member, identity.PIN)
		if err := w.Prove(t.Context(), h, "123456", lang.English); !errors.Is(err, registration.ErrStep) {
			t.Errorf("before it was confirmed: got %v, want ErrStep", err)
		}
		confirm(t, w, h)
		if to(w) != registrationtest.MemberPhone || at(t, w, h) != registration.StepSMS {
			t.Fatalf("the code went to %s, at %s", to(w), at(t, w, h))
		}
		prove(t, w, h)
		ended(t, w, h.Token()) // nobody is logged in any more
		if _, err := w.Start(t.Context(), h, registration.Withdraw, basis(w, registrationtest.Member, identity.Certificate)); cause(t, err) != registration.NotEligible {
			t.Errorf("again: got %v", err)
		}
	})
}

// A letter's procedure has no owner, and one that has cannot be begun by a form.
func TestNobodyUnknownStarts(t *testing.T) {
	t.Parallel()
	w := registrationtest.New(t)
	for name, b := range map[string]registration.Basis{
		"nobody":           {},
		"without an owner": {Person: "person-of-R", Document: registrationtest.Document(registrationtest.Member)},
	} {
		if _, err := w.Start(t.Context(), "", registration.Withdraw, b); err == nil {
			t.Errorf("%s started a procedure", name)
		}
	}
	if _, err := w.Start(t.Context(), "", registration.Letter, basis(w, registrationtest.Member, identity.PIN)); err == nil {
		t.Error("the letter's procedure was started for who is logged in")
	}
	letter := w.Matched(t, registrationtest.Stranger)
	if _, err := w.Open(t.Context(), letter.Of("person-of-R")); !errors.Is(err, registration.ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
	if _, err := w.Open(t.Context(), begun(t, w, registration.Phone, registrationtest.Member, identity.Certificate).Token()); !errors.Is(err, registration.ErrNone) {
		t.Errorf("the browser alone: got %v, want ErrNone", err)
	}
}
