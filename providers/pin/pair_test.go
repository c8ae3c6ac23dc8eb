package pin_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/broker/registry"
	"clave/census"
	"clave/census/pair"
	"clave/identity"
	"clave/internal/tally"
	"clave/providers/pin"
	"clave/providers/pin/pintest"
	"clave/providers/providertest"

	"github.com/google/go-cmp/cmp"
)

// cause is why something was denied, "" for nothing.
func cause(t testing.TB, err error) pin.Cause {
	t.Helper()
	var denied *pin.Denied
	if err != nil && !errors.As(err, &denied) {
		t.Fatalf("got %v, want a refusal or nothing", err)
	}
	if denied == nil {
		return ""
	}
	return denied.Cause
}

func check(t testing.TB, w *pintest.World, l *broker.Login, typed pair.Pair) pin.Cause {
	t.Helper()
	_, err := w.Check(t.Context(), l, typed)
	return cause(t, err)
}

func TestWrongPairsLookAlike(t *testing.T) {
	t.Parallel()
	deceased := func(w *pintest.World) pair.Pair { return w.Citizens.Pair(pintest.Dead) }
	wrong := func(number string) func(*pintest.World) pair.Pair {
		return func(*pintest.World) pair.Pair { return pintest.WrongPair(number) }
	}
	pairs := []struct {
		name string
		pair func(*pintest.World) pair.Pair
	}{
		{"a registered person's document", wrong(pintest.Advanced)},
		{"a document in no register", wrong(pintest.Nobody)},
		{"a permanent DNI, asked for its validity date", wrong(pintest.Basic)},
		{"the document of somebody not registered", wrong(pintest.Stranger)},
		{"the document of somebody who withdrew", wrong(pintest.Gone)},
		{"a NIE", wrong(pintest.Foreigner)},
		{"a deceased person's document with the right date", deceased},
		{"the same with a wrong date", wrong(pintest.Dead)},
	}
	type trace struct {
		Cause pin.Cause
		Until time.Time
		Calls []string
	}
	follow := func(t *testing.T, typed func(*pintest.World) pair.Pair, ask func(*testing.T, *pintest.World, *broker.Login, pair.Pair) error) []trace {
		w, m := pintest.New(t)
		var traces []trace
		for range 7 { // beyond the limit
			l := w.Broker().Open(providertest.Party())
			m.Calls()
			err := ask(t, w, l, typed(w))
			var denied *pin.Denied
			if !errors.As(err, &denied) {
				t.Fatalf("got %v, want a refusal", err)
			}
			traces = append(traces, trace{denied.Cause, denied.Until, m.Calls()})
		}
		return traces
	}
	asks := map[string]func(*testing.T, *pintest.World, *broker.Login, pair.Pair) error{
		"when the datum is typed": func(t *testing.T, w *pintest.World, l *broker.Login, typed pair.Pair) error {
			_, err := w.Check(t.Context(), l, typed)
			return err
		},
		"when a PIN is asked for": func(t *testing.T, w *pintest.World, l *broker.Login, typed pair.Pair) error {
			return w.Obtain(t.Context(), l, typed, "")
		},
	}
	for when, ask := range asks {
		want := follow(t, pairs[0].pair, ask)
		for i, step := range want {
			expected := pin.WrongPair
			if i >= 4 {
				expected = pin.PairLocked
			}
			if step.Cause != expected {
				t.Errorf("%s, pair %d: got %s, want %s", when, i+1, step.Cause, expected)
			}
		}
		for _, p := range pairs[1:] {
			t.Run(when+" "+p.name, func(t *testing.T) {
				t.Parallel()
				if diff := cmp.Diff(want, follow(t, p.pair, ask)); diff != "" {
					t.Errorf("it can be told from a registered person's, which less this is:\n%s", diff)
				}
			})
		}
	}
}

func TestPairLimit(t *testing.T) {
	t.Parallel()
	t.Run("a right pair does not pass a limit that is reached, and asks nothing more than a wrong one", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		for range 5 {
			check(t, w, l, pintest.WrongPair(pintest.Advanced))
		}
		m.Calls()
		if got := check(t, w, l, w.Citizens.Pair(pintest.Advanced)); got != pin.PairLocked {
			t.Errorf("got %q, want %s", got, pin.PairLocked)
		}
		right := m.Calls()
		check(t, w, l, pintest.WrongPair(pintest.Advanced))
		if diff := cmp.Diff(right, m.Calls()); diff != "" {
			t.Errorf("right less wrong:\n%s", diff)
		}
		if got := cause(t, w.Obtain(t.Context(), l, w.Citizens.Pair(pintest.Advanced), "")); got != pin.PairLocked {
			t.Errorf("got %q when asking for a PIN, want %s", got, pin.PairLocked)
		}
	})
	t.Run("it opens when the first of the hour is an hour old", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		var err error
		for range 5 {
			_, err = w.Check(t.Context(), l, pintest.WrongPair(pintest.Advanced))
			w.Pass(time.Minute)
		}
		var denied *pin.Denied
		if !errors.As(err, &denied) || !denied.Until.Equal(w.Now().Add(55*time.Minute)) {
			t.Fatalf("got %v until %v, want a lock of 55 minutes more", err, denied.Until)
		}
		w.Pass(55 * time.Minute)
		if got := check(t, w, l, w.Citizens.Pair(pintest.Advanced)); got != "" {
			t.Errorf("got %s, want the pair taken", got)
		}
	})
	t.Run("twenty in a day are the most, however slowly they come", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		looked := 0
		for range 24 * 6 {
			check(t, w, l, pintest.WrongPair(pintest.Nobody))
			w.Pass(10 * time.Minute)
			looked = len(w.Trail.Events(audit.KindPairWrong))
		}
		if looked != 20 {
			t.Errorf("got %d looked at in a day, want 20", looked)
		}
	})
	t.Run("a right pair clears nothing and counts nothing", func(t *testing.T) {
		t.Parallel()
		w, m := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		for range 4 {
			check(t, w, l, pintest.WrongPair(pintest.Advanced))
		}
		m.Calls()
		check(t, w, l, w.Citizens.Pair(pintest.Advanced))
		if diff := cmp.Diff([]string{"tally pair", "candidate"}, m.Calls()); diff != "" {
			t.Errorf("want less got:\n%s", diff)
		}
		if got := check(t, w, l, pintest.WrongPair(pintest.Advanced)); got != pin.PairLocked {
			t.Errorf("got %s, want the fifth wrong one to lock", got)
		}
	})
	t.Run("pairs tried all at once are counted one after the other", func(t *testing.T) {
		t.Parallel()
		for _, number := range []string{pintest.Advanced, pintest.Nobody} {
			w, _ := pintest.New(t)
			var group sync.WaitGroup
			for i := range 100 {
				group.Go(func() {
					l := w.Broker().Open(providertest.Party())
					if i%2 == 0 {
						check(t, w, l, pintest.WrongPair(number))
						return
					}
					cause(t, w.Obtain(t.Context(), l, pintest.WrongPair(number), ""))
				})
			}
			group.Wait()
			if got := len(w.Trail.Events(audit.KindPairWrong)); got != 5 {
				t.Errorf("got %d looked at, want 5", got)
			}
		}
	})
	t.Run("no two are looked at in the same moment, or a right one would slip through before the wrong ones are counted", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		crowd := &crowdedRegister{Register: w.Pairs.Register}
		w.Pairs.Register = crowd
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() { check(t, w, w.Broker().Open(providertest.Party()), pintest.WrongPair(pintest.Nobody)) })
		}
		group.Wait()
		if got := crowd.most.Load(); got != 1 {
			t.Errorf("got %d at once, want 1", got)
		}
	})
	t.Run("who leaves while waiting is not counted", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		gone, leave := context.WithCancel(t.Context())
		w.Pairs.Register = leavingRegister{w.Pairs.Register, leave, func() error {
			_, err := w.Check(gone, w.Broker().Open(providertest.Party()), pintest.WrongPair(pintest.Nobody))
			return err
		}, t}
		check(t, w, w.Broker().Open(providertest.Party()), pintest.WrongPair(pintest.Nobody))
		if got := len(w.Trail.Events(audit.KindPairWrong)); got != 1 {
			t.Errorf("got %d counted, want the one that waited for its answer", got)
		}
	})
	t.Run("reaching it is recorded once", func(t *testing.T) {
		t.Parallel()
		w, _ := pintest.New(t)
		l := w.Broker().Open(providertest.Party())
		for range 9 {
			check(t, w, l, pintest.WrongPair(pintest.Nobody))
		}
		if got := w.Trail.Events(audit.KindPairLimitReached); len(got) != 1 || got[0].Personal.Document != pintest.Document(pintest.Nobody) {
			t.Errorf("got %d events, want one with the document", len(got))
		}
	})
}

func TestDeceased(t *testing.T) {
	t.Parallel()
	w, _ := pintest.New(t)
	l := w.Broker().Open(providertest.Party())
	if got := check(t, w, l, w.Citizens.Pair(pintest.Dead)); got != pin.WrongPair {
		t.Errorf("got %q, want %s", got, pin.WrongPair)
	}
	events := w.Trail.Events(audit.KindDeceasedUsed)
	if len(events) != 1 || events[0].Person != w.Person(pintest.Dead) || events[0].Login != string(l.Request.ID) {
		t.Errorf("got %d alarms, want one with person and login", len(events))
	}
	if log := w.Log.String(); !strings.Contains(log, `"level":"WARN"`) || strings.Contains(log, pintest.Dead) {
		t.Errorf("got the log %s, want a warning without the document", log)
	}
}

func TestRightPairIsToldEverything(t *testing.T) {
	t.Parallel()
	substantial := func(p *registry.RelyingParty) { p.MinimumLevel = identity.Substantial }
	advanced := func(p *registry.RelyingParty) { p.MinimumRegistration = identity.Advanced }
	high := func(p *registry.RelyingParty) { p.MinimumLevel = identity.High }
	plain := func(*registry.RelyingParty) {}
	tests := []struct {
		name   string
		number string
		party  func(*registry.RelyingParty)
		want   broker.Reason
	}{
		{"registered at an office", pintest.Advanced, plain, ""},
		{"registered by letter, at a service that takes that", pintest.Basic, plain, ""},
		{"a foreigner card", pintest.Foreigner, substantial, ""},
		{"an EU certificate", pintest.European, advanced, ""},
		{"not registered", pintest.Stranger, plain, broker.NotRegistered},
		{"withdrew", pintest.Gone, plain, broker.HasWithdrawn},
		{"the phone is another's now", pintest.NoPhone, plain, broker.LostPhone},
		{"revoked ex officio", pintest.Expelled, plain, broker.IsRevoked},
		{"registered by letter, and the service demands more", pintest.Basic, substantial, broker.LevelUnmet},
		{"registered by letter, and the service demands another registration", pintest.Basic, advanced, broker.RegistrationUnmet},
		{"no PIN reaches the level", pintest.Advanced, high, broker.LevelUnmet},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, _ := pintest.New(t)
			party := providertest.Party()
			test.party(party)
			l := w.Broker().Open(party)
			for when, err := range map[string]error{
				"typed": func() error { _, err := w.Check(t.Context(), l, w.Citizens.Pair(test.number)); return err }(),
				"sent":  w.Obtain(t.Context(), l, w.Citizens.Pair(test.number), ""),
			} {
				var denied *pin.Denied
				if !errors.As(err, &denied) {
					if err != nil || test.want != "" {
						t.Errorf("%s: got %v, want %q", when, err, test.want)
					}
					continue
				}
				if denied.Cause != pin.Refused || denied.Reason != test.want {
					t.Errorf("%s: got %s %q, want %q", when, denied.Cause, denied.Reason, test.want)
				}
			}
			if sent := len(w.Outbox.Messages()); (sent > 0) != (test.want == "") {
				t.Errorf("got %d messages", sent)
			}
			if got := len(w.Trail.Events(audit.KindPairWrong)); got != 0 {
				t.Errorf("got %d wrong pairs counted, want none", got)
			}
		})
	}
}

func TestContrastOfEachKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		number string
		kind   identity.ContrastKind
		value  string
		want   pin.Cause
	}{
		{"a DNI by its validity date", pintest.Advanced, identity.ValidityDate, "2031-10-01", ""},
		{"a DNI by its issue date is no pair, though that is right", pintest.Advanced, identity.IssueDate, "2021-10-01", pin.WrongPair},
		{"a permanent DNI by its issue date", pintest.Basic, identity.IssueDate, "2019-03-05", ""},
		{"a permanent DNI by what all of them say", pintest.Basic, identity.ValidityDate, "9999-01-01", pin.WrongPair},
		{"a foreigner card by its support number", pintest.Foreigner, identity.SupportNumber, "E12345678", ""},
		{"a foreigner card by its validity date is no pair, though that is right", pintest.Foreigner, identity.ValidityDate, "2030-06-01", pin.WrongPair},
		{"an EU certificate without the letter and the zero", pintest.European, identity.SupportNumber, "1234567", ""},
		{"no datum at all", pintest.Advanced, identity.ValidityDate, "", pin.WrongPair},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, _ := pintest.New(t)
			typed := pair.Pair{Document: pintest.Document(test.number), Contrast: census.Contrast{Kind: test.kind, Value: test.value}}
			if got := check(t, w, w.Broker().Open(providertest.Party()), typed); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestPairPrintsMasked(t *testing.T) {
	t.Parallel()
	w, _ := pintest.New(t)
	typed := w.Citizens.Pair(pintest.Advanced)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		if got := fmt.Sprintf(verb, typed); strings.Contains(got, "12345") || strings.Contains(got, "2031") {
			t.Errorf("%s: got %s", verb, got)
		}
	}
}

// crowdedRegister tells how many ask at once.
type crowdedRegister struct {
	pair.Register
	now, most atomic.Int64
}

func (r *crowdedRegister) Pair(ctx context.Context, document identity.DocumentID) (census.Candidate, tally.Tally, error) {
	if n := r.now.Add(1); n > r.most.Load() {
		r.most.Store(n)
	}
	defer r.now.Add(-1)
	for range 50 {
		runtime.Gosched() // let the others come, if they can
	}
	return r.Register.Pair(ctx, document)
}

// leavingRegister is asked while a second request for the same document waits and
// then leaves.
type leavingRegister struct {
	pair.Register
	leave  context.CancelFunc
	second func() error
	t      *testing.T
}

func (r leavingRegister) Pair(ctx context.Context, document identity.DocumentID) (census.Candidate, tally.Tally, error) {
	r.leave()
	if err := r.second(); !errors.Is(err, context.Canceled) {
		r.t.Errorf("got %v, want %v", err, context.Canceled)
	}
	return r.Register.Pair(ctx, document)
}
