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
	"clave/notify"
)

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
	if _, err := w.Withdraw(ctx, w.Candidate(t, c[2]).PersonID, phones[0], Certificate()); err != nil {
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
	if err := w.ConfirmEmail(ctx, person, c[0].Email, Letter()); !errors.Is(err, registrar.ErrEvidence) {
		t.Errorf("who is not logged in: got %v, want ErrEvidence", err)
	}
	if err := w.ConfirmEmail(ctx, person, c[0].Email, Login(identity.PIN)); err != nil {
		t.Errorf("the code that came back: %v", err)
	}
	if err := w.ConfirmEmail(ctx, person, c[0].Email, Login(identity.PIN)); !errors.Is(err, registrar.ErrConfirmed) {
		t.Errorf("got %v, want ErrConfirmed", err)
	}
	for proven, by := range map[identity.Phone]registrar.By{{}: Login(identity.PIN), Phones(t, 1)[0]: Certificate()} {
		if _, err := w.ChangeEmail(ctx, person, c[1].Email, proven, by); !errors.Is(err, registrar.ErrPhone) {
			t.Errorf("without the phone of the registration: got %v, want ErrPhone", err)
		}
	}
	done, err := w.ChangeEmail(ctx, person, c[1].Email, phone, Login(identity.PIN))
	if err != nil || done.Receipt.Fact != receipt.Changed || done.Receipt.Email != c[1].Email || done.Receipt.Conditions != "2026-11" {
		t.Fatalf("got %v, %v", done.Receipt, err)
	}
	wantsNotices(t, w, c[0].Email.Reveal(), "registered", "email_changed") // the address of before hears of it
	wantsNotices(t, w, c[1].Email.Reveal(), "email_changed")
	wantsNotices(t, w, phone.Reveal(), "registered", "email_changed")
	if err := w.ConfirmEmail(ctx, person, c[0].Email, Login(identity.PIN)); !errors.Is(err, registrar.ErrOtherEmail) {
		t.Errorf("a late code for the address of before: got %v, want ErrOtherEmail", err)
	}
	if err := w.ConfirmEmail(ctx, person, c[1].Email, Login(identity.PIN)); err != nil {
		t.Errorf("the new address was not to be confirmed anew: %v", err)
	}
	if _, err := w.ChangeEmail(ctx, person, c[1].Email, identity.Phone{}, Desk()); !errors.Is(err, registrar.ErrUnchanged) {
		t.Errorf("got %v, want ErrUnchanged", err)
	}
	wantsPast(t, w, person, registrar.Registered, registrar.EmailConfirmed, registrar.EmailChanged, registrar.EmailConfirmed)
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

func renews(t *testing.T, w *World) {
	c, phone := w.Citizens(t, 1)[0], Phones(t, 1)[0]
	w.Register(t, c, phone, Certificate())
	renewed := c.Reference
	renewed.SupportNumber, renewed.IssueDate, renewed.ValidityDate = "BAA000777", identity.Date{Year: 2026, Month: 11, Day: 2}, identity.Date{Year: 2036, Month: 11, Day: 2}
	if got := w.Probe.Know(t, renewed); len(got.Died) != 0 || len(got.Followed) != 0 {
		t.Errorf("got %d dead and %d followed", len(got.Died), len(got.Followed))
	}
	got := w.Candidate(t, c)
	if got.Matches(c.Reference.Contrast()) || !got.Matches(renewed.Contrast()) {
		t.Error("the datum of the former document counts, or that of the new one does not")
	}
	if got.State != identity.Registered || got.Registration != identity.Advanced || got.Phone != phone {
		t.Errorf("got %v %s", got, got.Registration)
	}
	wantsPast(t, w, got.PersonID, registrar.Registered)
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
			c[0].Document.Reveal(), "PRUEBA", "INVENTADA", phones[0].Reveal()[len("+34"):], phones[1].Reveal()[len("+34"):], c[0].Email.Reveal(), done.Activation, "HTTP", "WWW",
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
