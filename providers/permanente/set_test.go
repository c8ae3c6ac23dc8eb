package permanente_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/providers/permanente"
	"clave/providers/permanente/password"
	pt "clave/providers/permanente/permanentetest"
	"clave/providers/providertest"

	"github.com/google/go-cmp/cmp"
)

func activation(number string) permanente.Activation {
	return permanente.Activation{Document: pt.Document(number), Email: pt.Email(number), Code: pt.Activation}
}

// activated is a browser that proved activation code and phone.
func activated(t testing.TB, w *pt.World, number string) (token string) {
	t.Helper()
	token, err := w.Activate(t.Context(), activation(number), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.ProveSetting(t.Context(), token, w.Outbox.Code(t)); err != nil {
		t.Fatal(err)
	}
	return token
}

const chosen = "cesta_Mimbre9"

func TestActivation(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	token := activated(t, w, pt.NoPass)
	kept, err := w.Set(t.Context(), token, chosen)
	if err != nil || kept.Person != w.Person(pt.NoPass) {
		t.Fatal(kept.Person, err)
	}
	if got := try(t, w, pt.NoPass, chosen, permanente.Known{}); got != "" {
		t.Errorf("got %q, want the password taken", got)
	}
	if got := cause(t, second(w.Set(t.Context(), token, "otra_Mimbre9"))); got != permanente.NoCode {
		t.Errorf("setting it twice: got %q, want no_code", got)
	}
	if e := w.Trail.Events(audit.KindPasswordSet); len(e) != 1 || e[0].Data.(audit.PasswordSet).How != "activation" {
		t.Errorf("got %v", e)
	}
	if m := w.Outbox.Messages(); m[len(m)-1].Subject == "" || m[len(m)-1].Code != "" {
		t.Error("the citizen got no notice")
	}
}

func second[T any](_ T, err error) error { return err }

func TestWhatANewPasswordEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		number string
		set    func(t *testing.T, w *pt.World, number string)
		ends   []string
		grants bool
	}{
		{"a first password ends nothing", pt.NoPass, reset, nil, false},
		{"a reset ends every session and what services were given", pt.Advanced, reset, []string{"here: password_reset", "elsewhere: password_reset"}, true},
		{"a change with a code ends the other sessions", pt.Advanced, changeBy(identity.Permanente), []string{"elsewhere: password_changed"}, false},
		{"a change with a certificate ends the other sessions", pt.Advanced, changeBy(identity.Certificate), []string{"elsewhere: password_changed"}, false},
		{"a lock ends nothing: wrong passwords prove nothing", pt.Advanced, locked, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, _ := pt.New(t)
			c.set(t, w, c.number)
			ended, revoked := w.Sessions.Over()
			for i, s := range ended {
				ended[i] = strings.Replace(s, " of "+string(w.Person(c.number)), "", 1)
			}
			if diff := cmp.Diff(ended, c.ends); diff != "" {
				t.Errorf("sessions (-got +want):\n%s", diff)
			}
			if got := slices.Contains(revoked, w.Person(c.number)); got != c.grants {
				t.Errorf("grants revoked: got %v, want %v", got, c.grants)
			}
		})
	}
}

func reset(t *testing.T, w *pt.World, number string) {
	t.Helper()
	if _, err := w.Set(t.Context(), activated(t, w, number), chosen); err != nil {
		t.Fatal(err)
	}
}

func changeBy(method identity.Method) func(t *testing.T, w *pt.World, number string) {
	return func(t *testing.T, w *pt.World, number string) {
		t.Helper()
		_, token, err := w.Change(t.Context(), citizen(w, number, method, identity.Low), pt.Password, chosen, "")
		if err == nil && token != "" {
			if ended, _ := w.Sessions.Over(); ended != nil {
				t.Errorf("before the code was right, %v ended", ended)
			}
			_, err = w.ProveSetting(t.Context(), token, w.Outbox.Code(t))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func locked(t *testing.T, w *pt.World, number string) {
	t.Helper()
	for range 5 {
		try(t, w, number, wrong, w.Known(t, number))
	}
	if got := try(t, w, number, pt.Password, w.Known(t, number)); got != permanente.PasswordLocked {
		t.Fatalf("got %q, want it locked", got)
	}
}

func TestPasswordsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	if _, err := w.Set(t.Context(), activated(t, w, pt.Advanced), chosen); err != nil {
		t.Fatal(err)
	}
	w.Clock.Pass(time.Hour)
	token := activated(t, w, pt.Advanced)
	for typed, want := range map[string]password.Problem{
		"": password.Impossible, "Kw!7": password.TooShort, "vuelcovuelco": password.TooSimple, "Kw!7-sample-x": password.HasName,
		"Kw!12345678": password.HasName, "Password123!": password.Common, chosen: password.Same, pt.Password: password.Same,
	} {
		err := second(w.Set(t.Context(), token, typed))
		if cause(t, err) != permanente.BadPassword {
			t.Errorf("%q: got %v, want bad_password", typed, err)
			continue
		}
		if got := err.(*permanente.Denied).Problems; got[0] != want {
			t.Errorf("%q: got %v, want %s", typed, got, want)
		}
	}
	w.Clock.Pass(15 * time.Minute)
	if got := cause(t, second(w.Set(t.Context(), token, "otra_Mimbre9"))); got != permanente.NoCode {
		t.Errorf("a quarter of an hour later: got %q, want no_code", got)
	}
}

func TestActivationsThatLeadNowhere(t *testing.T) {
	t.Parallel()
	w, m := pt.New(t)
	with := func(number string, change func(*permanente.Activation)) permanente.Activation {
		a := activation(number)
		change(&a)
		return a
	}
	otherCode := func(a *permanente.Activation) { a.Code = "ABCDEFGH2345" }
	otherMail := func(a *permanente.Activation) { a.Email = pt.Email(pt.Second) }
	nothing := func(*permanente.Activation) {}
	var want []string
	for _, test := range []struct {
		name string
		a    permanente.Activation
	}{
		{"another code", with(pt.Advanced, otherCode)}, {"another address", with(pt.Advanced, otherMail)},
		{"nobody's document", with(pt.Nobody, nothing)}, {"a deceased person's", with(pt.Dead, nothing)},
	} {
		m.Calls()
		if got := cause(t, second(w.Activate(t.Context(), test.a, ""))); got != permanente.WrongActivation {
			t.Errorf("%s: got %q, want wrong_activation", test.name, got)
		}
		calls := m.Calls()
		if want == nil {
			want = calls
		}
		if diff := cmp.Diff(want, calls); diff != "" {
			t.Errorf("%s is told apart:\n%s", test.name, diff)
		}
	}
	if got := cause(t, second(w.Activate(t.Context(), with(pt.Unproven, nothing), ""))); got != permanente.EmailUnconfirmed {
		t.Errorf("got %q, want email_unconfirmed", got)
	}
	if got := cause(t, second(w.Activate(t.Context(), with(pt.Gone, nothing), ""))); got != permanente.Refused {
		t.Errorf("withdrawn: got %q, want refused", got)
	}
	if n := len(w.Outbox.Messages()); n != 0 {
		t.Errorf("got %d messages, want none", n)
	}
}

func TestGuessingActivationCodes(t *testing.T) {
	t.Parallel()
	t.Run("five wrong ones void the code, after document and address match", func(t *testing.T) {
		t.Parallel()
		w, _ := pt.New(t)
		guess := activation(pt.Advanced)
		guess.Code = "ABCDEFGH2345"
		for range 5 {
			if got := cause(t, second(w.Activate(t.Context(), guess, ""))); got != permanente.WrongActivation {
				t.Fatalf("got %q, want wrong_activation", got)
			}
		}
		if got := cause(t, second(w.Activate(t.Context(), guess, ""))); got != permanente.ActivationLocked {
			t.Errorf("sixth: got %q, want activation_locked", got)
		}
		w.Clock.Pass(time.Hour)
		if got := cause(t, second(w.Activate(t.Context(), activation(pt.Advanced), ""))); got != permanente.WrongActivation {
			t.Errorf("the right one: got %q, want wrong_activation: it is void", got)
		}
		if e := w.Trail.Events(audit.KindActivationWrong); len(e) != 6 || !e[4].Data.(audit.ActivationWrong).Voided {
			t.Errorf("got %d events", len(e))
		}
	})
	t.Run("who does not know the address voids nothing", func(t *testing.T) {
		t.Parallel()
		w, _ := pt.New(t)
		guess := activation(pt.Advanced)
		guess.Email, guess.Code = pt.Email(pt.Second), "ABCDEFGH2345"
		for range 4 {
			for range 5 {
				_, _ = w.Activate(t.Context(), guess, "") // counted for the document
			}
			w.Clock.Pass(2 * time.Hour)
		}
		w.Clock.Pass(24 * time.Hour)
		if _, err := w.Activate(t.Context(), activation(pt.Advanced), ""); err != nil {
			t.Errorf("got %v, want the right one taken", err)
		}
	})
}

func TestSettingBelongsToOneBrowser(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	mine, err := w.Activate(t.Context(), activation(pt.Second), "")
	if err != nil {
		t.Fatal(err)
	}
	code := w.Outbox.Code(t)
	theirs, err := w.Activate(t.Context(), activation(pt.Advanced), "")
	if err != nil {
		t.Fatal(err)
	}
	if code != w.Outbox.Code(t) {
		if got := cause(t, second(w.ProveSetting(t.Context(), theirs, code))); got != permanente.WrongCode {
			t.Errorf("my code in another's browser: got %q, want wrong_code", got)
		}
	}
	for _, token := range []string{"", "made up", mine} {
		if got := cause(t, second(w.Set(t.Context(), token, chosen))); got != permanente.NoCode {
			t.Errorf("without a proof: got %q, want no_code", got)
		}
	}
	// A login's id is no token.
	l := w.Broker().Open(providertest.Party())
	login := w.Begin(t, l, w.Person(pt.Advanced))
	if got := cause(t, second(w.ProveSetting(t.Context(), string(l.Request.ID), login))); got != permanente.NoCode {
		t.Errorf("a login's code: got %q, want no_code", got)
	}
	w.Citizens.Change(pt.Second, func(c *census.Candidate) { c.State = identity.PhoneRevoked })
	if got := cause(t, second(w.ProveSetting(t.Context(), mine, code))); got != permanente.CodeExpired {
		t.Errorf("the phone was lost meanwhile: got %q, want code_expired", got)
	}
}

func citizen(w *pt.World, number string, method identity.Method, level identity.Level) *broker.Citizen {
	return &broker.Citizen{
		Session:  broker.Session{ID: pt.Here},
		Standing: broker.Standing{Person: w.Person(number), Identity: identity.Person{Document: pt.Document(number)}},
		Evidence: broker.Evidence{Method: method, Level: level},
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	t.Run("with a code", func(t *testing.T) {
		t.Parallel()
		w, _ := pt.New(t)
		_, token, err := w.Change(t.Context(), citizen(w, pt.Advanced, identity.Permanente, identity.Low), pt.Password, chosen, "")
		if err != nil || token == "" {
			t.Fatal(token, err)
		}
		if got := try(t, w, pt.Advanced, pt.Password, permanente.Known{}); got != "" {
			t.Errorf("before the code: got %q, want the old one taken", got)
		}
		if got := cause(t, second(w.Set(t.Context(), token, "otra_Mimbre9"))); got != permanente.NoCode {
			t.Errorf("setting another one: got %q, want no_code", got)
		}
		kept, err := w.ProveSetting(t.Context(), token, w.Outbox.Code(t))
		if err != nil || kept.Person == "" {
			t.Fatal(err)
		}
		if got := try(t, w, pt.Advanced, chosen, permanente.Known{}); got != "" {
			t.Errorf("got %q, want the new one taken", got)
		}
		if got := try(t, w, pt.Advanced, pt.Password, permanente.Known{}); got != permanente.WrongPassword {
			t.Errorf("got %q, want the old one refused", got)
		}
	})
	t.Run("with a certificate there is no code", func(t *testing.T) {
		t.Parallel()
		w, _ := pt.New(t)
		kept, token, err := w.Change(t.Context(), citizen(w, pt.Advanced, identity.Certificate, identity.High), pt.Password, chosen, "")
		if err != nil || token != "" || kept.Person == "" {
			t.Fatal(token, err)
		}
		if got := try(t, w, pt.Advanced, chosen, permanente.Known{}); got != "" {
			t.Errorf("got %q, want the new one taken", got)
		}
	})
	t.Run("a browser left open does not guess the old one", func(t *testing.T) {
		t.Parallel()
		w, _ := pt.New(t)
		c := citizen(w, pt.Advanced, identity.Permanente, identity.Low)
		for i, want := range []permanente.Cause{
			permanente.WrongPassword, permanente.WrongPassword, permanente.WrongPassword, permanente.WrongPassword, permanente.PasswordLocked, permanente.PasswordLocked,
		} {
			if _, _, err := w.Change(t.Context(), c, wrong, chosen, ""); cause(t, err) != want {
				t.Errorf("try %d: got %v, want %s", i, err, want)
			}
		}
		if _, _, err := w.Change(t.Context(), c, pt.Password, chosen, ""); cause(t, err) != permanente.PasswordLocked {
			t.Errorf("the right one: got %v, want password_locked", err)
		}
	})
}

func TestPreference(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	low, more := citizen(w, pt.Advanced, identity.Permanente, identity.Low), citizen(w, pt.Advanced, identity.Permanente, identity.Substantial)
	if err := w.Prefer(t.Context(), low, true); err != nil || !w.Account(t, pt.Advanced).Always {
		t.Fatal(err)
	}
	if got := cause(t, w.Prefer(t.Context(), low, false)); got != permanente.Refused || !w.Account(t, pt.Advanced).Always {
		t.Errorf("with the password alone: got %q, want refused", got)
	}
	if err := w.Prefer(t.Context(), more, false); err != nil || w.Account(t, pt.Advanced).Always {
		t.Errorf("got %v, want it off", err)
	}
	if got := cause(t, w.Prefer(t.Context(), citizen(w, pt.NoPass, identity.PIN, identity.Substantial), true)); got != permanente.NoCode {
		t.Errorf("without a password: got %q, want no_code", got)
	}
}
