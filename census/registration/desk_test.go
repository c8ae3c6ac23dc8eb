package registration_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"clave/census/registrar"
	"clave/census/registration"
	"clave/census/registration/registrationtest"
	"clave/identity"
	"clave/web/lang"

	"github.com/google/go-cmp/cmp"
)

// atDesk is a citizen before an officer.
func atDesk(w *registrationtest.World, number string) registration.Basis {
	b := basis(w, number, "")
	b.Owner, b.By = "session of an officer", registrar.By{Channel: identity.ByOffice, Officer: "officer", Office: "P28001"}
	return b
}

func served(t testing.TB, w *registrationtest.World, name registration.Name, number string) registration.Handle {
	t.Helper()
	h, err := w.Start(t.Context(), "", name, atDesk(w, number))
	if err != nil {
		t.Fatalf("starting %s: %v", name, err)
	}
	return h
}

// good is a check-list of an adult with a DNI; the sample citizens have no birth date.
func good() registration.CheckList {
	return registration.CheckList{Document: "dni", Original: true, InForce: true, Alike: true, Present: true, OfAge: true}
}

func attest(t testing.TB, w *registrationtest.World, h registration.Handle) {
	t.Helper()
	if mistakes, err := w.Attest(t.Context(), h, good(), lang.Basque); err != nil || len(mistakes) > 0 {
		t.Fatalf("got %v, %v", mistakes, err)
	}
}

func TestRegisteringAtADesk(t *testing.T) {
	t.Parallel()
	w := registrationtest.New(t)
	h := served(t, w, registration.DeskRegister, registrationtest.Stranger)
	if err := w.Give(t, h, registrationtest.Contact("600 000 001")); !errors.Is(err, registration.ErrStep) {
		t.Errorf("before the check-list: got %v, want ErrStep", err)
	}
	attest(t, w, h)
	if err := w.Give(t, h, registrationtest.Contact("600 000 001")); err != nil {
		t.Fatal(err)
	}
	if len(w.Outbox.Messages()) != 0 || at(t, w, h) != registration.StepConfirm {
		t.Errorf("%d messages went out before the citizen signed", len(w.Outbox.Messages()))
	}
	if err := w.Confirm(t.Context(), h, "2026-11", lang.Basque); err != nil {
		t.Fatal(err)
	}
	if to(w) != "+34600000001" || w.Outbox.Messages()[0].Language != "eu" {
		t.Errorf("the code went to %s in %s", to(w), w.Outbox.Messages()[0].Language)
	}
	prove(t, w, h)
	if ended(t, w, h).Done.Activation == "" {
		t.Error("no activation code for the receipt")
	}
	c, _ := w.Register.Candidate(t.Context(), registrationtest.Document(registrationtest.Stranger))
	if c.Registration != identity.Advanced || c.Channel != identity.ByOffice {
		t.Errorf("got %v at %s by %s", c, c.Registration, c.Channel)
	}
}

func TestAPhoneThatIsTakenAtADesk(t *testing.T) {
	t.Parallel()
	w := registrationtest.New(t)
	h := served(t, w, registration.DeskRegister, registrationtest.Stranger)
	attest(t, w, h)
	if err := w.Give(t, h, registrationtest.Contact(registrationtest.MemberPhone[len("+34"):])); err != nil {
		t.Fatal(err)
	}
	if err := w.Confirm(t.Context(), h, "2026-11", lang.Spanish); !errors.Is(err, registration.ErrStep) || at(t, w, h) != registration.StepClaim {
		t.Errorf("got %v at %s: the claim was left out", err, at(t, w, h))
	}
	if err := w.ClaimPhone(t.Context(), h, lang.Spanish); err != nil || len(w.Outbox.Messages()) != 0 {
		t.Fatalf("got %v and %d messages before the citizen signed", err, len(w.Outbox.Messages()))
	}
	if err := w.Confirm(t.Context(), h, "2026-11", lang.Spanish); err != nil {
		t.Fatal(err)
	}
	prove(t, w, h)
	if !ended(t, w, h).Done.TookPhone {
		t.Error("the phone was not taken over")
	}
}

func TestWhatADeskDoesWithoutACode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  registration.Name
		after identity.State
	}{
		{registration.DeskEmail, identity.Registered}, {registration.DeskRegenerate, identity.Registered}, {registration.DeskWithdraw, identity.Withdrawn},
	} {
		t.Run(string(test.name), func(t *testing.T) {
			t.Parallel()
			w := registrationtest.New(t)
			h := served(t, w, test.name, registrationtest.Member)
			attest(t, w, h)
			if test.name == registration.DeskEmail {
				if err := w.Give(t, h, registrationtest.Contact("")); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Confirm(t.Context(), h, "2026-11", lang.Spanish); err != nil {
				t.Fatal(err)
			}
			ended(t, w, h)
			if c, _ := w.Register.Candidate(t.Context(), registrationtest.Document(registrationtest.Member)); c.State != test.after {
				t.Errorf("got %s, want %s", c.State, test.after)
			}
			if len(w.Outbox.Messages()) != 0 {
				t.Error("a code went out that nobody needs at a desk")
			}
		})
	}
}

func TestWhoseDeskItIs(t *testing.T) {
	t.Parallel()
	w := registrationtest.New(t)
	h := served(t, w, registration.DeskPhone, registrationtest.Member)
	if _, err := w.Open(context.Background(), h.Token().Of("session of another officer")); !errors.Is(err, registration.ErrNone) {
		t.Errorf("another session: got %v, want ErrNone", err)
	}
	if _, err := w.Start(t.Context(), "", registration.DeskPhone, basis(w, registrationtest.Member, identity.Certificate)); err == nil {
		t.Error("a citizen began a procedure of the desk")
	}
	if _, err := w.Start(t.Context(), "", registration.Phone, atDesk(w, registrationtest.Member)); err == nil {
		t.Error("an officer began a procedure without check-list")
	}
	own := atDesk(w, registrationtest.Member)
	own.By.Officer = own.Person
	if _, err := w.Start(t.Context(), "", registration.DeskPhone, own); cause(t, err) != registration.OwnRecord {
		t.Errorf("an officer serves themselves: got %v", err)
	}
}

func TestTheCheckList(t *testing.T) {
	t.Parallel()
	today := identity.DateOf(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	person := func(number string, birth identity.Date) identity.Person {
		return identity.Person{Document: registrationtest.Document(number), BirthDate: birth}
	}
	spaniard := person(registrationtest.Stranger, identity.Date{Year: 1980, Month: 1, Day: 1})
	child := person(registrationtest.Stranger, identity.Date{Year: 2013, Month: 1, Day: 1})
	eve, birthday := child, child
	eve.BirthDate, birthday.BirthDate = identity.Date{Year: 2008, Month: 11, Day: 23}, identity.Date{Year: 2008, Month: 11, Day: 22}
	unknown := person(registrationtest.Stranger, identity.Date{})
	foreigner := person(registrationtest.Foreigner, spaniard.BirthDate)
	guarded := func(c *registration.CheckList) { c.Guardian, c.Proof = registrationtest.Member, "family_book" }
	for _, test := range []struct {
		name   string
		who    identity.Person
		change func(*registration.CheckList)
		want   []registration.Mistake
	}{
		{"an adult with everything", spaniard, func(*registration.CheckList) {}, nil},
		{"nothing was ticked", spaniard, func(c *registration.CheckList) { *c = registration.CheckList{} }, []registration.Mistake{
			{Field: "seen_document", What: "empty"}, {Field: "present", What: "empty"}, {Field: "original", What: "empty"},
			{Field: "in_force", What: "empty"}, {Field: "alike", What: "empty"},
		}},
		{"the citizen is not there", spaniard, func(c *registration.CheckList) { c.Present = false }, []registration.Mistake{{Field: "present", What: "empty"}}},
		{"a Spaniard with a foreigner's card", spaniard, func(c *registration.CheckList) { c.Document = "foreigner_card" }, []registration.Mistake{{Field: "seen_document", What: "differs"}}},
		{"a foreigner with a DNI", foreigner, func(*registration.CheckList) {}, []registration.Mistake{{Field: "seen_document", What: "differs"}}},
		{"a foreigner with a certificate", foreigner, func(c *registration.CheckList) { c.Document = "eu_certificate" }, nil},
		{"a minor alone", child, func(*registration.CheckList) {}, []registration.Mistake{{Field: "guardian", What: "empty"}, {Field: "proof", What: "empty"}}},
		{"a minor who says to be of age", eve, func(*registration.CheckList) {}, []registration.Mistake{{Field: "guardian", What: "empty"}, {Field: "proof", What: "empty"}}},
		{"on the day of coming of age", birthday, func(*registration.CheckList) {}, nil},
		{"a minor with a guardian", child, guarded, nil},
		{"a guardian without proof", child, func(c *registration.CheckList) { guarded(c); c.Proof = "" }, []registration.Mistake{{Field: "proof", What: "empty"}}},
		{"a proof that does not exist", child, func(c *registration.CheckList) { guarded(c); c.Proof = "letter" }, []registration.Mistake{{Field: "proof", What: "empty"}}},
		{"a minor who is the own guardian", child, func(c *registration.CheckList) { guarded(c); c.Guardian = registrationtest.Stranger }, []registration.Mistake{{Field: "guardian", What: "same"}}},
		{"a guardian's number that is none", child, func(c *registration.CheckList) { guarded(c); c.Guardian = "1" }, []registration.Mistake{{Field: "guardian", What: "malformed"}}},
		{"nobody knows the age", unknown, func(c *registration.CheckList) { c.OfAge = false }, []registration.Mistake{{Field: "of_age", What: "empty"}}},
		{"nobody knows the age, and a guardian came", unknown, func(c *registration.CheckList) { c.OfAge = false; guarded(c) }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list := good()
			test.change(&list)
			seen, got := list.Read(test.who, today)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want less got:\n%s", diff)
			}
			if (len(got) == 0) == (seen == registrar.Seen{}) {
				t.Errorf("got %v with %d mistakes", seen, len(got))
			}
			if test.who.BirthDate == spaniard.BirthDate && !seen.Guardian.IsZero() {
				t.Error("an adult has a guardian")
			}
		})
	}
}

func TestAnotherCheckListCounts(t *testing.T) {
	t.Parallel()
	w := registrationtest.New(t)
	h := served(t, w, registration.DeskPhone, registrationtest.Member)
	attest(t, w, h)
	again := good()
	again.OfAge, again.Guardian, again.Proof = false, registrationtest.Stranger, "court_order"
	if mistakes, err := w.Attest(t.Context(), h, again, lang.Spanish); err != nil || len(mistakes) > 0 {
		t.Fatalf("got %v, %v", mistakes, err)
	}
	r, err := w.Open(t.Context(), h)
	if err != nil || r.By.Seen.Proof != registrar.CourtOrder || r.By.Seen.Guardian.Reveal() != registrationtest.Stranger || r.Language() != lang.Spanish {
		t.Errorf("got %v, %v", r.By.Seen, err)
	}
	if !slices.Contains(r.Holds, registration.Attested) {
		t.Error("the list does not hold")
	}
}
