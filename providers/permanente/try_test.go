package permanente_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
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

const wrong = "mimbre-K0vuelc"

// cause is why a method of the provider refused; empty for no refusal.
func cause(t testing.TB, err error) permanente.Cause {
	t.Helper()
	if err == nil {
		return ""
	}
	var denied *permanente.Denied
	if !errors.As(err, &denied) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return denied.Cause
}

// try types a password in a login of its own.
func try(t testing.TB, w *pt.World, number, typed string, browser permanente.Known) permanente.Cause {
	t.Helper()
	_, err := w.Try(t.Context(), w.Broker().Open(providertest.Party()), pt.Document(number), typed, browser)
	return cause(t, err)
}

func demanding(level identity.Level) *broker.Login {
	p := providertest.Party()
	p.MinimumLevel = level
	return &broker.Login{Party: p}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		number string
		demand identity.Level
		always bool
		code   bool
		refuse permanente.Cause
		level  identity.Level
	}{
		{"a password alone is low, advanced", pt.Advanced, identity.Low, false, false, "", identity.Low},
		{"a password alone is low, basic", pt.Basic, identity.Low, false, false, "", identity.Low},
		{"with a code it is substantial, advanced", pt.Advanced, identity.Substantial, false, true, "", identity.Substantial},
		{"a basic registration stays low with a code", pt.Basic, identity.Low, true, true, "", identity.Low},
		{"who prefers it gets a code where low is enough", pt.Advanced, identity.Low, true, true, "", identity.Substantial},
		{"a basic registration does not reach substantial", pt.Basic, identity.Substantial, false, false, permanente.Refused, 0},
		{"nobody reaches high", pt.Advanced, identity.High, false, false, permanente.Refused, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, _ := pt.New(t)
			w.Give(t, test.number, func(a *permanente.Account) { a.Always = test.always })
			l := w.Broker().Open(demanding(test.demand).Party)
			code, err := w.Try(t.Context(), l, pt.Document(test.number), pt.Password, permanente.Known{})
			if got := cause(t, err); got != test.refuse || code != test.code {
				t.Fatalf("got %q, code %v; want %q, %v", got, code, test.refuse, test.code)
			}
			if code {
				if ev := w.Broker().Evidence(l); ev != nil {
					t.Fatalf("got evidence before the code: %+v", *ev)
				}
				if err := w.Enter(t.Context(), w.Broker().Again(l), w.Outbox.Code(t)); err != nil {
					t.Fatal(err)
				}
			}
			ev := w.Broker().Evidence(l)
			if (ev != nil) != (test.refuse == "") {
				t.Fatalf("got evidence %v", ev)
			}
			if ev != nil {
				c, _ := w.Citizens.Candidate(t.Context(), pt.Document(test.number))
				if got := broker.Reached(*ev, c.Registration); got != test.level {
					t.Errorf("got %s, want %s", got, test.level)
				}
			}
		})
	}
}

func TestWhoCannotLogIn(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	for _, number := range []string{pt.NoPass, pt.Nobody, pt.Dead, pt.Gone} {
		if got := try(t, w, number, pt.Password, permanente.Known{}); got != permanente.WrongPassword {
			t.Errorf("%s: got %q, want wrong_password", number, got)
		}
	}
	w.Citizens.Change(pt.Advanced, func(c *census.Candidate) { c.State = identity.PhoneRevoked })
	if got := try(t, w, pt.Advanced, pt.Password, permanente.Known{}); got != permanente.Refused {
		t.Errorf("phone lost: got %q, want refused", got)
	}
	w.Clock.Pass(2 * 366 * 24 * time.Hour)
	if got := try(t, w, pt.Second, pt.Password, permanente.Known{}); got != permanente.PasswordExpired {
		t.Errorf("two years later: got %q, want password_expired", got)
	}
	if _, err := w.Try(t.Context(), w.Broker().Open(providertest.Party()), pt.Document(pt.Second), strings.Repeat("x", 129), permanente.Known{}); !errors.Is(err, password.ErrPassword) {
		t.Errorf("too long: got %v, want ErrPassword", err)
	}
}

// Whether a document is known, or has a password, shows neither in the answers nor in
// what the stores are asked.
func TestDocumentsCannotBeEnumerated(t *testing.T) {
	t.Parallel()
	w, m := pt.New(t)
	asked := func(number string) (said []permanente.Cause, calls []string) {
		m.Calls()
		for range 7 {
			said = append(said, try(t, w, number, wrong, permanente.Known{}))
		}
		return said, m.Calls()
	}
	wantSaid, wantCalls := asked(pt.Advanced)
	for _, number := range []string{pt.NoPass, pt.Nobody, pt.Dead, pt.Gone, pt.Basic} {
		said, calls := asked(number)
		if diff := cmp.Diff(wantSaid, said) + cmp.Diff(wantCalls, calls); diff != "" {
			t.Errorf("%s is told apart:\n%s", number, diff)
		}
	}
}

func TestUnknownBrowsersLockThemselvesOnly(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	known := w.Known(t, pt.Advanced)
	for range 4 {
		if got := try(t, w, pt.Advanced, wrong, permanente.Known{}); got != permanente.WrongPassword {
			t.Fatalf("got %q, want wrong_password", got)
		}
	}
	locks := []time.Duration{time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour, 24 * time.Hour, 24 * time.Hour}
	for i, lock := range locks {
		_, err := w.Try(t.Context(), w.Broker().Open(providertest.Party()), pt.Document(pt.Advanced), wrong, permanente.Known{})
		var denied *permanente.Denied
		if !errors.As(err, &denied) || denied.Cause != permanente.BrowsersLocked || !denied.Until.Equal(w.Clock.Now().Add(lock)) {
			t.Fatalf("lock %d: got %+v, want one of %v", i, denied, lock)
		}
		if got := try(t, w, pt.Advanced, pt.Password, permanente.Known{}); got != permanente.BrowsersLocked {
			t.Errorf("the right password from an unknown browser: got %q, want browsers_locked", got)
		}
		if got := try(t, w, pt.Advanced, pt.Password, known); got != "" {
			t.Errorf("from the citizen's own browser: got %q, want it taken", got)
		}
		w.Clock.Pass(lock)
	}
	if got := try(t, w, pt.Advanced, pt.Password, permanente.Known{}); got != "" {
		t.Errorf("after the lock: got %q, want it taken", got)
	}
	if n := len(w.Trail.Events(audit.KindPasswordLocked)); n != len(locks) {
		t.Errorf("got %d locks in the trail, want %d", n, len(locks))
	}
}

func TestFiveWrongOnesInAKnownBrowserLockUntilReset(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	known := w.Known(t, pt.Advanced)
	for range 4 {
		try(t, w, pt.Advanced, wrong, known)
	}
	if got := try(t, w, pt.Advanced, pt.Password, known); got != "" {
		t.Fatalf("after four: got %q, want it taken", got)
	}
	for range 4 { // a right one between begins anew
		if got := try(t, w, pt.Advanced, wrong, known); got != permanente.WrongPassword {
			t.Fatalf("got %q, want wrong_password", got)
		}
	}
	if got := try(t, w, pt.Advanced, wrong, known); got != permanente.PasswordLocked {
		t.Fatalf("got %q, want password_locked", got)
	}
	w.Clock.Pass(100 * 24 * time.Hour)
	if got := try(t, w, pt.Advanced, pt.Password, known); got != permanente.PasswordLocked {
		t.Errorf("known: got %q, want password_locked", got)
	}
	// Strangers learn nothing of it, whoever has the right password is told.
	if got := try(t, w, pt.Advanced, wrong, permanente.Known{}); got != permanente.WrongPassword {
		t.Errorf("a stranger: got %q, want wrong_password", got)
	}
	if got := try(t, w, pt.Advanced, pt.Password, permanente.Known{}); got != permanente.PasswordLocked {
		t.Errorf("the owner elsewhere: got %q, want password_locked", got)
	}
	t.Run("a reset opens it, and makes the browser unknown", func(t *testing.T) {
		token := activated(t, w, pt.Advanced)
		if _, err := w.Set(t.Context(), token, wrong); err != nil {
			t.Fatal(err)
		}
		if got := try(t, w, pt.Advanced, wrong, known); got != "" {
			t.Errorf("got %q, want the new password taken", got)
		}
	})
}

func TestACookieOfSomebodyElseIsAnUnknownBrowser(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	mine := w.Known(t, pt.Second)
	for range 5 {
		try(t, w, pt.Advanced, wrong, mine)
	}
	if got := try(t, w, pt.Advanced, pt.Password, mine); got != permanente.BrowsersLocked {
		t.Errorf("got %q, want browsers_locked", got)
	}
	if got := try(t, w, pt.Advanced, pt.Password, w.Known(t, pt.Advanced)); got != "" {
		t.Errorf("the owner: got %q, want it taken", got)
	}
}

// Spraying: one password, many documents. Each counts for itself, so that nobody is
// locked by it; the client's address is bounded elsewhere.
func TestSpraying(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	for range 4 {
		for _, number := range []string{pt.Advanced, pt.Second, pt.Basic, pt.NoPass, pt.Nobody} {
			if got := try(t, w, number, "Verano2026!", permanente.Known{}); got != permanente.WrongPassword {
				t.Fatalf("%s: got %q, want wrong_password", number, got)
			}
		}
	}
	if got := try(t, w, pt.Advanced, pt.Password, permanente.Known{}); got != "" {
		t.Errorf("got %q, want it taken", got)
	}
}

// Stuffing: many passwords at once for one document, the right one among them. Not one
// more than five is answered.
func TestStuffingAtOnce(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	var answered, locked atomic.Int64
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			_, err := w.Try(context.Background(), w.Broker().Open(providertest.Party()), pt.Document(pt.Advanced), wrong, permanente.Known{})
			var denied *permanente.Denied
			switch {
			case errors.As(err, &denied) && denied.Cause == permanente.WrongPassword:
				answered.Add(1)
			case errors.As(err, &denied) && denied.Cause == permanente.BrowsersLocked:
				locked.Add(1)
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	group.Wait()
	if answered.Load() != 4 || locked.Load() != 96 {
		t.Errorf("got %d answered and %d locked, want 4 and 96", answered.Load(), locked.Load())
	}
	if n := len(w.Trail.Events(audit.KindPasswordWrong)); n != 5 {
		t.Errorf("got %d counted, want 5", n)
	}
	if got := try(t, w, pt.Advanced, pt.Password, permanente.Known{}); got != permanente.BrowsersLocked {
		t.Errorf("the right one, too late: got %q, want browsers_locked", got)
	}
}

func TestHashesAreMadeAgain(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	old := password.Params{MemoryKiB: 32, Passes: 2, Lanes: 1}.Hash(pt.Password)
	w.Give(t, pt.Advanced, func(a *permanente.Account) { a.Hash = old })
	known := w.Known(t, pt.Advanced)
	if got := try(t, w, pt.Advanced, pt.Password, known); got != "" {
		t.Fatalf("got %q", got)
	}
	if a := w.Account(t, pt.Advanced); a.Hash == old || a.Hash.Stale(pt.Params()) {
		t.Errorf("got %s, want one of the parameters of now", a.Hash)
	}
	if got := try(t, w, pt.Advanced, pt.Password, known); got != "" {
		t.Errorf("again: got %q", got)
	}
}

func TestThatItEndsSoonIsToldOnceAWeek(t *testing.T) {
	t.Parallel()
	w, _ := pt.New(t)
	w.Give(t, pt.Advanced, func(a *permanente.Account) { a.SetAt = w.Clock.Now().AddDate(-2, 0, 29) })
	for range 3 {
		try(t, w, pt.Advanced, pt.Password, permanente.Known{})
	}
	if n := len(w.Outbox.Messages()); n != 1 {
		t.Fatalf("got %d notices, want 1", n)
	}
	m := w.Outbox.Messages()[0]
	if m.To != pt.Email(pt.Advanced).Reveal() || !strings.Contains(m.Body, "ends on") || strings.Contains(m.Body, pt.Advanced) {
		t.Errorf("got %q to %s", m.Body, m.To)
	}
	w.Clock.Pass(8 * 24 * time.Hour)
	try(t, w, pt.Advanced, pt.Password, permanente.Known{})
	if n := len(w.Outbox.Messages()); n != 2 {
		t.Errorf("a week later: got %d notices, want 2", n)
	}
}

func TestCodesInLogins(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*pt.World, *broker.Login, string) {
		w, _ := pt.New(t)
		l := w.Broker().Open(providertest.Party())
		return w, l, w.Begin(t, l, w.Person(pt.Advanced))
	}
	t.Run("five wrong ones end the login", func(t *testing.T) {
		t.Parallel()
		w, l, code := begin(t)
		for range 4 {
			if got := cause(t, w.Enter(t.Context(), w.Broker().Again(l), w.Wrong(code))); got != permanente.WrongCode {
				t.Fatalf("got %q, want wrong_code", got)
			}
		}
		if got := cause(t, w.Enter(t.Context(), w.Broker().Again(l), w.Wrong(code))); got != permanente.TriesSpent {
			t.Errorf("got %q, want tries_spent", got)
		}
		if row := w.Broker().Row(l.Request.ID); row.Reason != broker.TooManyTries {
			t.Errorf("got %q, want the login ended", row.Reason)
		}
	})
	t.Run("the phone is another one by now", func(t *testing.T) {
		t.Parallel()
		w, l, code := begin(t)
		w.Citizens.Change(pt.Advanced, func(c *census.Candidate) { c.Phone, _ = identity.ParseE164("+34600000077") })
		if got := cause(t, w.Enter(t.Context(), w.Broker().Again(l), code)); got != permanente.CodeExpired {
			t.Errorf("got %q, want code_expired", got)
		}
	})
	t.Run("another one is sent after a while, and at most three", func(t *testing.T) {
		t.Parallel()
		w, l, _ := begin(t)
		if got := cause(t, w.Again(t.Context(), w.Broker().Again(l))); got != permanente.TooSoon {
			t.Errorf("at once: got %q, want too_soon", got)
		}
		for range 2 {
			w.Clock.Pass(permanente.SendSpacing)
			if err := w.Again(t.Context(), w.Broker().Again(l)); err != nil {
				t.Fatal(err)
			}
		}
		w.Clock.Pass(permanente.SendSpacing)
		if got := cause(t, w.Again(t.Context(), w.Broker().Again(l))); got != permanente.NoSendsLeft {
			t.Errorf("fourth: got %q, want no_sends_left", got)
		}
		if err := w.Enter(t.Context(), w.Broker().Again(l), w.Outbox.Code(t)); err != nil {
			t.Error(err)
		}
	})
	t.Run("a code of an activation is none of a login", func(t *testing.T) {
		t.Parallel()
		w, l, code := begin(t)
		if _, err := w.Activate(t.Context(), activation(pt.Advanced), ""); err != nil {
			t.Fatal(err)
		}
		if other := w.Outbox.Code(t); other != code {
			if got := cause(t, w.Enter(t.Context(), w.Broker().Again(l), other)); got != permanente.WrongCode {
				t.Errorf("got %q, want wrong_code", got)
			}
		}
	})
}
