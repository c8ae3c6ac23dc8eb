package registrartest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"clave/audit"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/identity"
)

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
		w.Probe.SetPassword(t, first.Person)
		w.Probe.AddDevice(t, first.Person)
		if by.Login != "" { // a browser left open
			if _, err := w.Withdraw(ctx, first.Person, Phones(t, 1)[0], by); !errors.Is(err, registrar.ErrPhone) {
				t.Errorf("%s with another phone: got %v, want ErrPhone", by.Method, err)
			}
		}
		done, err := w.Withdraw(ctx, first.Person, phone, by)
		if err != nil {
			t.Fatalf("%s%s: %v", by.Channel, by.Method, err)
		}
		got := w.Candidate(t, c[i])
		sessions, grants := w.Probe.Live(t, first.Person)
		if got.State != identity.Withdrawn || got.Registration != identity.NoRegistration || sessions != 0 || grants != 0 ||
			w.Probe.Activation(t, first.Person) != nil || w.Probe.HasPassword(t, first.Person) || w.Probe.HasDevice(t, first.Person) || w.Probe.Invited(t, c[i].Document) {
			t.Errorf("%s%s: got %v, %d sessions, %d grants", by.Channel, by.Method, got, sessions, grants)
		}
		if done.Receipt.Fact != receipt.Withdrawn || done.Receipt.Level != identity.NoRegistration || done.Receipt.Conditions != "2026-11" {
			t.Errorf("got %v at %s", done.Receipt, done.Receipt.Level)
		}
		wantsNotices(t, w, phone.Reveal(), "registered", "withdrawn")
		if _, err := w.Withdraw(ctx, first.Person, phone, by); !errors.Is(err, registrar.ErrState) {
			t.Errorf("again: got %v, want ErrState", err)
		}
		// The phone is free at once.
		if held, err := w.Holds(ctx, phone, Document(t, people.Add(1))); err != nil || held {
			t.Errorf("got %t, %v: who withdrew has no phone", held, err)
		}
	}
	strong := w.Citizens(t, 1)[0]
	person := w.Register(t, strong, Phones(t, 1)[0], Desk()).Person
	if _, err := w.Withdraw(ctx, person, identity.Phone{}, Letter()); !errors.Is(err, registrar.ErrEvidence) {
		t.Errorf("got %v: stolen mail ends no advanced registration", err)
	}
	weak := w.Citizens(t, 1)[0]
	done, err := w.Withdraw(ctx, w.Register(t, weak, Phones(t, 1)[0], Letter()).Person, identity.Phone{}, Letter())
	if err != nil || !done.Receipt.Phone.IsZero() || !done.Receipt.Email.IsZero() {
		t.Errorf("got %v, %v: the receipt tells who stole a letter what its owner typed", done.Receipt, err)
	}
	wantsNotices(t, w, weak.Email.Reveal(), "registered", "withdrawn")
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
		"raise": func() (registrar.Done, error) { return w.Raise(ctx, person, Desk()) },
		"phone": func() (registrar.Done, error) { return w.ChangePhone(ctx, person, Phones(t, 1)[0], Desk()) },
		"email": func() (registrar.Done, error) {
			return w.ChangeEmail(ctx, person, c[1].Email, identity.Phone{}, Desk())
		},
		"regenerate": func() (registrar.Done, error) { return w.Regenerate(ctx, person, Desk()) },
		"withdraw":   func() (registrar.Done, error) { return w.Withdraw(ctx, person, identity.Phone{}, Desk()) },
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
