package pin_test

import (
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/internal/tally"
	"clave/notify"
	"clave/providers/pin"
	"clave/providers/pin/pintest"
	"clave/providers/providertest"

	"github.com/google/go-cmp/cmp"
)

// withApp gives the first sample citizen the app.
func withApp(w *pintest.World) *pintest.Apps {
	return w.GiveApp(w.Person(pintest.Advanced))
}

// toApp obtains a PIN that the app shows.
func toApp(t *testing.T, w *pintest.World, l *broker.Login) string {
	t.Helper()
	if err := w.Obtain(t.Context(), w.Broker().Again(l), w.Citizens.Pair(pintest.Advanced), ""); err != nil {
		t.Fatal(err)
	}
	return shown(t, w)[0]
}

// shown are the PINs in the first citizen's app.
func shown(t *testing.T, w *pintest.World) []string {
	t.Helper()
	challenges, err := w.Showing(t.Context(), w.Person(pintest.Advanced))
	if err != nil {
		t.Fatal(err)
	}
	pins := []string{}
	for _, c := range challenges {
		pins = append(pins, c.Shown.PIN)
	}
	return pins
}

func TestAPINInTheApp(t *testing.T) {
	t.Parallel()
	w, _ := pintest.New(t)
	apps, l := withApp(w), w.Broker().Open(providertest.Party())
	code := toApp(t, w, l)
	if len(w.Outbox.Messages()) != 0 || len(apps.Woken()) != 1 {
		t.Errorf("%d messages left, %d apps were woken", len(w.Outbox.Messages()), len(apps.Woken()))
	}
	if strings.Contains(w.Log.String(), code) {
		t.Error("the log tells the PIN")
	}
	if got := enter(t, w, l, code); got != "" {
		t.Fatalf("got %s, want it taken", got)
	}
	if diff := cmp.Diff([]string{"otp", "mfa"}, w.Broker().Evidence(l).Factors); diff != "" {
		t.Errorf("no SMS was part of it; want less got:\n%s", diff)
	}
}

func TestWhatAnAppShows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(t *testing.T, w *pintest.World, l *broker.Login, code string)
		want int
	}{
		{"a PIN that waits", func(*testing.T, *pintest.World, *broker.Login, string) {}, 1},
		{"nothing when it was used", func(t *testing.T, w *pintest.World, l *broker.Login, code string) { enter(t, w, l, code) }, 0},
		{"nothing when it is too old", func(_ *testing.T, w *pintest.World, _ *broker.Login, _ string) { w.Pass(pin.Lifetime) }, 0},
		{"the newer one alone", func(t *testing.T, w *pintest.World, l *broker.Login, _ string) {
			w.Pass(time.Minute)
			toApp(t, w, l)
		}, 1},
		{"nothing when an SMS was asked for instead", func(t *testing.T, w *pintest.World, l *broker.Login, code string) {
			if err := w.ObtainBySMS(t.Context(), w.Broker().Again(l), w.Citizens.Pair(pintest.Advanced), ""); err != nil {
				t.Fatal(err)
			}
			sent := w.Outbox.Messages()
			if len(sent) != 1 || sent[0].Kind != notify.SMS {
				t.Fatalf("got %d messages, want one SMS", len(sent))
			}
			if got := enter(t, w, l, code); code != sent[0].Code && got != pin.WrongPIN {
				t.Errorf("the app's PIN is %q, want it void", got)
			}
		}, 0},
		{"nothing when the last try was wrong", func(t *testing.T, w *pintest.World, l *broker.Login, code string) {
			for range 5 {
				enter(t, w, l, w.Wrong(code))
			}
		}, 0},
		{"nothing that a change of phone voided", func(t *testing.T, w *pintest.World, _ *broker.Login, _ string) {
			w.Pass(time.Second)
			of := tally.Subject{Kind: tally.WrongPINs, Value: string(w.Person(pintest.Advanced))}
			err := w.Provider.Broker.Tx(t.Context(), func(ctx ctx) error {
				if _, err := w.Tallies.HoldTally(ctx, of); err != nil {
					return err
				}
				return w.Tallies.KeepTally(ctx, of, tally.Tally{LockedUntil: w.Now()})
			})
			if err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"nothing of what another citizen asked for", func(t *testing.T, w *pintest.World, _ *broker.Login, _ string) {
			w.GiveApp(w.Person(pintest.Foreigner))
			other := w.Broker().Open(providertest.Party())
			if err := w.Obtain(t.Context(), other, w.Citizens.Pair(pintest.Foreigner), ""); err != nil {
				t.Fatal(err)
			}
		}, 1},
		{"both of two logins", func(t *testing.T, w *pintest.World, _ *broker.Login, _ string) {
			toApp(t, w, w.Broker().Open(providertest.Party()))
		}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, _ := pintest.New(t)
			withApp(w)
			l := w.Broker().Open(providertest.Party())
			c.do(t, w, l, toApp(t, w, l))
			if got := shown(t, w); len(got) != c.want {
				t.Errorf("the app shows %d PINs, want %d", len(got), c.want)
			}
		})
	}
}

func TestPINsInTheAppCostNoBudget(t *testing.T) {
	t.Parallel()
	w, _ := pintest.New(t)
	withApp(w)
	w.Budget.Close("sms:country:34")
	l := w.Broker().Open(providertest.Party())
	toApp(t, w, l)
	if got := cause(t, w.ObtainBySMS(t.Context(), w.Broker().Again(l), w.Citizens.Pair(pintest.Advanced), "")); got != pin.NoBudget {
		t.Errorf("an SMS instead: got %q, want %s", got, pin.NoBudget)
	}
	if len(shown(t, w)) != 1 {
		t.Error("a refused SMS voided the app's PIN")
	}
}

func TestPageOfAPINInTheApp(t *testing.T) {
	t.Parallel()
	w, logins, b := site(t, 1)
	l := logins[0]
	withApp(w)
	toObtain(b, l)
	b.Get(root(l) + "/pin/obtain")
	b.Says("If you have the Cl@ve app, it will show the PIN")
	enter, sms := root(l)+"/pin/enter", root(l)+"/pin/sms"
	b.Goes(enter, root(l)+"/pin/obtain")
	b.Get(enter)
	b.Says("The Cl@ve app on your activated devices", "three characters that the app shows", "ends in 001", `action="`+sms+`"`)
	b.Lacks(shown(t, w)[0], `action="`+root(l)+`/pin/again"`, "We sent it by SMS")
	b.Goes(enter, sms)
	b.Get(enter)
	b.Says("We sent it by SMS", `action="`+root(l)+`/pin/again"`)
	b.Lacks(`action="`+sms+`"`, "The Cl@ve app")
	b.Goes(root(l), enter, "pin", w.Outbox.Messages()[0].Code)
}

func TestExpiredPINInTheApp(t *testing.T) {
	t.Parallel()
	w, logins, b := site(t, 1)
	l := logins[0]
	withApp(w)
	toObtain(b, l)
	b.Goes(root(l)+"/pin/enter", root(l)+"/pin/obtain")
	w.Pass(pin.Lifetime)
	b.Get(root(l) + "/pin/enter")
	b.Says("The PIN is no longer valid", "Request another PIN", "Request an SMS")
	b.Goes(root(l)+"/pin/enter", root(l)+"/pin/again")
	b.Goes(root(l), root(l)+"/pin/enter", "pin", shown(t, w)[0])
}
