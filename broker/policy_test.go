package broker

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"clave/broker/registry"
	"clave/identity"
)

func TestReportedLevelIsTheTable(t *testing.T) {
	t.Parallel()
	const none, low, substantial, high = identity.NoLevel, identity.Low, identity.Substantial, identity.High
	// What each method proves at best, and what is reported for it.
	for _, row := range []struct {
		method                        identity.Method
		proves                        identity.Level
		unregistered, basic, advanced identity.Level
	}{
		{identity.PIN, substantial, none, low, substantial},
		{identity.Movil, substantial, none, low, substantial},
		{identity.Permanente, low, none, low, low},
		{identity.Permanente, substantial, none, low, substantial},
		{identity.Certificate, substantial, substantial, substantial, substantial},
		{identity.Certificate, high, high, high, high},
		{identity.EIDAS, low, low, low, low},
		{identity.EIDAS, high, high, high, high},
		{identity.PIN, high, none, low, substantial}, // a provider that claims too much is not believed
		{"telepathy", high, none, none, none},
	} {
		for registration, want := range map[identity.Registration]identity.Level{
			identity.NoRegistration: row.unregistered, identity.Basic: row.basic, identity.Advanced: row.advanced,
		} {
			t.Run(fmt.Sprintf("%s proving %s, registered %s", row.method, row.proves, registration), func(t *testing.T) {
				t.Parallel()
				got := Reached(Evidence{Method: row.method, Level: row.proves}, registration)
				if got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			})
		}
	}
}

func TestDemandIsTheStricterOfRegistrationAndRequest(t *testing.T) {
	t.Parallel()
	party := &registry.RelyingParty{
		MinimumLevel: identity.Substantial, MinimumRegistration: identity.Basic, SSO: registry.SSOAsk,
		Methods: []identity.Method{identity.Certificate, identity.PIN},
	}
	installed := identity.Methods()
	for _, tc := range []struct {
		name         string
		request      Request
		level        identity.Level
		registration identity.Registration
		methods      []identity.Method
	}{
		{"nothing asked: the registered minimum", Request{}, identity.Substantial, identity.Basic, []identity.Method{identity.PIN, identity.Certificate}},
		{"a lower level asked changes nothing", Request{Level: identity.Low}, identity.Substantial, identity.Basic, []identity.Method{identity.PIN, identity.Certificate}},
		{"a higher level asked counts", Request{Level: identity.High}, identity.High, identity.Basic, []identity.Method{identity.PIN, identity.Certificate}},
		{"a higher registration asked counts", Request{Registration: identity.Advanced}, identity.Substantial, identity.Advanced, []identity.Method{identity.PIN, identity.Certificate}},
		{"methods asked only narrow", Request{Methods: []identity.Method{identity.PIN, identity.EIDAS}}, identity.Substantial, identity.Basic, []identity.Method{identity.PIN}},
		{"no method asked leaves none", Request{Methods: []identity.Method{}}, identity.Substantial, identity.Basic, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := DemandOf(party, tc.request, installed)
			if got.Level != tc.level || got.Registration != tc.registration || !slices.Equal(got.Methods, tc.methods) {
				t.Errorf("got %+v, want %s %s %v", got, tc.level, tc.registration, tc.methods)
			}
		})
	}
	if got := DemandOf(&registry.RelyingParty{}, Request{}, installed); got.Level != identity.Low || got.Methods != nil {
		t.Errorf("a relying party without methods lets nobody in: got %+v", got)
	}
}

func TestOffersLeaveOutWhatCanNeverReach(t *testing.T) {
	t.Parallel()
	all := identity.Methods()
	if got := (Demand{Level: identity.High, Methods: all}).Offers(); !slices.Equal(got, []identity.Method{identity.Certificate, identity.EIDAS}) {
		t.Errorf("high: got %v", got)
	}
	if got := (Demand{Level: identity.Low, Registration: identity.Advanced, Methods: all}).Offers(); slices.Contains(got, identity.EIDAS) {
		t.Errorf("eIDAS meets no minimum registration: got %v", got)
	}
}

func TestMeets(t *testing.T) {
	t.Parallel()
	all := identity.Methods()
	pin := Evidence{Method: identity.PIN, Level: identity.Substantial}
	certificate := Evidence{Method: identity.Certificate, Level: identity.Substantial}
	is := func(state identity.State, r identity.Registration) Standing {
		return Standing{State: state, Registration: r}
	}
	for _, tc := range []struct {
		name     string
		demand   Demand
		evidence Evidence
		standing Standing
		want     Reason
	}{
		{"an advanced citizen with a PIN reaches substantial", Demand{Level: identity.Substantial, Methods: all}, pin, is(identity.Registered, identity.Advanced), ""},
		{"a basic citizen with a PIN does not", Demand{Level: identity.Substantial, Methods: all}, pin, is(identity.Registered, identity.Basic), LevelUnmet},
		{"a basic citizen where advanced is demanded", Demand{Level: identity.Low, Registration: identity.Advanced, Methods: all}, pin, is(identity.Registered, identity.Basic), RegistrationUnmet},
		{"a certificate stands for any registration", Demand{Level: identity.Low, Registration: identity.Advanced, Methods: all}, certificate, is(identity.Unregistered, identity.NoRegistration), ""},
		{"eIDAS stands for none", Demand{Level: identity.Low, Registration: identity.Basic, Methods: all}, Evidence{Method: identity.EIDAS, Level: identity.High}, is(identity.Unregistered, identity.NoRegistration), RegistrationUnmet},
		{"the unregistered have no PIN", Demand{Level: identity.Low, Methods: all}, pin, is(identity.Unregistered, identity.NoRegistration), NotRegistered},
		{"the withdrawn have no PIN", Demand{Level: identity.Low, Methods: all}, pin, is(identity.Withdrawn, identity.NoRegistration), HasWithdrawn},
		{"the withdrawn keep their certificate", Demand{Level: identity.Low, Methods: all}, certificate, is(identity.Withdrawn, identity.NoRegistration), ""},
		{"who lost the phone has no PIN", Demand{Level: identity.Low, Methods: all}, pin, is(identity.PhoneRevoked, identity.Advanced), LostPhone},
		{"who lost the phone keeps the certificate", Demand{Level: identity.Low, Methods: all}, certificate, is(identity.PhoneRevoked, identity.Advanced), ""},
		{"nothing works for the deceased", Demand{Level: identity.Low, Methods: all}, certificate, is(identity.Deceased, identity.Advanced), IsRevoked},
		{"nothing works after a revocation ex officio", Demand{Level: identity.Low, Methods: all}, certificate, is(identity.Revoked, identity.Advanced), IsRevoked},
		{"an unknown state lets nobody in", Demand{Level: identity.Low, Methods: all}, certificate, is("", identity.Advanced), IsRevoked},
		{"a method that the service does not take", Demand{Level: identity.Low, Methods: []identity.Method{identity.Certificate}}, pin, is(identity.Registered, identity.Advanced), LevelUnmet},
		{"a password where substantial is demanded", Demand{Level: identity.Substantial, Methods: all}, Evidence{Method: identity.Permanente, Level: identity.Low}, is(identity.Registered, identity.Advanced), LevelUnmet},
		{"no evidence at all", Demand{Level: identity.Low, Methods: all}, Evidence{}, is(identity.Registered, identity.Advanced), LevelUnmet},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.demand.Meets(tc.evidence, tc.standing); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestEveryReasonHasItsMeaning(t *testing.T) {
	t.Parallel()
	if len(meanings) != len(Reasons()) {
		t.Errorf("got %d meanings, want %d", len(meanings), len(Reasons()))
	}
	for _, r := range Reasons() {
		m, ok := meanings[r]
		if !ok || m.OIDC == "" || m.SAML == "" || m.Text == "" {
			t.Errorf("%s: got %+v", r, m)
		}
	}
	if got := Reason("made up").Meaning(); got.OIDC != "server_error" {
		t.Errorf("a reason outside the list: got %+v", got)
	}
}

func TestSessionEndsIdleAndInAll(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	last := Lifetimes{SessionIdle: time.Hour, Session: 12 * time.Hour}
	s := begin("s", "ana", start, last)
	if !s.Live(start.Add(time.Hour - time.Second)) {
		t.Error("ended before it was idle for long")
	}
	if s.Live(start.Add(time.Hour)) {
		t.Error("lives on after being idle")
	}
	s.seen(start.Add(12*time.Hour-time.Minute), last)
	if s.Live(start.Add(12 * time.Hour)) {
		t.Error("use keeps it alive beyond its lifetime")
	}
	s.EndedAt = start
	if s.Live(start) {
		t.Error("lives on after its end")
	}
	if new(Session).Live(start) {
		t.Error("a session without deadlines lives")
	}
	if (*Session)(nil).Live(start) {
		t.Error("no session lives")
	}
}
