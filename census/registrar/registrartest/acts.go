package registrartest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"clave/audit"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/identity"
	"clave/internal/onetime"
	"clave/notify"

	"github.com/google/go-cmp/cmp"
)

// Acts shows each act with its effects and refusals.
func Acts(t *testing.T, p Parts) {
	for name, test := range map[string]func(t *testing.T, w *World){
		"a letter registers at basic level":                            registersByLetter,
		"a certificate and an office register at advanced level":       registersStrongly,
		"who is not in the register registers not at all":              registersNobodyUnknown,
		"weak evidence does nothing":                                   refusesWeakEvidence,
		"a letter after an advanced registration ends at basic":        letterEndsAtBasic,
		"a taken phone leaves its holder registered without it":        takesPhones,
		"a phone that was never claimed before goes to who is quicker": takesFreshPhones,
		"changing the phone ends what the old one proved":              changesPhones,
		"who lost the phone gives a new one":                           givesNewPhones,
		"an e-mail is confirmed by its own code":                       changesEmails,
		"the level rises once":                                         raisesOnce,
		"an activation code is issued once and replaced":               regenerates,
		"a withdrawal ends everything":                                 withdraws,
		"a revocation stays until it is lifted":                        revokes,
		"who died is gone":                                             dies,
		"a changed document keeps the person":                          follows,
		"an officer does nothing to their own record":                  refusesOwnRecord,
		"a transaction that is rolled back leaves nothing":             rollsBack,
		"notices hold nothing personal":                                keepsNoticesClean,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, New(t, p))
		})
	}
}

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
	online := w.Register(t, people[0], phones[0], Certificate())
	w.Probe.Lock(t, online.Person)
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
	// What a proof that is none would have to do, and what logins rest on the phone for.
	for name, by := range Weak() {
		_, raise := w.Raise(ctx, person, by)
		_, phone := w.ChangePhone(ctx, person, phones[1], by)
		_, email := w.ChangeEmail(ctx, person, c[1].Email, by)
		_, regenerate := w.Regenerate(ctx, person, by)
		_, withdraw := w.Withdraw(ctx, person, by)
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
	wantsPast(t, w, person, registrar.Registered)
	if w.Sent() != sent {
		t.Errorf("%d messages were sent", w.Sent()-sent)
	}
}

func letterEndsAtBasic(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 1)[0], Phones(t, 3)
	first := w.Register(t, c, phones[0], Desk())
	if _, err := w.Withdraw(ctx, first.Person, Certificate()); err != nil {
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

func takesFreshPhones(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 2), Phones(t, 2)
	first := w.Register(t, c[0], phones[0], Desk())
	second := w.Register(t, c[1], phones[1], Desk())
	// A swap of two phones: each act takes the other's.
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

func changesPhones(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 1)[0], Phones(t, 2)
	first := w.Register(t, c, phones[0], Desk())
	w.Probe.Lock(t, first.Person)
	w.Probe.LogIn(t, first.Person, "login-of-a-thief")
	w.Probe.LogIn(t, first.Person, Certificate().Login)
	done, err := w.ChangePhone(ctx, first.Person, phones[1], Certificate())
	if err != nil {
		t.Fatal(err)
	}
	got := w.Candidate(t, c)
	if got.Phone != phones[1] || got.State != identity.Registered || got.Channel != identity.ByOffice || got.Registration != identity.Advanced {
		t.Errorf("got %v with %v, %s", got, got.Phone, got.Channel)
	}
	if sessions, grants := w.Probe.Live(t, first.Person); sessions != 1 || grants != 0 {
		t.Errorf("%d sessions and %d grants are live, want the session of the change", sessions, grants)
	}
	if w.Probe.Locked(t, first.Person) {
		t.Error("Cl@ve PIN is still locked")
	}
	if !w.goodActivation(t, first.Person, first.Activation) || done.Activation != "" {
		t.Error("a change of phone touches the activation code")
	}
	if done.Receipt.Fact != receipt.Changed || done.Receipt.Phone != phones[1] || done.Receipt.Level != identity.Advanced {
		t.Errorf("got %v", done.Receipt)
	}
	wantsNotices(t, w, phones[0].Reveal(), "registered", "phone_changed")
	wantsNotices(t, w, phones[1].Reveal(), "phone_changed")
	wantsNotices(t, w, c.Email.Reveal(), "registered", "phone_changed")
	for _, phone := range []identity.Phone{phones[1], {}} {
		if _, err := w.ChangePhone(ctx, first.Person, phone, Certificate()); !errors.Is(err, registrar.ErrUnchanged) {
			t.Errorf("got %v, want ErrUnchanged", err)
		}
	}
	if _, err := w.ChangePhone(ctx, first.Person, phones[0], Letter()); !errors.Is(err, registrar.ErrEvidence) {
		t.Errorf("got %v: a letter registers again, it changes no phone", err)
	}
}

func givesNewPhones(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 3), Phones(t, 3)
	online := w.Register(t, c[0], phones[0], Certificate())
	byLetter := w.Register(t, c[1], phones[1], Certificate())
	w.Register(t, c[2], phones[0], Letter())
	if _, err := w.Withdraw(ctx, w.Candidate(t, c[2]).PersonID, Certificate()); err != nil {
		t.Fatal(err)
	}
	w.Register(t, c[2], phones[1], Letter())
	if _, err := w.ChangePhone(ctx, online.Person, phones[2], Certificate()); err != nil {
		t.Fatal(err)
	}
	if got := w.Candidate(t, c[0]); got.State != identity.Registered || got.Registration != identity.Advanced || got.Phone != phones[2] {
		t.Errorf("with a certificate: got %v %s", got, got.Registration)
	}
	w.Register(t, c[1], phones[0], Letter())
	if got := w.Candidate(t, c[1]); got.State != identity.Registered || got.Registration != identity.Basic || got.PersonID != byLetter.Person {
		t.Errorf("with a letter: got %v %s", got, got.Registration)
	}
	for _, message := range w.Messages(phones[1].Reveal()) {
		if message.Purpose == registrar.Again {
			t.Error("another citizen's phone heard of a registration that is not theirs")
		}
	}
}

func changesEmails(t *testing.T, w *World) {
	ctx, c, phone := context.Background(), w.Citizens(t, 2), Phones(t, 1)[0]
	person := w.Register(t, c[0], phone, Letter()).Person
	if err := w.ConfirmEmail(ctx, person, c[1].Email, Login(identity.PIN)); !errors.Is(err, registrar.ErrOtherEmail) {
		t.Errorf("another address: got %v, want ErrOtherEmail", err)
	}
	if err := w.ConfirmEmail(ctx, person, c[0].Email, registrar.By{}); err != nil {
		t.Errorf("the code that came back is all that it takes: %v", err)
	}
	if err := w.ConfirmEmail(ctx, person, c[0].Email, registrar.By{}); !errors.Is(err, registrar.ErrUnchanged) {
		t.Errorf("got %v, want ErrUnchanged", err)
	}
	done, err := w.ChangeEmail(ctx, person, c[1].Email, Login(identity.PIN))
	if err != nil || done.Receipt.Fact != receipt.Changed || done.Receipt.Email != c[1].Email || done.Receipt.Conditions != "2026-11" {
		t.Fatalf("got %v, %v", done.Receipt, err)
	}
	wantsNotices(t, w, c[0].Email.Reveal(), "registered", "email_changed") // the address of before hears of it
	wantsNotices(t, w, c[1].Email.Reveal(), "email_changed")
	wantsNotices(t, w, phone.Reveal(), "registered", "email_changed")
	if err := w.ConfirmEmail(ctx, person, c[0].Email, registrar.By{}); !errors.Is(err, registrar.ErrOtherEmail) {
		t.Errorf("a late code for the address of before: got %v, want ErrOtherEmail", err)
	}
	if err := w.ConfirmEmail(ctx, person, c[1].Email, registrar.By{}); err != nil {
		t.Errorf("the new address was not to be confirmed anew: %v", err)
	}
	if _, err := w.ChangeEmail(ctx, person, c[1].Email, Desk()); !errors.Is(err, registrar.ErrUnchanged) {
		t.Errorf("got %v, want ErrUnchanged", err)
	}
	wantsPast(t, w, person, registrar.Registered, registrar.EmailConfirmed, registrar.EmailChanged, registrar.EmailConfirmed)
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

func regenerates(t *testing.T, w *World) {
	ctx, c, phone := context.Background(), w.Citizens(t, 1)[0], Phones(t, 1)[0]
	first := w.Register(t, c, phone, Certificate())
	codes := []string{first.Activation}
	for _, by := range []registrar.By{Login(identity.PIN), Login(identity.Movil), Certificate(), Desk()} {
		done, err := w.Regenerate(ctx, first.Person, by)
		if err != nil || done.Receipt.Fact != receipt.Regenerated {
			t.Fatalf("%s%s: got %v, %v", by.Channel, by.Method, done.Receipt, err)
		}
		codes = append(codes, done.Activation)
	}
	for i, code := range codes {
		if good := w.goodActivation(t, first.Person, code); good != (i == len(codes)-1) {
			t.Errorf("code %d of %d: good %t", i+1, len(codes), good)
		}
	}
	if _, err := w.Regenerate(ctx, first.Person, Login(identity.Permanente)); !errors.Is(err, registrar.ErrEvidence) {
		t.Errorf("got %v: a password gets no code with which it is reset", err)
	}
	if got := w.Purposes(phone.Reveal()); len(got) != 5 || got[4] != "regenerated" {
		t.Errorf("got %v", got)
	}
}

func withdraws(t *testing.T, w *World) {
	ctx, c := context.Background(), w.Citizens(t, 6)
	for i, by := range []registrar.By{Login(identity.PIN), Login(identity.Movil), Login(identity.Permanente), Certificate(), Desk(), Letter()} {
		phone := Phones(t, 1)[0]
		first := w.Register(t, c[i], phone, Letter())
		w.Probe.LogIn(t, first.Person, by.Login+"x")
		if by.Login != "" {
			w.Probe.LogIn(t, first.Person, by.Login) // no session is spared
		}
		w.Probe.Invite(t, c[i].Document)
		done, err := w.Withdraw(ctx, first.Person, by)
		if err != nil {
			t.Fatalf("%s%s: %v", by.Channel, by.Method, err)
		}
		got := w.Candidate(t, c[i])
		sessions, grants := w.Probe.Live(t, first.Person)
		if got.State != identity.Withdrawn || got.Registration != identity.NoRegistration || sessions != 0 || grants != 0 ||
			w.Probe.Activation(t, first.Person) != nil || w.Probe.Invited(t, c[i].Document) {
			t.Errorf("%s%s: got %v, %d sessions, %d grants", by.Channel, by.Method, got, sessions, grants)
		}
		if done.Receipt.Fact != receipt.Withdrawn || done.Receipt.Level != identity.NoRegistration || done.Receipt.Conditions != "2026-11" {
			t.Errorf("got %v at %s", done.Receipt, done.Receipt.Level)
		}
		wantsNotices(t, w, phone.Reveal(), "registered", "withdrawn")
		if _, err := w.Withdraw(ctx, first.Person, by); !errors.Is(err, registrar.ErrState) {
			t.Errorf("again: got %v, want ErrState", err)
		}
		// The phone is free at once.
		if held, err := w.Holds(ctx, phone, Document(t, people.Add(1))); err != nil || held {
			t.Errorf("got %t, %v: who withdrew has no phone", held, err)
		}
	}
	strong := w.Citizens(t, 1)[0]
	person := w.Register(t, strong, Phones(t, 1)[0], Desk()).Person
	if _, err := w.Withdraw(ctx, person, Letter()); !errors.Is(err, registrar.ErrEvidence) {
		t.Errorf("got %v: stolen mail ends no advanced registration", err)
	}
}

func revokes(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 2), Phones(t, 2)
	person := w.Register(t, c[0], phones[0], Certificate()).Person
	w.Probe.LogIn(t, person, "login")
	if _, err := w.Lift(ctx, person, Desk()); !errors.Is(err, registrar.ErrState) {
		t.Errorf("got %v, want ErrState", err)
	}
	done, err := w.Revoke(ctx, person, Desk())
	if err != nil || done.Receipt.Fact != receipt.Revoked {
		t.Fatalf("got %v, %v", done.Receipt, err)
	}
	sessions, grants := w.Probe.Live(t, person)
	if got := w.Candidate(t, c[0]); got.State != identity.Revoked || sessions != 0 || grants != 0 || w.Probe.Activation(t, person) != nil {
		t.Errorf("got %v, %d sessions, %d grants", got, sessions, grants)
	}
	for _, by := range []registrar.By{Letter(), Certificate(), Desk()} {
		if err := again(w, c[0], phones[1], by); !errors.Is(err, registrar.ErrRevoked) {
			t.Errorf("%s: got %v, want ErrRevoked", by.Channel, err)
		}
	}
	if _, err := w.Revoke(ctx, person, Desk()); !errors.Is(err, registrar.ErrRevoked) {
		t.Errorf("got %v, want ErrRevoked", err)
	}
	if _, err := w.Lift(ctx, person, Desk()); err != nil {
		t.Fatal(err)
	}
	if got := w.Candidate(t, c[0]); got.State != identity.Withdrawn {
		t.Errorf("got %v, want withdrawn", got)
	}
	w.Register(t, c[0], phones[1], Letter())
	wantsPast(t, w, person, registrar.Registered, registrar.Revoked, registrar.Lifted, registrar.Registered)
	wantsNotices(t, w, phones[0].Reveal(), "registered", "revoked", "lifted", "registered_again")

	// Who never registered can be revoked and lifted too, and hears nothing.
	other, err := w.Parts.Store.Ensure(ctx, c[1].Document, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range []func() (registrar.Done, error){
		func() (registrar.Done, error) { return w.Revoke(ctx, other, Desk()) },
		func() (registrar.Done, error) { return w.Lift(ctx, other, Desk()) },
	} {
		if _, err := act(); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.Candidate(t, c[1]); got.State != identity.Unregistered {
		t.Errorf("got %v, want unregistered", got)
	}
}

func dies(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 2), Phones(t, 1)
	person := w.Register(t, c[0], phones[0], Certificate()).Person
	w.Probe.LogIn(t, person, "login")
	if err := w.Died(ctx, person, audit.Operator("import")); !errors.Is(err, registrar.ErrState) {
		t.Errorf("the living: got %v, want ErrState", err)
	}
	sent := w.Sent()
	dead := c[0].Reference
	dead.DeceasedOn = identity.Date{Year: 2026, Month: 11, Day: 1}
	if got := w.Probe.Know(t, dead).Died; !slices.Equal(got, []identity.PersonID{person}) {
		t.Fatalf("the import found %v, want the one who died", got)
	}
	if err := w.Died(ctx, person, audit.Operator("import")); err != nil {
		t.Fatal(err)
	}
	sessions, grants := w.Probe.Live(t, person)
	if got := w.Candidate(t, c[0]); got.State != identity.Deceased || sessions != 0 || grants != 0 || w.Probe.Activation(t, person) != nil {
		t.Errorf("got %v, %d sessions, %d grants", got, sessions, grants)
	}
	if w.Sent() != sent || len(w.Given(t, person)) != 1 {
		t.Error("the dead got a message or a receipt")
	}
	for name, act := range map[string]func() (registrar.Done, error){
		"raise":      func() (registrar.Done, error) { return w.Raise(ctx, person, Desk()) },
		"phone":      func() (registrar.Done, error) { return w.ChangePhone(ctx, person, Phones(t, 1)[0], Desk()) },
		"email":      func() (registrar.Done, error) { return w.ChangeEmail(ctx, person, c[1].Email, Desk()) },
		"regenerate": func() (registrar.Done, error) { return w.Regenerate(ctx, person, Desk()) },
		"withdraw":   func() (registrar.Done, error) { return w.Withdraw(ctx, person, Desk()) },
		"revoke":     func() (registrar.Done, error) { return w.Revoke(ctx, person, Desk()) },
		"lift":       func() (registrar.Done, error) { return w.Lift(ctx, person, Desk()) },
	} {
		if _, err := act(); !errors.Is(err, registrar.ErrDeceased) {
			t.Errorf("%s: got %v, want ErrDeceased", name, err)
		}
	}
	w.Register(t, c[1], phones[0], Letter()) // the phone is free
	if got := w.Probe.Know(t, dead).Died; len(got) != 0 {
		t.Errorf("the same file again found %v", got)
	}
	// The register corrects itself.
	w.Probe.Know(t, c[0].Reference)
	if got := w.Candidate(t, c[0]); got.State != identity.Withdrawn {
		t.Errorf("got %v, want withdrawn", got)
	}
	w.Register(t, c[0], Phones(t, 1)[0], Desk())
	wantsPast(t, w, person, registrar.Registered, registrar.Died, registrar.Registered)
}

func follows(t *testing.T, w *World) {
	ctx, c, phone := context.Background(), w.Citizens(t, 1)[0], Phones(t, 1)[0]
	person := w.Register(t, c, phone, Certificate()).Person
	moved := c.Reference
	moved.PreviousDocument, moved.Document = moved.Document, Document(t, people.Add(1))
	if got := w.Probe.Know(t, moved).Followed; !slices.Equal(got, []identity.PersonID{person}) {
		t.Fatalf("the import followed %v", got)
	}
	if err := w.Followed(ctx, person, audit.Operator("import")); err != nil {
		t.Fatal(err)
	}
	if got := w.Probe.Candidate(t, moved.Document); got.PersonID != person || got.State != identity.Registered || got.Phone != phone {
		t.Errorf("got %v", got)
	}
	past := w.Past(t, person)
	if len(past) != 2 || past[1].Change != registrar.DocumentChanged || past[1].Document != moved.Document || past[0].Document != c.Document {
		t.Errorf("got %v", past)
	}
	wantsNotices(t, w, phone.Reveal(), "registered", "document_changed")
	if len(w.Events(person, audit.KindDocumentFollowed)) != 1 {
		t.Error("the trail does not know of it")
	}
	// The old number is nobody's: whoever registers with it is another person.
	if got := w.Candidate(t, c); got.PersonID != "" {
		t.Errorf("got %v under the number of before", got)
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
	if _, err := w.Withdraw(ctx, officer, Desk()); err != nil {
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

func keepsNoticesClean(t *testing.T, w *World) {
	ctx, c, phones := context.Background(), w.Citizens(t, 2), Phones(t, 3)
	person := w.Register(t, c[0], phones[0], Certificate()).Person
	w.Register(t, c[1], phones[0], Letter())
	if _, err := w.ChangePhone(ctx, person, phones[1], Desk()); err != nil {
		t.Fatal(err)
	}
	done, err := w.Regenerate(ctx, person, Desk())
	if err != nil {
		t.Fatal(err)
	}
	w.noted.mu.Lock()
	defer w.noted.mu.Unlock()
	for _, m := range w.noted.messages {
		text := strings.ToUpper(m.Subject + m.Body)
		for _, personal := range []string{
			c[0].Document.Reveal(), "PRUEBA", "INVENTADA", phones[0].Last3(), phones[1].Last3(), c[0].Email.Reveal(), done.Activation, "HTTP", "WWW",
		} {
			if strings.Contains(text, strings.ToUpper(personal)) {
				t.Errorf("%s holds %q", m.Purpose, personal)
			}
		}
		if m.Kind == notify.Mail && m.Subject == "" || m.Urgent || m.Code != "" {
			t.Errorf("%v has subject %q, urgent %t", m, m.Subject, m.Urgent)
		}
	}
}

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
