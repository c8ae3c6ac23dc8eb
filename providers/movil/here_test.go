package movil_test

import (
	"testing"
	"time"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/providers/movil"
	"clave/providers/movil/moviltest"
	"clave/providers/providertest"
)

// signedHere is what a phone that is itself the browser sends.
func signedHere(t testing.TB, w *moviltest.World, l *broker.Login, by moviltest.Owned) movil.Here {
	t.Helper()
	options, challenge := w.HereOptions(l)
	response, err := by.Get(options)
	must(t, err)
	return movil.Here{Challenge: challenge, Response: response, Device: by.Device.ID, Signature: by.Sign(challenge)}
}

func demanding(level identity.Level) *registry.RelyingParty {
	party := providertest.Party()
	party.MinimumLevel = level
	return party
}

func TestHereOnTheDeviceItself(t *testing.T) {
	t.Parallel()
	alone := func(h *movil.Here) { h.Device, h.Signature = "", nil }
	tests := []struct {
		name    string
		synced  bool
		demands identity.Level
		refuse  bool
		change  func(*movil.Here)
		level   identity.Level
		cause   movil.Cause
	}{
		{name: "passkey and device key are worth what they are in the app", demands: identity.Substantial, level: identity.Substantial},
		{name: "a synced passkey with its device key as well", synced: true, demands: identity.Substantial, level: identity.Substantial},
		{name: "a passkey that cannot be copied is enough, as from a phone nearby", demands: identity.Substantial, change: alone, level: identity.Substantial},
		{name: "a synced passkey alone may be anywhere", synced: true, demands: identity.Low, change: alone, level: identity.Low},
		{name: "and does not do where more is demanded", synced: true, demands: identity.Substantial, change: alone, cause: movil.TooLow},
		{name: "nor where the installation refuses it", synced: true, demands: identity.Low, refuse: true, change: alone, cause: movil.TooLow},
		{name: "the key of another device adds nothing", synced: true, demands: identity.Low, change: func(h *movil.Here) { h.Device = "other" }, level: identity.Low},
		{name: "a device key that signed something else is refused", demands: identity.Low, change: func(h *movil.Here) { h.Signature[0] ^= 1 }, cause: movil.NoProof},
		{name: "a device that shows no signature is refused", demands: identity.Low, change: func(h *movil.Here) { h.Signature = nil }, cause: movil.NoProof},
		{name: "no answer at all", demands: identity.Low, change: func(h *movil.Here) { h.Response = nil }, cause: movil.NoProof},
		{name: "no challenge", demands: identity.Low, change: func(h *movil.Here) { h.Challenge = nil }, cause: movil.NoProof},
		{name: "a challenge whose time was moved", demands: identity.Low, change: func(h *movil.Here) { h.Challenge[7]++ }, cause: movil.NoProof},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, _ := moviltest.New(t)
			w.RefuseSynced = test.refuse
			p := moviltest.Phone()
			p.Synced = test.synced
			by := w.Give(t, moviltest.Advanced, p)
			if by.Passkey.BackupEligible != test.synced {
				t.Fatal("the phone is of the other kind")
			}
			l := w.Broker().Open(demanding(test.demands))
			h := signedHere(t, w, l, by)
			if test.change != nil {
				test.change(&h)
			}
			err := w.FinishHere(t.Context(), l, h)
			ev := w.Broker().Evidence(l)
			if test.cause != "" {
				denied(t, err, test.cause)
				if ev != nil {
					t.Errorf("got evidence %+v", *ev)
				}
				return
			}
			must(t, err)
			if ev == nil || ev.Level != test.level || ev.Person != by.Person || ev.Method != identity.Movil {
				t.Errorf("got %+v, want %s", ev, test.level)
			}
		})
	}
}

func TestHereFromTheAttackersSide(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		test func(t *testing.T, w *moviltest.World, by moviltest.Owned)
	}{
		{"what was signed for another login is refused", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			one, two := w.Broker().Open(providertest.Party()), w.Broker().Open(providertest.Party())
			denied(t, w.FinishHere(t.Context(), two, signedHere(t, w, one, by)), movil.NoProof)
		}},
		{"a challenge of this login does not make another's signature good", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			one, two := w.Broker().Open(providertest.Party()), w.Broker().Open(providertest.Party())
			h := signedHere(t, w, one, by)
			_, h.Challenge = w.HereOptions(two)
			denied(t, w.FinishHere(t.Context(), two, h), movil.NoProof)
		}},
		{"what was signed for the same login at another service is refused", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			l := w.Broker().Open(providertest.Party())
			h := signedHere(t, w, l, by)
			other := providertest.Party()
			other.ID = "bank"
			denied(t, w.FinishHere(t.Context(), &broker.Login{Request: l.Request, Party: other}, h), movil.NoProof)
		}},
		{"what was signed five minutes ago is refused", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			l := w.Broker().Open(providertest.Party())
			h := signedHere(t, w, l, by)
			w.Pass(5 * time.Minute)
			denied(t, w.FinishHere(t.Context(), l, h), movil.HereExpired)
		}},
		{"it proves once", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			l := w.Broker().Open(providertest.Party())
			h := signedHere(t, w, l, by)
			must(t, w.FinishHere(t.Context(), l, h))
			denied(t, w.FinishHere(t.Context(), w.Broker().Again(l), h), movil.Over)
		}},
		{"a page elsewhere gets nothing", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			l := w.Broker().Open(providertest.Party())
			by.Origin = "https://clave.example.org"
			denied(t, w.FinishHere(t.Context(), l, signedHere(t, w, l, by)), movil.NoProof)
		}},
		{"a page elsewhere that names itself as us gets nothing", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			l := w.Broker().Open(providertest.Party())
			by.RPID = "clave.example.org"
			denied(t, w.FinishHere(t.Context(), l, signedHere(t, w, l, by)), movil.NoProof)
		}},
		{"a phone that nobody unlocked gets nothing", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			l := w.Broker().Open(providertest.Party())
			by.Unverified = true
			denied(t, w.FinishHere(t.Context(), l, signedHere(t, w, l, by)), movil.NoProof)
		}},
		{"a passkey that nobody activated is unknown, and one that is forgotten", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			l := w.Broker().Open(providertest.Party())
			stranger := moviltest.Owned{Phone: moviltest.Phone(), Device: by.Device}
			denied(t, w.FinishHere(t.Context(), l, signedHere(t, w, l, stranger)), movil.UnknownPasskey)
			h := signedHere(t, w, l, by)
			must(t, w.Forget(t.Context(), by.Person, by.Device.ID))
			denied(t, w.FinishHere(t.Context(), l, h), movil.UnknownPasskey)
		}},
		{"a device that nobody used for long is none any more", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			w.Pass(by.LapsesAt().Sub(w.Clock.Now()))
			l := w.Broker().Open(providertest.Party())
			denied(t, w.FinishHere(t.Context(), l, signedHere(t, w, l, by)), movil.UnknownPasskey)
		}},
		{"another phone that says to have this passkey", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			l := w.Broker().Open(providertest.Party())
			thief := moviltest.Phone()
			thief.ID, thief.User = by.Phone.ID, by.User
			denied(t, w.FinishHere(t.Context(), l, signedHere(t, w, l, moviltest.Owned{Phone: thief, Device: by.Device})), movil.NoProof)
		}},
		{"who withdrew is told so, and the login goes on", func(t *testing.T, w *moviltest.World, by moviltest.Owned) {
			l := w.Broker().Open(providertest.Party())
			attack{World: w}.become(moviltest.Advanced, identity.Withdrawn)
			if d := denied(t, w.FinishHere(t.Context(), l, signedHere(t, w, l, by)), movil.Refused); d.Reason != broker.HasWithdrawn {
				t.Errorf("got %s", d.Reason)
			}
			if row := w.Broker().Row(l.Request.ID); row.Reason != "" {
				t.Errorf("the login ended with %s", row.Reason)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, _ := moviltest.New(t)
			test.test(t, w, w.Owned(t, moviltest.Advanced))
		})
	}
}
