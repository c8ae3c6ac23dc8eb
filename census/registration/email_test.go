package registration_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"clave/audit"
	"clave/census"
	"clave/census/registration"
	"clave/census/registration/registrationtest"
	"clave/identity"
	"clave/notify"
	"clave/web/lang"
)

const memberID = identity.PersonID("person-of-R")

// mailed is a procedure that sent a code to the member's address.
func mailed(t testing.TB, w *registrationtest.World) registration.Handle {
	t.Helper()
	h := begun(t, w, registration.ConfirmEmail, registrationtest.Member, identity.PIN)
	if err := w.Confirm(t.Context(), h, "", lang.English); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestConfirmingTheAddress(t *testing.T) {
	t.Parallel()
	w := registrationtest.New(t)
	h := begun(t, w, registration.ConfirmEmail, registrationtest.Member, identity.PIN)
	if len(w.Outbox.Messages()) != 0 {
		t.Fatal("a mail went out before it was asked for")
	}
	if err := w.Confirm(t.Context(), h, "", lang.English); err != nil {
		t.Fatal(err)
	}
	m := w.Outbox.Messages()[0]
	if m.Kind != notify.Mail || m.To != registrationtest.MemberEmail || m.Code == "" || m.ExpiresAt.Sub(w.Clock.Now()) != registration.MailCodeLife {
		t.Errorf("got %v to %s until %s", m, m.To, m.ExpiresAt)
	}
	for _, personal := range []string{"Sam", "Sample", registrationtest.Member, "99999999", "http", m.Code[:3] + " "} {
		if strings.Contains(m.Body, personal) {
			t.Errorf("%q is in a mail to an address that is not confirmed", personal)
		}
	}
	if !strings.Contains(m.Body, m.Code) || strings.Contains(m.Subject, m.Code) {
		t.Errorf("the code is to be in the body alone: %q", m.Subject)
	}
	if at(t, w, h) != registration.StepMail {
		t.Errorf("got %s", at(t, w, h))
	}
	if err := w.Confirm(t.Context(), h, "", lang.English); err != nil || len(w.Outbox.Messages()) != 1 {
		t.Errorf("a second press sent %d mails, %v", len(w.Outbox.Messages()), err)
	}
	w.Clock.Pass(registration.MailCodeLife - time.Second) // longer than an SMS counts
	prove(t, w, h)
	r, err := w.Open(t.Context(), h)
	if err != nil || r.At() != registration.StepDone || r.Done == nil || r.Done.Receipt != "" {
		t.Fatalf("got %v, %v", r, err)
	}
	if w.Town.Confirmed(memberID).Reveal() != registrationtest.MemberEmail || len(w.Town.Receipts.All()) != 0 {
		t.Error("the address is not confirmed, or a receipt was written")
	}
	if e := w.Trail.Events(audit.KindPossessionAsked); len(e) != 1 || !e[0].Data.(audit.PossessionAsked).Mail || e[0].Login != "login" {
		t.Errorf("got the events %v", e)
	}
	if _, err := w.Start(t.Context(), h, registration.ConfirmEmail, basis(w, registrationtest.Member, identity.PIN)); cause(t, err) != registration.ConfirmedAlready {
		t.Errorf("again: got %v", err)
	}
}

func TestCodesThatConfirmNoAddress(t *testing.T) {
	t.Parallel()
	t.Run("the address changed since", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := mailed(t, w)
		w.Register.Change(registrationtest.Document(registrationtest.Member), func(c *census.Candidate) {
			c.Email, _ = identity.ParseEmail("other@example.org")
		})
		if got := cause(t, w.Prove(t.Context(), h, w.Outbox.Code(t), lang.English)); got != registration.EmailMoved {
			t.Errorf("got %s, want email_moved", got)
		}
		if !w.Town.Confirmed(memberID).IsZero() {
			t.Error("an address was confirmed")
		}
	})
	t.Run("the code of an SMS to the same citizen", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		leaving := begun(t, w, registration.Withdraw, registrationtest.Member, identity.PIN)
		if err := w.Confirm(t.Context(), leaving, registrationtest.Contact("").Conditions, lang.English); err != nil {
			t.Fatal(err)
		}
		sms := w.Outbox.Code(t)
		h := mailed(t, w)
		if sms != w.Outbox.Code(t) {
			if got := cause(t, w.Prove(t.Context(), h, sms, lang.English)); got != registration.WrongCode {
				t.Errorf("got %s, want wrong_code", got)
			}
		}
	})
	t.Run("the code of another citizen's mail", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := mailed(t, w)
		mine := w.Outbox.Code(t)
		w.Register.Change(registrationtest.Document(registrationtest.NoPhone), func(c *census.Candidate) {
			c.Email, _ = identity.ParseEmail("victim@example.org")
		})
		other := begun(t, w, registration.ConfirmEmail, registrationtest.NoPhone, identity.Certificate)
		if err := w.Confirm(t.Context(), other, "", lang.English); err != nil {
			t.Fatal(err)
		}
		if theirs := w.Outbox.Code(t); theirs != mine {
			if got := cause(t, w.Prove(t.Context(), other, mine, lang.English)); got != registration.WrongCode {
				t.Errorf("got %s, want wrong_code", got)
			}
		}
		if _, err := w.Open(t.Context(), h.Token().Of("person-of-H")); !errors.Is(err, registration.ErrNone) {
			t.Errorf("another citizen found the procedure: %v", err)
		}
	})
	t.Run("one of before", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := mailed(t, w)
		first := w.Outbox.Code(t)
		if got := cause(t, w.SendAgain(t.Context(), h, lang.English)); got != registration.TooSoon {
			t.Errorf("at once: got %s, want too_soon", got)
		}
		w.Clock.Pass(registration.SendSpacing)
		if err := w.SendAgain(t.Context(), h, lang.English); err != nil {
			t.Fatal(err)
		}
		if w.Outbox.Code(t) != first {
			if got := cause(t, w.Prove(t.Context(), h, first, lang.English)); got != registration.WrongCode {
				t.Errorf("got %s, want wrong_code", got)
			}
		}
	})
	t.Run("one that is too old", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := mailed(t, w)
		w.Clock.Pass(registration.MailCodeLife)
		if got := cause(t, w.Prove(t.Context(), h, w.Outbox.Code(t), lang.English)); got != registration.CodeExpired {
			t.Errorf("got %s, want code_expired", got)
		}
	})
	t.Run("guesses", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := mailed(t, w)
		code := w.Outbox.Code(t)
		for range 4 {
			if got := cause(t, w.Prove(t.Context(), h, wrongCode(code), lang.English)); got != registration.WrongCode {
				t.Fatalf("got %s, want wrong_code", got)
			}
		}
		for _, typed := range []string{wrongCode(code), code} {
			if got := cause(t, w.Prove(t.Context(), h, typed, lang.English)); got != registration.TriesSpent {
				t.Errorf("got %s, want tries_spent", got)
			}
		}
	})
	t.Run("one for a letter's holder, who is not logged in", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := mailed(t, w)
		if err := w.Prove(t.Context(), h.Token(), w.Outbox.Code(t), lang.English); !errors.Is(err, registration.ErrNone) {
			t.Errorf("got %v, want ErrNone", err)
		}
	})
}

func TestMailsThatAreNotSent(t *testing.T) {
	t.Parallel()
	t.Run("more than a day's", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		for range registration.PhoneLimit {
			mailed(t, w)
			w.Clock.Pass(time.Minute)
		}
		h := begun(t, w, registration.ConfirmEmail, registrationtest.Member, identity.PIN)
		got := cause(t, w.Confirm(t.Context(), h, "", lang.English))
		if got != registration.DocumentFull && got != registration.PhoneFull {
			t.Errorf("got %s", got)
		}
		if n := len(w.Outbox.Messages()); n != registration.PhoneLimit {
			t.Errorf("got %d mails", n)
		}
		leaving := begun(t, w, registration.Withdraw, registrationtest.Member, identity.PIN)
		if err := w.Confirm(t.Context(), leaving, registrationtest.Contact("").Conditions, lang.English); err != nil {
			t.Errorf("mails used up the messages to the phone: %v", err)
		}
	})
	t.Run("above the budget", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		w.Budget.Close()
		h := begun(t, w, registration.ConfirmEmail, registrationtest.Member, identity.PIN)
		if got := cause(t, w.Confirm(t.Context(), h, "", lang.English)); got != registration.NoBudget {
			t.Errorf("got %s, want no_budget", got)
		}
	})
	t.Run("to who has no address", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		_, err := w.Start(t.Context(), "", registration.ConfirmEmail, basis(w, registrationtest.NoPhone, identity.Certificate))
		if got := cause(t, err); got != registration.EmailMoved {
			t.Errorf("got %s, want email_moved", got)
		}
	})
}

// Who reads a code learns what it gives away.
func TestEachCodeNamesItsAct(t *testing.T) {
	t.Parallel()
	conditions := registrationtest.Contact("").Conditions
	for _, test := range []struct {
		name string
		do   func(t *testing.T, w *registrationtest.World)
		want string
	}{
		{"registering with a letter", func(t *testing.T, w *registrationtest.World) {
			if err := w.Give(t, w.Invited(t, registrationtest.Stranger), registrationtest.Contact("600 000 001")); err != nil {
				t.Error(err)
			}
		}, "register this phone"},
		{"changing the phone", func(t *testing.T, w *registrationtest.World) {
			h := begun(t, w, registration.Phone, registrationtest.Member, identity.Certificate)
			if err := w.Give(t, h, registrationtest.Contact("600 000 001")); err != nil {
				t.Error(err)
			}
		}, "make this your new Cl@ve phone"},
		{"changing the address", func(t *testing.T, w *registrationtest.World) {
			h := begun(t, w, registration.Email, registrationtest.Member, identity.PIN)
			if err := w.Give(t, h, registrationtest.Contact("600 000 001")); err != nil {
				t.Error(err)
			}
		}, "change your Cl@ve e-mail"},
		{"leaving", func(t *testing.T, w *registrationtest.World) {
			h := begun(t, w, registration.Withdraw, registrationtest.Member, identity.PIN)
			if err := w.Confirm(t.Context(), h, conditions, lang.English); err != nil {
				t.Error(err)
			}
		}, "withdraw from Cl@ve"},
		{"taking another citizen's phone", func(t *testing.T, w *registrationtest.World) {
			h := begun(t, w, registration.Phone, registrationtest.NoPhone, identity.Certificate)
			if err := errors.Join(w.Give(t, h, registrationtest.Contact("600 000 009")), w.ClaimPhone(t.Context(), h, lang.English)); err != nil {
				t.Error(err)
			}
		}, "move this phone to another Cl@ve user. Not you? Do nothing"},
		{"confirming the address", func(t *testing.T, w *registrationtest.World) { mailed(t, w) }, "confirm this e-mail address"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := registrationtest.New(t)
			test.do(t, w)
			m := w.Outbox.Messages()
			if len(m) != 1 || !strings.Contains(m[0].Body, test.want) {
				t.Errorf("got %d messages, the last %q; want %q in it", len(m), m[len(m)-1].Body, test.want)
			}
		})
	}
}
