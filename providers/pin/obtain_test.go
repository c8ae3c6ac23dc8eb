package pin_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/notify"
	"clave/providers/pin"
	"clave/providers/pin/pintest"
	"clave/providers/providertest"

	"github.com/google/go-cmp/cmp"
)

func send(t testing.TB, w *pintest.World, l *broker.Login, number, half string) pin.Cause {
	t.Helper()
	return cause(t, w.Obtain(t.Context(), w.Broker().Again(l), w.Citizens.Pair(number), half))
}

func enter(t testing.TB, w *pintest.World, l *broker.Login, code string) pin.Cause {
	t.Helper()
	return cause(t, w.Enter(t.Context(), w.Broker().Again(l), code))
}

func TestMessage(t *testing.T) {
	t.Parallel()
	w, m := pintest.New(t)
	l := w.Broker().Open(providertest.Party())
	code := w.Send(t, l, pintest.Advanced, "qjx7")
	got := w.Outbox.Messages()[0]
	want := notify.Message{
		Kind: notify.SMS, Purpose: "pin", To: "+34600000001", Code: code, Language: "en", Urgent: true,
		ExpiresAt: w.Now().Add(10 * time.Minute), Replaces: "pin:" + string(l.Request.ID), RelyingParty: "town",
		Body: got.Body,
	}
	if got != want {
		t.Error("got another message than the one wanted; its fields are personal")
	}
	for _, part := range []string{code + " is your Cl@ve PIN", "12:00", "10 min", "Example Town Hall", "@clave.example #" + code} {
		if !strings.Contains(got.Body, part) {
			t.Errorf("the message lacks %q", part)
		}
	}
	if c, _ := m.Challenge(t.Context(), l.Request.ID); c.Half != "QJX7" || c.Last3 != "001" {
		t.Errorf("got the half %q and the end %q, want QJX7 and 001", c.Half, c.Last3)
	}
}

func TestOwnHalfStaysHere(t *testing.T) {
	t.Parallel()
	w, _ := pintest.New(t)
	l := w.Broker().Open(providertest.Party())
	code := w.Send(t, l, pintest.Advanced, "QJX7")
	enter(t, w, l, w.Wrong(code))
	w.Pass(time.Minute)
	code = w.Send(t, l, pintest.Advanced, "")
	enter(t, w, l, code)
	var said strings.Builder
	for _, m := range w.Outbox.Messages() {
		fmt.Fprintln(&said, m.Body, m.Code, m.Subject, m.Replaces, m.ID)
	}
	for _, kind := range []audit.Kind{audit.KindPINRequested, audit.KindPINWrong} {
		events := w.Trail.Events(kind)
		if len(events) == 0 {
			t.Errorf("got no event %s", kind)
		}
		for _, e := range events {
			fmt.Fprintf(&said, "%+v %+v\n", e, e.Data)
		}
	}
	said.WriteString(w.Log.String())
	if strings.Contains(strings.ToUpper(said.String()), "QJX7") {
		t.Error("the citizen's own half is in a message, an event or the log")
	}
	if strings.Contains(w.Log.String(), code) || strings.Contains(w.Log.String(), "600000001") {
		t.Error("the PIN or the phone is in the log")
	}
}

func TestHalf(t *testing.T) {
	t.Parallel()
	half := func(t *testing.T, m *pintest.Memory, l *broker.Login) string {
		c, err := m.Challenge(t.Context(), l.Request.ID)
		if err != nil {
			t.Fatal(err)
		}
		return c.Half
	}
	t.Run("who does not choose gets one", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		w.Send(t, l, pintest.Advanced, "")
		if _, err := pin.ParseHalf(half(t, m, l)); err != nil {
			t.Error(err)
		}
	})
	t.Run("requesting again keeps it, choosing another changes it", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		for _, step := range []struct{ chosen, want string }{{"WXYZ", "WXYZ"}, {"", "WXYZ"}, {"a1b2", "A1B2"}} {
			w.Send(t, l, pintest.Advanced, step.chosen)
			if got := half(t, m, l); got != step.want {
				t.Errorf("got %s, want %s", got, step.want)
			}
			w.Pass(time.Minute)
		}
	})
	t.Run("another person in the same browser does not inherit it", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		w.Send(t, l, pintest.Advanced, "WXYZ")
		w.Pass(time.Minute)
		w.Send(t, l, pintest.Foreigner, "")
		if got := half(t, m, l); got == "WXYZ" {
			t.Error("got the half of the person before")
		}
	})
	t.Run("one that cannot be is refused before anything is done", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		if err := w.Obtain(t.Context(), l, w.Citizens.Pair(pintest.Advanced), "AÑO1"); !errors.Is(err, pin.ErrHalf) {
			t.Errorf("got %v, want %v", err, pin.ErrHalf)
		}
		if calls := m.Calls(); len(calls) != 0 {
			t.Errorf("got the questions %v, want none", calls)
		}
	})
	t.Run("a PIN is good only with its half", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		code := w.Send(t, l, pintest.Advanced, "WXYZ")
		err := m.Tx(t.Context(), func(ctx ctx) error {
			held, err := m.HoldToTry(ctx, l.Request.ID)
			held.Challenge.Half = "WXYA" // as somebody with access to the database could
			return errors.Join(err, m.KeepChallenge(ctx, held.Challenge))
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := enter(t, w, l, code); got != pin.WrongPIN {
			t.Errorf("got %q, want %s", got, pin.WrongPIN)
		}
	})
}

func TestSendLimits(t *testing.T) {
	t.Parallel()
	t.Run("three in a login, 30 seconds apart", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		for _, step := range []struct {
			pass time.Duration
			want pin.Cause
		}{
			{0, ""}, {29 * time.Second, pin.TooSoon}, {time.Second, ""}, {time.Second, pin.TooSoon},
			{29 * time.Second, ""}, {30 * time.Second, pin.NoSendsLeft}, {9 * time.Minute, pin.NoSendsLeft},
		} {
			w.Pass(step.pass)
			if got := send(t, w, l, pintest.Advanced, ""); got != step.want {
				t.Errorf("got %q, want %q", got, step.want)
			}
		}
	})
	t.Run("another document in the same login does not get three more", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		for _, number := range []string{pintest.Advanced, pintest.Foreigner, pintest.Advanced} {
			w.Send(t, l, number, "")
			w.Pass(time.Minute)
		}
		if got := send(t, w, l, pintest.Foreigner, ""); got != pin.NoSendsLeft {
			t.Errorf("got %q, want %s", got, pin.NoSendsLeft)
		}
	})
	t.Run("ten to a phone in a day, whatever the login", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		for range 10 {
			w.Send(t, w.Broker().Open(providertest.Party()), pintest.Advanced, "")
			w.Pass(time.Hour)
		}
		l := w.Broker().Open(providertest.Party())
		if got := send(t, w, l, pintest.Advanced, ""); got != pin.PhoneFull {
			t.Errorf("got %q, want %s", got, pin.PhoneFull)
		}
		w.Send(t, l, pintest.Foreigner, "")
		w.Pass(14 * time.Hour)
		w.Send(t, w.Broker().Open(providertest.Party()), pintest.Advanced, "")
	})
	t.Run("an installation whose phones ring nobody may allow more", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		w.PhoneLimit = 12
		for range 12 {
			w.Send(t, w.Broker().Open(providertest.Party()), pintest.Advanced, "")
		}
		if got := send(t, w, w.Broker().Open(providertest.Party()), pintest.Advanced, ""); got != pin.PhoneFull {
			t.Errorf("got %q, want %s", got, pin.PhoneFull)
		}
	})
	t.Run("the budget is asked for country and service, once for each message", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		w.Send(t, l, pintest.European, "")
		send(t, w, l, pintest.European, "") // too soon: nothing is sent
		if diff := cmp.Diff([]string{"sms:country:33", "sms:rp:town"}, w.Budget.Asked()); diff != "" {
			t.Errorf("want less got:\n%s", diff)
		}
	})
	t.Run("no message goes out of a spent budget, and nothing is counted", func(t *testing.T) {
		t.Parallel()
		for _, key := range []string{"sms:country:34", "sms:rp:town"} {
			w, m := pintest.New(t)
			w.Budget.Close(key)
			l := w.Broker().Open(providertest.Party())
			if got := send(t, w, l, pintest.Advanced, ""); got != pin.NoBudget {
				t.Errorf("%s: got %q, want %s", key, got, pin.NoBudget)
			}
			if c, _ := m.Challenge(t.Context(), l.Request.ID); c.Login != "" || len(w.Outbox.Messages()) > 0 {
				t.Errorf("%s: got something left behind", key)
			}
		}
	})
}

func TestObtainLooksAgain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*census.Candidate)
		want   pin.Cause
	}{
		{"withdrawn since the pair was typed", func(c *census.Candidate) { c.State = identity.Withdrawn }, pin.Refused},
		{"the phone was lost to another", func(c *census.Candidate) { c.State = identity.PhoneRevoked }, pin.Refused},
		{"the document was renewed, so the pair is no more", func(c *census.Candidate) { c.Reference.ValidityDate.Year++ }, pin.WrongPair},
		{"died", func(c *census.Candidate) { c.Deceased = true }, pin.WrongPair},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, _ := pintest.New(t)
			l, pair := w.Broker().Open(providertest.Party()), w.Citizens.Pair(pintest.Advanced)
			if got := check(t, w, l, pair); got != "" {
				t.Fatalf("got %s, want the pair taken", got)
			}
			w.Citizens.Change(pintest.Advanced, test.change)
			if got := cause(t, w.Obtain(t.Context(), l, pair, "")); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if got := len(w.Outbox.Messages()); got != 0 {
				t.Errorf("got %d messages, want none", got)
			}
		})
	}
}

func TestObtainInEndedLogin(t *testing.T) {
	t.Parallel()
	t.Run("nothing is sent after the PIN was used", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		enter(t, w, l, w.Send(t, l, pintest.Advanced, ""))
		w.Pass(time.Minute)
		if got := send(t, w, l, pintest.Advanced, ""); got != pin.Over {
			t.Errorf("got %q, want %s", got, pin.Over)
		}
	})
	t.Run("nothing is sent when the time of the login is over", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		w.Pass(broker.DefaultLifetimes().Login)
		if got := send(t, w, l, pintest.Advanced, ""); got != pin.Over {
			t.Errorf("got %q, want %s", got, pin.Over)
		}
	})
	t.Run("nothing is sent in a login that was left", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		err := w.Broker().Tx(t.Context(), func(ctx ctx) error { return w.Broker().End(ctx, l, broker.Cancelled) })
		if err != nil {
			t.Fatal(err)
		}
		if got := send(t, w, l, pintest.Advanced, ""); got != pin.Over {
			t.Errorf("got %q, want %s", got, pin.Over)
		}
		if c, _ := m.Challenge(t.Context(), l.Request.ID); c.Login != "" || len(w.Outbox.Messages()) > 0 {
			t.Error("got something left behind")
		}
	})
}
