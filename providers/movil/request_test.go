package movil_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/notify"
	"clave/providers/movil"
	"clave/providers/movil/moviltest"
	"clave/providers/providertest"
)

// denied fails unless the error is the cause.
func denied(t testing.TB, err error, want movil.Cause) *movil.Denied {
	t.Helper()
	var got *movil.Denied
	if !errors.As(err, &got) || got.Cause != want {
		t.Fatalf("got %v, want it denied as %s", err, want)
	}
	return got
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// attack is a world with a login whose QR is shown.
type attack struct {
	*moviltest.World
	login   *broker.Login
	request movil.Request
	phone   moviltest.Owned // ana's
}

func newAttack(t testing.TB) attack {
	t.Helper()
	w, _ := moviltest.New(t)
	a := attack{World: w, phone: w.Owned(t, moviltest.Advanced)}
	a.login, a.request = a.qr(t, w.Broker().Open(providertest.Party()))
	return a
}

func (a attack) qr(t testing.TB, l *broker.Login) (*broker.Login, movil.Request) {
	t.Helper()
	r, err := a.AskByQR(t.Context(), a.Broker().Again(l), movil.Place{})
	must(t, err)
	return l, r
}

func (a attack) sent(t testing.TB, l *broker.Login, number string) movil.Request {
	t.Helper()
	r, err := a.AskByDocument(t.Context(), a.Broker().Again(l), moviltest.Pair(number), movil.Place{})
	must(t, err)
	return r
}

func (a attack) claim(t testing.TB) {
	t.Helper()
	_, err := a.Claim(t.Context(), a.phone.Device, a.request.Handle(a.Clock.Now()))
	must(t, err)
}

func (a attack) approve(t testing.TB) {
	t.Helper()
	a.claim(t)
	must(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, a.Signed(t, a.phone, a.request.ID)))
}

func (a attack) finish(t testing.TB, l *broker.Login) error {
	return a.World.Provider.Finish(t.Context(), a.Broker().Again(l))
}

func (a attack) proven(t testing.TB, l *broker.Login, want bool) {
	t.Helper()
	if got := a.Broker().Evidence(l) != nil; got != want {
		t.Errorf("got evidence: %v, want %v", got, want)
	}
}

func TestALoginByQR(t *testing.T) {
	t.Parallel()
	a := newAttack(t)
	denied(t, a.finish(t, a.login), movil.NotApproved)
	a.claim(t)
	denied(t, a.finish(t, a.login), movil.NotApproved)
	pending, err := a.Pending(t.Context(), a.phone.Device)
	must(t, err)
	shown := a.Shown(pending, a.phone.Device, movil.Place{}, "en")
	if shown.Service != "Example Town Hall" || shown.Digits != a.request.Asked.Digits || len(shown.Digits) != 3 || !shown.Ready || shown.Type {
		t.Errorf("got %+v", shown)
	}
	a.approve(t)
	a.approve2(t)
	must(t, a.finish(t, a.login))
	ev := a.Broker().Evidence(a.login)
	if ev == nil || ev.Level != identity.Substantial || ev.Person != a.Person(moviltest.Advanced) || !slices.Equal(ev.Factors, []string{"swk", "user", "mfa"}) {
		t.Errorf("got %+v", ev)
	}
	denied(t, a.finish(t, a.login), movil.Gone)
}

// approve2 sends an approval again whose answer got lost.
func (a attack) approve2(t testing.TB) {
	t.Helper()
	must(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, movil.Signed{}))
}

func TestALoginByDocument(t *testing.T) {
	t.Parallel()
	a := newAttack(t)
	l := a.Broker().Open(providertest.Party())
	r := a.sent(t, l, moviltest.Advanced)
	shown := a.Shown(r, a.phone.Device, movil.Place{}, "es")
	if shown.Digits != "" || shown.Ready || !shown.Type {
		t.Errorf("got %+v, want digits to be typed and not shown", shown)
	}
	_, _, err := a.ApproveOptions(t.Context(), a.phone.Device, r.ID)
	denied(t, err, movil.Gone)
	if err := a.Type(t.Context(), a.phone.Device, r.ID, "12"); !errors.Is(err, movil.ErrDigits) {
		t.Errorf("got %v", err)
	}
	must(t, a.Type(t.Context(), a.phone.Device, r.ID, r.Asked.Digits[:1]+" "+r.Asked.Digits[1:]))
	must(t, a.Approve(t.Context(), a.phone.Device, r.ID, a.Signed(t, a.phone, r.ID)))
	must(t, a.finish(t, l))
	a.proven(t, l, true)
}

// wrongDigits are others.
func wrongDigits(r movil.Request) string {
	if r.Asked.Digits == "000" {
		return "001"
	}
	return "000"
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		test func(t *testing.T, a attack)
	}{
		{"what was approved for one browser is not spent by another", func(t *testing.T, a attack) {
			other, _ := a.qr(t, a.Broker().Open(providertest.Party()))
			third := a.Broker().Open(providertest.Party())
			a.approve(t)
			denied(t, a.finish(t, other), movil.NotApproved)
			denied(t, a.finish(t, third), movil.Gone)
			must(t, a.finish(t, a.login))
			a.proven(t, other, false)
		}},
		{"a photograph of the QR is worthless after fifteen seconds", func(t *testing.T, a attack) {
			photograph := a.request.Handle(a.Clock.Now())
			a.Pass(15 * time.Second)
			_, err := a.Claim(t.Context(), a.phone.Device, photograph)
			denied(t, err, movil.Stale)
			a.claim(t) // what the browser shows meanwhile
		}},
		{"a slow camera has ten seconds", func(t *testing.T, a attack) {
			read := a.request.Handle(a.Clock.Now())
			a.Pass(10 * time.Second)
			_, err := a.Claim(t.Context(), a.phone.Device, read)
			must(t, err)
		}},
		{"a QR of the time to come, or that nobody showed, is none", func(t *testing.T, a attack) {
			for _, handle := range []string{
				"", "x", a.request.Handle(a.Clock.Now().Add(5 * time.Second)), string(a.request.ID), a.request.Handle(a.Clock.Now()) + "AA",
				"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", a.request.Handle(a.Clock.Now())[:22] + "AAAAAAAAAAAAAAAA",
			} {
				_, err := a.Claim(t.Context(), a.phone.Device, handle)
				denied(t, err, movil.Stale)
			}
		}},
		{"a request by document is not claimed by a QR that somebody made of it", func(t *testing.T, a attack) {
			r := a.sent(t, a.Broker().Open(providertest.Party()), moviltest.Advanced)
			_, err := a.Claim(t.Context(), a.phone.Device, r.Handle(a.Clock.Now()))
			denied(t, err, movil.Stale)
		}},
		{"a signature for another request of the login is refused", func(t *testing.T, a attack) {
			a.claim(t)
			old := a.Signed(t, a.phone, a.request.ID)
			a.login, a.request = a.qr(t, a.login)
			a.claim(t)
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, old), movil.NoProof)
			a.reason(t, "device_key")
		}},
		{"a signature for another login is refused, and so is half of it", func(t *testing.T, a attack) {
			a.claim(t)
			old := a.Signed(t, a.phone, a.request.ID)
			a.login, a.request = a.qr(t, a.Broker().Open(providertest.Party()))
			a.claim(t)
			now := a.Signed(t, a.phone, a.request.ID)
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, old), movil.NoProof)
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, movil.Signed{Response: old.Response, Signature: now.Signature}), movil.NoProof)
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, movil.Signed{Response: now.Response, Signature: old.Signature}), movil.NoProof)
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, movil.Signed{Response: now.Response}), movil.NoProof)
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, movil.Signed{Signature: now.Signature}), movil.NoProof)
			must(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, now))
		}},
		{"a page elsewhere that asks the same passkey gets nothing", func(t *testing.T, a attack) {
			a.claim(t)
			a.phone.Origin = "https://clave.example.org"
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, a.Signed(t, a.phone, a.request.ID)), movil.NoProof)
			a.reason(t, "passkey")
		}},
		{"a phone that nobody unlocked approves nothing", func(t *testing.T, a attack) {
			a.claim(t)
			a.phone.Unverified = true
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, a.Signed(t, a.phone, a.request.ID)), movil.NoProof)
		}},
		{"a copy of a passkey that counts is noticed", func(t *testing.T, a attack) {
			counting := moviltest.Phone()
			counting.Counter = 5
			a.phone = a.Give(t, moviltest.Advanced, counting)
			a.approve(t)
			a.login, a.request = a.qr(t, a.Broker().Open(providertest.Party()))
			a.claim(t)
			a.phone.Counter = 4
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, a.Signed(t, a.phone, a.request.ID)), movil.NoProof)
			a.reason(t, "counter")
		}},
		{"another person's device takes no request that was taken, and decides nothing", func(t *testing.T, a attack) {
			other := a.Owned(t, moviltest.Second)
			a.claim(t)
			_, err := a.Claim(t.Context(), other.Device, a.request.Handle(a.Clock.Now()))
			denied(t, err, movil.Taken)
			_, _, err = a.ApproveOptions(t.Context(), other.Device, a.request.ID)
			denied(t, err, movil.Gone)
			denied(t, a.Approve(t.Context(), other.Device, a.request.ID, a.Signed(t, a.phone, a.request.ID)), movil.Gone)
			denied(t, a.Reject(t.Context(), other.Device, a.request.ID), movil.Gone)
			denied(t, a.Disown(t.Context(), other.Device, a.request.ID), movil.Gone)
		}},
		{"the device that takes a request over is the only one that approves", func(t *testing.T, a attack) {
			second := a.Give(t, moviltest.Advanced, moviltest.Phone())
			a.claim(t)
			early := a.Signed(t, a.phone, a.request.ID)
			_, err := a.Claim(t.Context(), second.Device, a.request.Handle(a.Clock.Now()))
			must(t, err)
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, early), movil.Gone)
			denied(t, a.Approve(t.Context(), second.Device, a.request.ID, early), movil.NoProof)
			must(t, a.Approve(t.Context(), second.Device, a.request.ID, a.Signed(t, second, a.request.ID)))
			must(t, a.finish(t, a.login))
		}},
		{"who lost the phone to another citizen claims nothing, and is told why", func(t *testing.T, a attack) {
			a.become(moviltest.Advanced, identity.PhoneRevoked)
			_, err := a.Claim(t.Context(), a.phone.Device, a.request.Handle(a.Clock.Now()))
			if d := denied(t, err, movil.Refused); d.Reason != broker.LostPhone {
				t.Errorf("got %s", d.Reason)
			}
			if r, err := a.Watch(t.Context(), a.login); err != nil || r.State != movil.Rejected {
				t.Errorf("got %v, %v; want the browser to be told", r.State, err)
			}
		}},
		{"who is registered too low is told before approving", func(t *testing.T, a attack) {
			party := providertest.Party()
			party.MinimumLevel = identity.Substantial
			basic := a.Owned(t, moviltest.Basic)
			_, r := a.qr(t, a.Broker().Open(party))
			_, err := a.Claim(t.Context(), basic.Device, r.Handle(a.Clock.Now()))
			if d := denied(t, err, movil.Refused); d.Reason != broker.LevelUnmet {
				t.Errorf("got %s", d.Reason)
			}
			_, err = a.AskByDocument(t.Context(), a.Broker().Open(party), moviltest.Pair(moviltest.Basic), movil.Place{})
			denied(t, err, movil.Refused)
		}},
		{"an approval is worth nothing when its device is forgotten", func(t *testing.T, a attack) {
			a.approve(t)
			must(t, a.Forget(t.Context(), a.Person(moviltest.Advanced), a.phone.Device.ID))
			denied(t, a.finish(t, a.login), movil.Gone)
			a.proven(t, a.login, false)
		}},
		{"an approval is worth nothing when the citizen withdraws", func(t *testing.T, a attack) {
			a.approve(t)
			must(t, a.Stores.Tx(t.Context(), func(ctx context.Context) error {
				return a.Stores.Forget(ctx, a.Person(moviltest.Advanced))
			}))
			denied(t, a.finish(t, a.login), movil.Gone)
			a.proven(t, a.login, false)
		}},
		{"a device that is forgotten approves nothing", func(t *testing.T, a attack) {
			a.claim(t)
			signed := a.Signed(t, a.phone, a.request.ID)
			must(t, a.Forget(t.Context(), a.Person(moviltest.Advanced), a.phone.Device.ID))
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, signed), movil.NoDevice)
			_, err := a.Claim(t.Context(), a.phone.Device, a.request.Handle(a.Clock.Now()))
			denied(t, err, movil.NoDevice)
		}},
		{"a device that nobody used for long claims nothing", func(t *testing.T, a attack) {
			a.Pass(a.phone.LapsesAt().Sub(a.Clock.Now()))
			_, r := a.qr(t, a.Broker().Open(providertest.Party()))
			_, err := a.Claim(t.Context(), a.phone.Device, r.Handle(a.Clock.Now()))
			denied(t, err, movil.NoDevice)
		}},
		{"an approval is spent within two minutes", func(t *testing.T, a attack) {
			a.approve(t)
			a.Pass(movil.SpendTime)
			denied(t, a.finish(t, a.login), movil.Gone)
			a.proven(t, a.login, false)
		}},
		{"a request that is too old is neither claimed nor approved", func(t *testing.T, a attack) {
			a.Pass(movil.RequestLifetime - time.Second)
			a.claim(t)
			signed := a.Signed(t, a.phone, a.request.ID)
			a.Pass(time.Second)
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, signed), movil.Gone)
			_, err := a.Claim(t.Context(), a.phone.Device, a.request.Handle(a.Clock.Now()))
			denied(t, err, movil.Gone)
			denied(t, a.finish(t, a.login), movil.Gone)
		}},
		{"a request that was rejected stays so", func(t *testing.T, a attack) {
			a.claim(t)
			signed := a.Signed(t, a.phone, a.request.ID)
			must(t, a.Reject(t.Context(), a.phone.Device, a.request.ID))
			denied(t, a.Approve(t.Context(), a.phone.Device, a.request.ID, signed), movil.Gone)
			denied(t, a.finish(t, a.login), movil.Gone)
		}},
		{"two wrong digits void a request, and the right ones come too late", func(t *testing.T, a attack) {
			l := a.Broker().Open(providertest.Party())
			r := a.sent(t, l, moviltest.Advanced)
			if d := denied(t, a.Type(t.Context(), a.phone.Device, r.ID, wrongDigits(r)), movil.WrongDigits); d.Left != 1 {
				t.Errorf("got %d left", d.Left)
			}
			denied(t, a.Type(t.Context(), a.phone.Device, r.ID, wrongDigits(r)), movil.DigitsSpent)
			denied(t, a.Type(t.Context(), a.phone.Device, r.ID, r.Asked.Digits), movil.Gone)
			denied(t, a.finish(t, l), movil.Gone)
		}},
		{"the digits of a QR cannot be typed instead of reading it", func(t *testing.T, a attack) {
			denied(t, a.Type(t.Context(), a.phone.Device, a.request.ID, a.request.Asked.Digits), movil.Gone)
		}},
		{"nobody's phone rings all day: five requests an hour, fifteen a day", func(t *testing.T, a attack) {
			ask := func() error {
				l := a.Broker().Open(providertest.Party())
				_, err := a.AskByDocument(t.Context(), l, moviltest.Pair(moviltest.Advanced), movil.Place{})
				a.Pass(movil.RequestLifetime)
				return err
			}
			for range 3 {
				for range 5 {
					must(t, ask())
				}
				denied(t, ask(), movil.TooMany)
				a.Pass(time.Hour)
			}
			denied(t, ask(), movil.TooMany)
		}},
		{"another browser's request by document waits for the first", func(t *testing.T, a attack) {
			first := a.Broker().Open(providertest.Party())
			r := a.sent(t, first, moviltest.Advanced)
			_, err := a.AskByDocument(t.Context(), a.Broker().Open(providertest.Party()), moviltest.Pair(moviltest.Advanced), movil.Place{})
			if d := denied(t, err, movil.Waiting); !d.Until.Equal(r.ExpiresAt) {
				t.Errorf("got %v, want %v", d.Until, r.ExpiresAt)
			}
			a.sent(t, first, moviltest.Advanced) // the same login may ask again
			denied(t, a.Type(t.Context(), a.phone.Device, r.ID, r.Asked.Digits), movil.Gone)
		}},
		{"a QR that the citizen reads replaces what somebody else's browser sent", func(t *testing.T, a attack) {
			l := a.Broker().Open(providertest.Party())
			r := a.sent(t, l, moviltest.Advanced)
			a.claim(t)
			denied(t, a.Type(t.Context(), a.phone.Device, r.ID, r.Asked.Digits), movil.Gone)
			if pending, err := a.Pending(t.Context(), a.phone.Device); err != nil || pending.ID != a.request.ID {
				t.Errorf("got %v, %v", pending.ID, err)
			}
		}},
		{"who has no device is told so, and who has a wrong datum nothing", func(t *testing.T, a attack) {
			l := a.Broker().Open(providertest.Party())
			_, err := a.AskByDocument(t.Context(), l, moviltest.Pair(moviltest.Second), movil.Place{})
			denied(t, err, movil.NoDevice)
			for _, number := range []string{moviltest.Second, moviltest.Advanced, moviltest.Nobody} {
				_, err = a.AskByDocument(t.Context(), l, moviltest.WrongPair(number), movil.Place{})
				denied(t, err, movil.WrongPair)
			}
		}},
		{"the limit of wrong pairs is that of every method", func(t *testing.T, a attack) {
			l := a.Broker().Open(providertest.Party())
			for range 4 {
				_, err := a.AskByDocument(t.Context(), l, moviltest.WrongPair(moviltest.Advanced), movil.Place{})
				denied(t, err, movil.WrongPair)
			}
			_, err := a.AskByDocument(t.Context(), l, moviltest.WrongPair(moviltest.Advanced), movil.Place{})
			denied(t, err, movil.PairLocked)
			_, err = a.AskByDocument(t.Context(), l, moviltest.Pair(moviltest.Advanced), movil.Place{})
			denied(t, err, movil.PairLocked)
		}},
		{"who says it was not them ends the login and rests for a day", func(t *testing.T, a attack) {
			l := a.Broker().Open(providertest.Party())
			r := a.sent(t, l, moviltest.Advanced)
			must(t, a.Disown(t.Context(), a.phone.Device, r.ID))
			must(t, a.Disown(t.Context(), a.phone.Device, r.ID))
			if row := a.Broker().Row(l.Request.ID); row.Reason != broker.Disowned {
				t.Errorf("got %q", row.Reason)
			}
			_, err := a.AskByDocument(t.Context(), a.Broker().Open(providertest.Party()), moviltest.Pair(moviltest.Advanced), movil.Place{})
			d := denied(t, err, movil.Blocked)
			until, err := a.BlockedUntil(t.Context(), a.phone.Device)
			if err != nil || !until.Equal(d.Until) || until.Sub(a.Clock.Now()) != 24*time.Hour {
				t.Errorf("got %v, %v", until, err)
			}
			must(t, a.AllowAgain(t.Context(), a.phone.Device))
			a.sent(t, a.Broker().Open(providertest.Party()), moviltest.Advanced)
		}},
		{"who disowns their own requests all day does not send messages all day", func(t *testing.T, a attack) {
			for range 8 {
				_, r := a.qr(t, a.Broker().Open(providertest.Party()))
				_, err := a.Claim(t.Context(), a.phone.Device, r.Handle(a.Clock.Now()))
				must(t, err)
				must(t, a.Disown(t.Context(), a.phone.Device, r.ID))
				must(t, a.AllowAgain(t.Context(), a.phone.Device))
			}
			told := 0
			for _, m := range a.Outbox.Messages() {
				if m.Purpose == "movil_disowned" && m.Kind == notify.SMS {
					told++
				}
			}
			if told != 5 {
				t.Errorf("told %d times, want 5", told)
			}
			until, err := a.BlockedUntil(t.Context(), a.phone.Device)
			if err != nil || !until.IsZero() {
				t.Errorf("got %v, %v; want requests to come again", until, err)
			}
		}},
		{"a login that was disowned asks nothing more", func(t *testing.T, a attack) {
			a.claim(t)
			must(t, a.Disown(t.Context(), a.phone.Device, a.request.ID))
			_, err := a.AskByQR(t.Context(), a.Broker().Again(a.login), movil.Place{})
			denied(t, err, movil.Over)
			_, err = a.AskByDocument(t.Context(), a.Broker().Again(a.login), moviltest.Pair(moviltest.Advanced), movil.Place{})
			denied(t, err, movil.Over)
		}},
		{"an approval that is disowned before it is spent is worth nothing", func(t *testing.T, a attack) {
			a.approve(t)
			must(t, a.Disown(t.Context(), a.phone.Device, a.request.ID))
			if err := a.finish(t, a.login); err == nil {
				t.Error("the approval was spent")
			}
			a.proven(t, a.login, false)
		}},
		{"of two devices that decide at once one wins", func(t *testing.T, a attack) {
			second := a.Give(t, moviltest.Advanced, moviltest.Phone())
			l := a.Broker().Open(providertest.Party())
			r := a.sent(t, l, moviltest.Advanced)
			must(t, a.Type(t.Context(), a.phone.Device, r.ID, r.Asked.Digits))
			signed := a.Signed(t, a.phone, r.ID)
			var group sync.WaitGroup
			var yes, no error
			group.Go(func() { yes = a.Approve(t.Context(), a.phone.Device, r.ID, signed) })
			group.Go(func() { no = a.Reject(t.Context(), second.Device, r.ID) })
			group.Wait()
			if (yes == nil) == (no == nil) {
				t.Errorf("got %v and %v, want one to win", yes, no)
			}
			if err := a.finish(t, l); (err == nil) != (yes == nil) {
				t.Errorf("got %v, want what won to count", err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.test(t, newAttack(t))
		})
	}
}

// reason looks for what the audit trail says of the last wrong proof.
func (a attack) reason(t testing.TB, want string) {
	t.Helper()
	var got string
	for _, e := range a.Trail.Events() {
		if wrong, ok := e.Data.(audit.ProofWrong); ok {
			got = wrong.Why
		}
	}
	if got != want {
		t.Errorf("got %q, want the alarm to say %q", got, want)
	}
}

func (a attack) become(number string, state identity.State) {
	a.Citizens.Change(number, func(c *census.Candidate) { c.State = state })
}

func TestTheAppTellsWhoAsks(t *testing.T) {
	t.Parallel()
	w, _ := moviltest.New(t)
	d := w.Owned(t, moviltest.Advanced).Device
	place := func(address string) movil.Place {
		return movil.Place{Address: netip.MustParseAddr(address), Browser: "Firefox, Windows"}
	}
	tests := []struct {
		name            string
		browser, device movil.Place
		elsewhere       bool
	}{
		{"one home behind one address", place("203.0.113.7"), place("203.0.113.7"), false},
		{"two addresses", place("203.0.113.7"), place("203.0.113.8"), true},
		{"one IPv6 network", place("2001:db8::1"), place("2001:db8::2:1"), false},
		{"two IPv6 networks", place("2001:db8::1"), place("2001:db8:0:1::1"), true},
		{"one of each kind", place("203.0.113.7"), place("2001:db8::1"), true},
		{"nobody knows where the browser is", movil.Place{}, place("203.0.113.7"), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, err := w.AskByQR(t.Context(), w.Broker().Open(providertest.Party()), test.browser)
			must(t, err)
			shown := w.Shown(r, d, test.device, "es")
			if shown.Elsewhere != test.elsewhere || shown.Browser != test.browser.Browser || shown.Service != "Ayuntamiento de Ejemplo" {
				t.Errorf("got %+v", shown)
			}
		})
	}
}
