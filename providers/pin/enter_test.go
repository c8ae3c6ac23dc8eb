package pin_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/identity"
	"clave/internal/tally"
	"clave/providers/pin"
	"clave/providers/pin/pintest"
	"clave/providers/providertest"

	"github.com/google/go-cmp/cmp"
)

type ctx = context.Context

func TestRightPIN(t *testing.T) {
	t.Parallel()
	w, m := pintest.New(t)
	l := w.Broker().Open(providertest.Party())
	code, person := w.Send(t, l, pintest.Advanced, ""), w.Person(pintest.Advanced)
	m.Calls()
	if got := enter(t, w, l, " "+code[:1]+"-"+code[1:]+" "); got != "" {
		t.Fatalf("got %s, want it taken", got)
	}
	want := &broker.Evidence{
		Method: identity.PIN, Level: identity.Substantial, Person: person, At: w.Now(),
		Factors: []string{"otp", "sms", "mfa"},
	}
	if diff := cmp.Diff(want, w.Broker().Evidence(l)); diff != "" {
		t.Errorf("want less got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"hold to try", "keep challenge"}, m.Calls()); diff != "" {
		t.Errorf("one question and one answer; want less got:\n%s", diff)
	}
	c, _ := m.Challenge(t.Context(), l.Request.ID)
	if c.Secret != nil || c.Half != "" || c.Last3 != "" || c.SpentAt.IsZero() {
		t.Error("the secrets of a spent PIN are still there")
	}
}

func TestRefusedPINs(t *testing.T) {
	t.Parallel()
	t.Run("what cannot be a PIN is no try", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		w.Send(t, l, pintest.Advanced, "")
		m.Calls()
		for _, typed := range []string{"", "A", "ABCD", "A0B", "ÑÑÑ"} {
			if err := w.Enter(t.Context(), w.Broker().Again(l), typed); !errors.Is(err, pin.ErrPIN) {
				t.Errorf("got %v, want %v", err, pin.ErrPIN)
			}
		}
		if calls := m.Calls(); len(calls) != 0 {
			t.Errorf("got the questions %v, want none", calls)
		}
	})
	t.Run("before one was sent", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		if got := enter(t, w, w.Broker().Open(providertest.Party()), pintest.AnyPIN); got != pin.NoPIN {
			t.Errorf("got %q, want %s", got, pin.NoPIN)
		}
	})
	t.Run("an expired one is not looked at and not counted, and another may be sent", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		code := w.Send(t, l, pintest.Advanced, "")
		w.Pass(10 * time.Minute)
		for _, typed := range []string{code, w.Wrong(code)} {
			if got := enter(t, w, l, typed); got != pin.PINExpired {
				t.Errorf("got %q, want %s", got, pin.PINExpired)
			}
		}
		if got := len(w.Trail.Events(audit.KindPINWrong)); got != 0 {
			t.Errorf("got %d counted, want none", got)
		}
		if got := enter(t, w, l, w.Send(t, l, pintest.Advanced, "")); got != "" {
			t.Errorf("got %s, want the next one taken", got)
		}
	})
	t.Run("one that another tab used sends the browser on", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		code := w.Send(t, l, pintest.Advanced, "")
		enter(t, w, l, code)
		for _, typed := range []string{code, w.Wrong(code)} {
			if got := enter(t, w, l, typed); got != pin.Over {
				t.Errorf("got %q, want %s", got, pin.Over)
			}
		}
	})
	t.Run("the one of the person before, after another document was typed in the same login", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		old := w.Send(t, l, pintest.Advanced, "")
		w.Pass(time.Minute)
		code := w.Send(t, l, pintest.Foreigner, "")
		if old != code {
			if got := enter(t, w, l, old); got != pin.WrongPIN {
				t.Errorf("got %q, want %s", got, pin.WrongPIN)
			}
			if e := w.Trail.Events(audit.KindPINWrong); len(e) != 1 || e[0].Person != w.Person(pintest.Foreigner) {
				t.Error("got it counted for somebody else than the person of the PIN")
			}
		}
		enter(t, w, l, code)
		if ev := w.Broker().Evidence(l); ev == nil || ev.Person != w.Person(pintest.Foreigner) {
			t.Errorf("got %+v, want evidence for the person of the last PIN", ev)
		}
	})
}

func TestWrongPINsEndTheLogin(t *testing.T) {
	t.Parallel()
	w, m := pintest.New(t)
	l := w.Broker().Open(providertest.Party())
	code := w.Send(t, l, pintest.Advanced, "")
	for _, want := range []int{4, 3, 2, 1} {
		var denied *pin.Denied
		err := w.Enter(t.Context(), w.Broker().Again(l), w.Wrong(code))
		if !errors.As(err, &denied) || denied.Cause != pin.WrongPIN || denied.Left != want {
			t.Errorf("got %v with %d left, want %d", err, denied.Left, want)
		}
	}
	if got := enter(t, w, l, w.Wrong(code)); got != pin.TriesSpent {
		t.Errorf("got %q, want %s", got, pin.TriesSpent)
	}
	if got := w.Broker().Row(l.Request.ID).Reason; got != broker.TooManyTries {
		t.Errorf("got the reason %q, want %s", got, broker.TooManyTries)
	}
	if c, _ := m.Challenge(t.Context(), l.Request.ID); c.Secret != nil || c.Half != "" {
		t.Error("the secrets outlive the login")
	}
	if got := enter(t, w, l, code); got != pin.Over {
		t.Errorf("got %q for the right one, want %s", got, pin.Over)
	}
	if w.Broker().Evidence(l) != nil {
		t.Error("got evidence after the last try")
	}
	events := w.Trail.Events(audit.KindPINWrong)
	if len(events) != 5 || events[4].Data != (audit.PINWrong{InLogin: 5, InDay: 5}) {
		t.Errorf("got %d events, want five that count", len(events))
	}
}

// setTally writes a tally as it could have come to be.
func setTally(t *testing.T, m *pintest.Memory, of tally.Subject, tally tally.Tally) {
	t.Helper()
	err := m.Tx(t.Context(), func(ctx ctx) error {
		if _, err := m.HoldTally(ctx, of); err != nil {
			return err
		}
		return m.KeepTally(ctx, of, tally)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// miss types wrong PINs in new logins until n were looked at.
func miss(t *testing.T, w *pintest.World, n int) {
	t.Helper()
	for n > 0 {
		l := w.Broker().Open(providertest.Party())
		wrong := w.Wrong(w.Send(t, l, pintest.Advanced, ""))
		for range min(n, 5) {
			enter(t, w, l, wrong)
			n--
		}
	}
}

func TestWrongPINsLockTheMethod(t *testing.T) {
	t.Parallel()
	t.Run("the tenth in a day, whatever the login, locks sending and trying for an hour", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		waiting := w.Broker().Open(providertest.Party())
		code := w.Send(t, waiting, pintest.Advanced, "")
		miss(t, w, 10)
		var denied *pin.Denied
		if err := w.Enter(t.Context(), w.Broker().Again(waiting), code); !errors.As(err, &denied) || denied.Cause != pin.MethodLocked || !denied.Until.Equal(w.Now().Add(time.Hour)) {
			t.Errorf("got %v for the right PIN, want a lock of an hour", err)
		}
		l := w.Broker().Open(providertest.Party())
		if got := send(t, w, l, pintest.Advanced, ""); got != pin.MethodLocked {
			t.Errorf("got %q, want %s", got, pin.MethodLocked)
		}
		if events := w.Trail.Events(audit.KindPINLocked); len(events) != 1 || events[0].Data != (audit.PINLocked{Until: w.Now().Add(time.Hour)}) {
			t.Errorf("got %d events, want one with the end", len(events))
		}
		w.Pass(time.Hour)
		l = w.Broker().Open(providertest.Party())
		if got := enter(t, w, l, w.Send(t, l, pintest.Advanced, "")); got != "" {
			t.Errorf("got %s after the lock, want it taken", got)
		}
	})
	t.Run("it locks nobody else", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		miss(t, w, 10)
		l := w.Broker().Open(providertest.Party())
		if got := enter(t, w, l, w.Send(t, l, pintest.Foreigner, "")); got != "" {
			t.Errorf("got %s, want it taken", got)
		}
	})
	t.Run("success clears nothing", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		miss(t, w, 9)
		l := w.Broker().Open(providertest.Party())
		enter(t, w, l, w.Send(t, l, pintest.Advanced, ""))
		l = w.Broker().Open(providertest.Party())
		if got := enter(t, w, l, w.Wrong(w.Send(t, l, pintest.Advanced, ""))); got != pin.MethodLocked {
			t.Errorf("got %q, want the tenth to lock", got)
		}
	})
	t.Run("the hundredth in a month locks until the citizen proves otherwise who they are", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.New(t)
		of := tally.Subject{Kind: tally.WrongPINs, Value: string(w.Person(pintest.Advanced))}
		almost := tally.Tally{}
		for i := range 99 {
			almost.Times = append(almost.Times, w.Now().Add(time.Duration(i-99)*7*time.Hour))
		}
		setTally(t, m, of, almost)
		miss(t, w, 1)
		w.Pass(5 * 365 * 24 * time.Hour)
		l := w.Broker().Open(providertest.Party())
		var denied *pin.Denied
		if err := w.Obtain(t.Context(), l, w.Citizens.Pair(pintest.Advanced), ""); !errors.As(err, &denied) || !denied.Until.Equal(tally.Indefinitely()) {
			t.Errorf("got %v, want a lock without end", err)
		}
		if events := w.Trail.Events(audit.KindPINLocked); len(events) != 1 || events[0].Data != (audit.PINLocked{}) {
			t.Errorf("got %d events, want one without end", len(events))
		}
		l = w.Broker().Open(providertest.Party())
		err := w.Broker().Tx(t.Context(), func(ctx context.Context) error {
			return pin.Locks{Tallies: m, Now: w.Now}.Unlock(ctx, w.Person(pintest.Advanced))
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := enter(t, w, l, w.Send(t, l, pintest.Advanced, "")); got != "" {
			t.Errorf("got %s after unlocking, want it taken", got)
		}
	})
	t.Run("a PIN from before the citizen proved otherwise who they are is void", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.New(t)
		stolen := w.Broker().Open(providertest.Party())
		code := w.Send(t, stolen, pintest.Advanced, "")
		w.Pass(time.Second)
		err := w.Broker().Tx(t.Context(), func(ctx context.Context) error {
			return pin.Locks{Tallies: m, Now: w.Now}.Unlock(ctx, w.Person(pintest.Advanced))
		})
		if err != nil {
			t.Fatal(err)
		}
		for wrong := range 3 { // wrong PINs in other logins do not bring it back
			if got := enter(t, w, stolen, code); got != pin.PINExpired {
				t.Errorf("got %q after %d wrong PINs, want it void", got, wrong)
			}
			w.Pass(time.Minute)
			other := w.Broker().Open(providertest.Party())
			if got := enter(t, w, other, w.Wrong(w.Send(t, other, pintest.Advanced, ""))); got != pin.WrongPIN {
				t.Errorf("got %q, want a wrong PIN", got)
			}
		}
	})
}

func TestNothingIsTriedInALoginThatIsOver(t *testing.T) {
	t.Parallel()
	w, m := pintest.New(t)
	l := w.Broker().Open(providertest.Party())
	code := w.Send(t, l, pintest.Advanced, "")
	err := w.Broker().Tx(t.Context(), func(ctx context.Context) error {
		return w.Broker().End(ctx, w.Broker().Again(l), broker.Cancelled)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{w.Wrong(code), code} {
		if got := enter(t, w, l, typed); got != pin.Over {
			t.Errorf("got %q, want %q", got, pin.Over)
		}
	}
	wrong, err := m.Tally(t.Context(), tally.Subject{Kind: tally.WrongPINs, Value: string(w.Person(pintest.Advanced))})
	if err != nil || len(wrong.Times) != 0 {
		t.Errorf("got %d counted, %v; want none", len(wrong.Times), err)
	}
}
