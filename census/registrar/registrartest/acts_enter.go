package registrartest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"clave/audit"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/identity"
	"clave/internal/onetime"
)

func registersByLetter(t *testing.T, w *World) {
	c, phone := w.Citizens(t, 1)[0], Phones(t, 1)[0]
	w.Probe.Invite(t, c.Document)
	done := w.Register(t, c, phone, Letter())
	got := w.Candidate(t, c)
	if got.State != identity.Registered || got.Registration != identity.Basic || got.Channel != identity.ByLetter ||
		got.Phone != phone || got.Email != c.Email || got.PersonID != done.Person || got.Language != "es" {
		t.Errorf("got %v %s %s %s", got, got.Registration, got.Channel, got.Language)
	}
	if w.Probe.Invited(t, c.Document) {
		t.Error("the invitation is still good")
	}
	if _, ok := onetime.ReadPrinted(done.Activation, onetime.ActivationLength); !ok || strings.Count(done.Activation, "-") != 2 || done.TookPhone {
		t.Errorf("got an activation code of %d characters, took phone %t", len(done.Activation), done.TookPhone)
	}
	r := done.Receipt
	if given := w.Given(t, done.Person); len(given) != 1 || given[0].ID != r.ID {
		t.Errorf("got %d receipts, want the one that was returned", len(given))
	}
	if r.Fact != receipt.Registered || r.Level != identity.Basic || r.Channel != identity.ByLetter || r.Phone != phone || r.Email != c.Email ||
		r.Identity != c.Reference.Person || r.Language != "es" || r.Conditions != "2026-11" || r.Office != "" || r.Officer != "" {
		t.Errorf("got %v, which says something else", r)
	}
	wantsNotices(t, w, phone.Reveal(), "registered")
	wantsNotices(t, w, c.Email.Reveal(), "registered")
	wantsEvents(t, w, done.Person, audit.Citizen, audit.RegistrationChanged{
		Change: "registered", State: identity.Registered, Channel: identity.ByLetter, Level: identity.Basic, Receipt: r.ID,
	})
	wantsPast(t, w, done.Person, registrar.Registered)
	if err := again(w, c, phone, Certificate()); !errors.Is(err, registrar.ErrState) || !errors.As(err, new(registrar.StateError)) {
		t.Errorf("got %v, want that the registered change what they have", err)
	}
}

func registersStrongly(t *testing.T, w *World) {
	people, phones := w.Citizens(t, 2), Phones(t, 2)
	w.Register(t, people[0], phones[0], Certificate())
	desk := w.Register(t, people[1], phones[1], Desk())
	for i, channel := range []identity.Channel{identity.ByCertificate, identity.ByOffice} {
		got := w.Candidate(t, people[i])
		if got.State != identity.Registered || got.Registration != identity.Advanced || got.Channel != channel {
			t.Errorf("got %v %s %s", got, got.Registration, got.Channel)
		}
	}
	if desk.Receipt.Office != "28-001" || desk.Receipt.Officer != "OFFICER1" || desk.Receipt.Language != "eu" {
		t.Errorf("the receipt of the office says %q, %q, %q", desk.Receipt.Office, desk.Receipt.Officer, desk.Receipt.Language)
	}
	wantsEvents(t, w, desk.Person, audit.Officer("OFFICER1"), audit.RegistrationChanged{
		Change: "registered", State: identity.Registered, Channel: identity.ByOffice, Level: identity.Advanced,
		Office: "28-001", Reason: "expediente 7", Receipt: desk.Receipt.ID,
	})
}

func registersNobodyUnknown(t *testing.T, w *World) {
	phone := Phones(t, 1)[0]
	stranger := Citizen{Document: Document(t, people.Add(1))}
	for _, by := range []registrar.By{Letter(), Certificate(), Desk()} {
		if err := again(w, stranger, phone, by); !errors.Is(err, registrar.ErrNotKnown) {
			t.Errorf("%s: got %v, want ErrNotKnown", by.Channel, err)
		}
	}
	dead := w.Citizens(t, 1)[0]
	dead.Reference.DeceasedOn = identity.Date{Year: 2026, Month: 11, Day: 1}
	w.Probe.Know(t, dead.Reference)
	if err := again(w, dead, phone, Certificate()); !errors.Is(err, registrar.ErrDeceased) {
		t.Errorf("got %v, want ErrDeceased", err)
	}
	living := w.Citizens(t, 1)[0]
	if err := again(w, living, identity.Phone{}, Certificate()); !errors.Is(err, registrar.ErrUnchanged) {
		t.Errorf("without a phone: got %v, want ErrUnchanged", err)
	}
	if w.Sent() != 0 {
		t.Errorf("%d messages were sent", w.Sent())
	}
}

func refusesWeakEvidence(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 2), Phones(t, 2)
	person := w.Register(t, c[0], phones[0], Letter()).Person
	sent := w.Sent()
	w.Probe.Lock(t, person)
	// What a proof that is none would have to do, and what logins rest on the phone for.
	for name, by := range Weak() {
		_, raise := w.Raise(ctx, person, by)
		_, phone := w.ChangePhone(ctx, person, phones[1], by)
		_, email := w.ChangeEmail(ctx, person, c[1].Email, phones[0], by)
		_, regenerate := w.Regenerate(ctx, person, by)
		_, withdraw := w.Withdraw(ctx, person, phones[0], by)
		_, revoke := w.Revoke(ctx, person, by)
		_, lift := w.Lift(ctx, person, by)
		for act, err := range map[string]error{
			"register": again(w, c[1], phones[1], by), "raise": raise, "phone": phone, "email": email, "regenerate": regenerate,
			"withdraw": withdraw, "revoke": revoke, "lift": lift,
		} {
			if !errors.Is(err, registrar.ErrEvidence) {
				t.Errorf("%s, %s: got %v, want ErrEvidence", name, act, err)
			}
		}
	}
	for _, method := range []identity.Method{identity.PIN, identity.Movil, identity.Permanente} {
		by := Login(method)
		_, raise := w.Raise(ctx, person, by)
		_, phone := w.ChangePhone(ctx, person, phones[1], by)
		_, regenerate := w.Regenerate(ctx, person, by) // basic: the method reaches low only
		_, revoke := w.Revoke(ctx, person, by)
		for act, err := range map[string]error{
			"register": again(w, c[1], phones[1], by), "raise": raise, "phone": phone, "regenerate": regenerate, "revoke": revoke,
		} {
			if !errors.Is(err, registrar.ErrEvidence) {
				t.Errorf("%s, %s: got %v, want ErrEvidence", method, act, err)
			}
		}
	}
	without := Desk()
	without.Reason = ""
	if _, err := w.Revoke(ctx, person, without); !errors.Is(err, registrar.ErrReason) {
		t.Errorf("got %v, want ErrReason", err)
	}
	if _, err := w.Raise(ctx, "NOBODY", Certificate()); !errors.Is(err, registrar.ErrNoPerson) {
		t.Errorf("got %v, want ErrNoPerson", err)
	}
	// A caller may commit after a refusal.
	err := w.Tx(ctx, func(ctx context.Context) error {
		_, raise := w.Raise(ctx, person, Login(identity.PIN))
		_, phone := w.ChangePhone(ctx, person, phones[1], Login(identity.PIN))
		_, letter := w.Registrar.Register(ctx, registrar.Application{Document: c[0].Document, Phone: phones[1], Email: c[0].Email}, Letter())
		if raise == nil || phone == nil || letter == nil {
			t.Error("weak evidence was enough in a caller's transaction")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !w.Probe.Locked(t, person) {
		t.Error("a refused act opened Cl@ve PIN")
	}
	wantsPast(t, w, person, registrar.Registered)
	if w.Sent() != sent {
		t.Errorf("%d messages were sent", w.Sent()-sent)
	}
}

func letterEndsAtBasic(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 1)[0], Phones(t, 3)
	first := w.Register(t, c, phones[0], Desk())
	if _, err := w.Withdraw(ctx, first.Person, phones[0], Certificate()); err != nil {
		t.Fatal(err)
	}
	w.Probe.Lock(t, first.Person)
	thief := c
	thief.Email = Email(t, "thief@correo.example")
	second := w.Register(t, thief, phones[1], Letter())
	got := w.Candidate(t, c)
	if second.Person != first.Person || got.Registration != identity.Basic || got.Channel != identity.ByLetter || got.Phone != phones[1] {
		t.Errorf("got %v %s %s", got, got.Registration, got.Channel)
	}
	if w.Probe.Locked(t, first.Person) {
		t.Error("Cl@ve PIN is still locked")
	}
	// Who was advanced hears of it on every channel that they had.
	wantsNotices(t, w, phones[0].Reveal(), "registered", "withdrawn", "registered_again")
	wantsNotices(t, w, c.Email.Reveal(), "registered", "withdrawn", "registered_again")
	wantsNotices(t, w, phones[1].Reveal(), "registered")
	wantsNotices(t, w, thief.Email.Reveal(), "registered")
	if first.Activation == second.Activation || !w.goodActivation(t, second.Person, second.Activation) || w.goodActivation(t, first.Person, first.Activation) {
		t.Error("the activation code of before is still good, or the new one is not")
	}
}

func takesPhones(t *testing.T, w *World) {
	c, phones := w.Citizens(t, 2), Phones(t, 1)
	loser := w.Register(t, c[0], phones[0], Desk())
	w.Probe.LogIn(t, loser.Person, "login-of-loser")
	for document, want := range map[identity.DocumentID]bool{c[0].Document: false, c[1].Document: true} {
		if held, err := w.Holds(context.Background(), phones[0], document); err != nil || held != want {
			t.Errorf("held by another than %v: got %t, %v", document, held, err)
		}
	}
	winner := w.Register(t, c[1], phones[0], Certificate())
	if !winner.TookPhone {
		t.Error("nobody was told that the phone was taken")
	}
	got := w.Candidate(t, c[0])
	if got.State != identity.PhoneRevoked || got.Registration != identity.Advanced || !got.Phone.IsZero() || got.Email != c[0].Email {
		t.Errorf("got %v %s, phone %v", got, got.Registration, got.Phone)
	}
	if sessions, grants := w.Probe.Live(t, loser.Person); sessions != 0 || grants != 0 {
		t.Errorf("%d sessions and %d grants are live", sessions, grants)
	}
	wantsNotices(t, w, c[0].Email.Reveal(), "registered", "phone_taken")
	wantsNotices(t, w, phones[0].Reveal(), "registered", "registered") // the phone is the other's
	wantsPast(t, w, loser.Person, registrar.Registered, registrar.PhoneTaken)
	last := w.Past(t, loser.Person)[1]
	if last.Other != winner.Person || last.Actor != audit.System || last.By != (registrar.By{}) || !last.Phone.IsZero() {
		t.Errorf("the history says %v by %s, other %s", last, last.Actor, last.Other)
	}
	events := w.Events(loser.Person, audit.KindSessionEnded)
	if len(events) != 1 || events[0].Data.(audit.SessionEnded).Reason != "phone_taken" {
		t.Errorf("got %v, want the end of a session", events)
	}
	if held, err := w.Holds(context.Background(), phones[0], c[1].Document); err != nil || held {
		t.Errorf("got %t, %v: the phone is the citizen's own", held, err)
	}
}

func exchangesPhones(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 2), Phones(t, 2)
	first := w.Register(t, c[0], phones[0], Desk())
	second := w.Register(t, c[1], phones[1], Desk())
	if done, err := w.ChangePhone(ctx, first.Person, phones[1], Desk()); err != nil || !done.TookPhone {
		t.Fatalf("got %t, %v", done.TookPhone, err)
	}
	if done, err := w.ChangePhone(ctx, second.Person, phones[0], Desk()); err != nil || done.TookPhone {
		t.Fatalf("got %t, %v: nobody has that phone any more", done.TookPhone, err)
	}
	for i, want := range []identity.Phone{phones[1], phones[0]} {
		if got := w.Candidate(t, c[i]); got.State != identity.Registered || got.Phone != want {
			t.Errorf("got %v with %v, want %v", got, got.Phone, want)
		}
	}
	if actor := w.Past(t, second.Person)[1].Actor; actor != audit.Officer("OFFICER1") {
		t.Errorf("a phone taken at an office: got %s", actor)
	}
}

func raisesOnce(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 2), Phones(t, 2)
	person := w.Register(t, c[0], phones[0], Letter()).Person
	w.Probe.LogIn(t, person, "login")
	done, err := w.Raise(ctx, person, Certificate())
	if err != nil || done.Receipt.Fact != receipt.Raised || done.Receipt.Level != identity.Advanced || done.Activation != "" {
		t.Fatalf("got %v, %v", done.Receipt, err)
	}
	if got := w.Candidate(t, c[0]); got.Registration != identity.Advanced || got.Channel != identity.ByCertificate || got.Phone != phones[0] {
		t.Errorf("got %v %s %s", got, got.Registration, got.Channel)
	}
	if sessions, grants := w.Probe.Live(t, person); sessions != 1 || grants != 1 {
		t.Errorf("%d sessions and %d grants are live: a higher level ends nothing", sessions, grants)
	}
	if _, err := w.Raise(ctx, person, Desk()); !errors.Is(err, registrar.ErrNotHigher) {
		t.Errorf("got %v, want ErrNotHigher", err)
	}
	wantsNotices(t, w, phones[0].Reveal(), "registered", "raised")
	wantsEvents(t, w, person, audit.Citizen,
		audit.RegistrationChanged{Change: "raised", State: identity.Registered, Channel: identity.ByCertificate, Level: identity.Advanced, Method: identity.Certificate, Receipt: done.Receipt.ID})
	other := w.Register(t, c[1], phones[1], Letter()).Person
	if _, err := w.Raise(ctx, other, Desk()); err != nil {
		t.Errorf("at an office: %v", err)
	}
}

func refusesOwnRecord(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 2), Phones(t, 2)
	officer := w.Register(t, c[0], phones[0], Letter()).Person
	by := Desk()
	by.Officer = officer
	_, raise := w.Raise(ctx, officer, by)
	_, phone := w.ChangePhone(ctx, officer, phones[1], by)
	_, revoke := w.Revoke(ctx, officer, by)
	if _, err := w.Withdraw(ctx, officer, identity.Phone{}, Desk()); err != nil {
		t.Fatal(err)
	}
	for act, err := range map[string]error{"raise": raise, "phone": phone, "revoke": revoke, "register": again(w, c[0], phones[1], by)} {
		if !errors.Is(err, registrar.ErrOwnRecord) {
			t.Errorf("%s: got %v, want ErrOwnRecord", act, err)
		}
	}
	if _, err := w.Registrar.Register(ctx, registrar.Application{Document: c[1].Document, Phone: phones[1], Email: c[1].Email}, by); err != nil {
		t.Errorf("somebody else: %v", err)
	}
}

func rollsBack(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 2), Phones(t, 2)
	loser := w.Register(t, c[0], phones[0], Desk())
	sent := w.Sent()
	failed := errors.New("what the caller does next fails")
	err := w.Tx(ctx, func(ctx context.Context) error {
		a := registrar.Application{Document: c[1].Document, Phone: phones[0], Email: c[1].Email}
		if _, err := w.Registrar.Register(ctx, a, Certificate()); err != nil {
			t.Fatal(err)
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatalf("got %v", err)
	}
	if got := w.Candidate(t, c[0]); got.State != identity.Registered || got.Phone != phones[0] {
		t.Errorf("got %v with %v", got, got.Phone)
	}
	if got := w.Candidate(t, c[1]); got.PersonID != "" {
		t.Errorf("got %v, want nobody", got)
	}
	wantsPast(t, w, loser.Person, registrar.Registered)
	if w.Sent() != sent {
		t.Error("somebody was told of what did not happen")
	}
}
