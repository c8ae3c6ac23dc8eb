package certificate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/providers/certificate"
	"clave/providers/certificate/certificatetest"
	"clave/providers/providertest"
	"clave/sandbox/authority"
	"clave/test/fakes/ca"

	"github.com/google/go-cmp/cmp"
)

func causeOf(err error) certificate.Cause {
	var denied *certificate.Denied
	if errors.As(err, &denied) {
		return denied.Cause
	}
	return ""
}

func TestWhatEachCertificateReaches(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind    authority.Kind
		level   identity.Level
		factors []string
	}{
		{authority.Citizen, identity.Substantial, []string{"swk", "x509"}},
		{authority.CitizenNew, identity.Substantial, []string{"swk", "x509"}},
		{authority.CitizenRSA, identity.Substantial, []string{"swk", "x509"}},
		{authority.CitizenP384, identity.Substantial, []string{"swk", "x509"}},
		{authority.Software, identity.Substantial, []string{"swk", "x509"}},
		{authority.DNIe, identity.High, []string{"hwk", "x509"}},
		{authority.Card, identity.High, []string{"hwk", "x509"}},
	}
	for _, test := range tests {
		t.Run(string(test.kind), func(t *testing.T) {
			t.Parallel()
			w, _ := certificatetest.New(t)
			l := w.Broker().Open(providertest.Party())
			shown := w.CA.Good(t, test.kind, certificatetest.Juan).Chain
			ticket := w.Show(t, l, shown)
			if _, err := w.Look(t.Context(), l, ticket); err != nil {
				t.Fatalf("looking: %v", err)
			}
			if err := w.Accept(t.Context(), l, ticket); err != nil {
				t.Fatal(err)
			}
			ev := w.Broker().Evidence(l)
			if ev == nil || ev.Level != test.level || !cmp.Equal(ev.Factors, test.factors) || ev.Person != w.Person(certificatetest.Juan) {
				t.Errorf("got %+v", ev)
			}
			told, leaf := ev.Certificate, shown[0]
			if told == nil || told.Issuer != leaf.Issuer.String() || told.Serial != leaf.SerialNumber.String() || told.Policy == "" ||
				!told.NotBefore.Equal(leaf.NotBefore) || !told.NotAfter.Equal(leaf.NotAfter) || told.Employee || !told.Qualified {
				t.Fatal("relying parties are told something else than stands in the certificate")
			}
			if text := fmt.Sprintf("%v %+v %#v", told, *told, *told); strings.Contains(text, told.Serial) {
				t.Errorf("it prints %s", text)
			}
			events := w.Trail.Events()
			if len(events) != 1 || events[0].Personal.Certificate == "" || !events[0].Data.(audit.CertificateShown).Checked {
				t.Errorf("got events %+v", events)
			}
		})
	}
}

func TestEachRefusalSaysWhy(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind authority.Kind
		want certificate.Cause
	}{
		{authority.DNIeSignature, "signature_only"}, {authority.Representative, "representative"}, {authority.Seal, "seal"},
		{authority.Pseudonym, "pseudonym"}, {authority.Employee, "public_employee"}, {authority.WrongUsage, "wrong_usage"},
		{authority.ServerOnly, "wrong_usage"}, {authority.OtherPolicy, "unlisted"}, {authority.Passport, "no_number"},
		{authority.TwoNumbers, "no_number"}, {authority.Expired, certificate.Expired}, {authority.NotYetValid, certificate.NotYetValid},
		{authority.Revoked, certificate.Revoked}, {authority.WeakKey, certificate.Weak}, {authority.WeakSignature, certificate.Weak},
	}
	for _, test := range tests {
		t.Run(string(test.kind), func(t *testing.T) {
			t.Parallel()
			w, _ := certificatetest.New(t)
			l := w.Broker().Open(providertest.Party())
			ticket := w.Show(t, l, w.CA.Good(t, test.kind, certificatetest.Juan).Chain)
			if _, err := w.Look(t.Context(), l, ticket); causeOf(err) != test.want {
				t.Errorf("looking: got %v, want %s", err, test.want)
			}
			if err := w.Accept(t.Context(), l, ticket); causeOf(err) != test.want {
				t.Errorf("accepting: got %v, want %s", err, test.want)
			}
			if w.Broker().Evidence(l) != nil {
				t.Error("it was proven all the same")
			}
			if test.kind != authority.Revoked && test.kind != authority.Employee && w.CA.Asked("/ocsp")+w.CA.Asked("/list") > 0 {
				t.Error("an address in it was called")
			}
		})
	}
}

func TestPublicEmployeesLogInWhereTheyMay(t *testing.T) {
	t.Parallel()
	w, _ := certificatetest.New(t, func(c *certificate.Config) {
		c.Employees = func(l *broker.Login) bool { return l.Party.ID == "console" }
	})
	console := providertest.Party()
	console.ID = "console"
	for party, want := range map[*registry.RelyingParty]certificate.Cause{console: "", providertest.Party(): certificate.ForEmployees} {
		l := w.Broker().Open(party)
		if err := w.Accept(t.Context(), l, w.Show(t, l, w.CA.Good(t, authority.Employee, certificatetest.Juan).Chain)); causeOf(err) != want {
			t.Errorf("%s: got %v, want %q", party.ID, err, want)
		}
	}
}

func TestNoCertificateAndStrangers(t *testing.T) {
	t.Parallel()
	w, _ := certificatetest.New(t)
	stranger := ca.Start(t, w.Clock.Now)
	l := w.Broker().Open(providertest.Party())
	if err := w.Accept(t.Context(), l, w.Show(t, l, nil)); causeOf(err) != certificate.NoCertificate {
		t.Errorf("got %v", err)
	}
	w.Pass(time.Second)
	err := w.Accept(t.Context(), l, w.Show(t, l, stranger.Good(t, authority.Citizen, certificatetest.Juan).Chain))
	if causeOf(err) != certificate.UnknownIssuer {
		t.Errorf("got %v", err)
	}
	if stranger.Asked("/ocsp")+stranger.Asked("/list") > 0 {
		t.Error("an address that a stranger wrote was called")
	}
}

func TestWhenNobodySaysWhetherItWasRevoked(t *testing.T) {
	t.Parallel()
	for _, accept := range []bool{false, true} {
		w, _ := certificatetest.New(t, func(c *certificate.Config) { c.AcceptUnchecked = accept })
		w.CA.Behave(ca.Down, ca.Down)
		l := w.Broker().Open(providertest.Party())
		err := w.Accept(t.Context(), l, w.Show(t, l, w.CA.Good(t, authority.Citizen, certificatetest.Juan).Chain))
		if !accept && causeOf(err) != certificate.Unchecked || accept && err != nil {
			t.Errorf("accept %v: got %v", accept, err)
		}
		if accept && w.Trail.Events()[0].Data.(audit.CertificateShown).Checked {
			t.Error("the trail says that it was checked")
		}
		if !strings.Contains(w.Log.String(), "revocation unknown") {
			t.Errorf("the log does not say so: %s", w.Log)
		}
	}
}

func TestAFileDoesNotReachTheHighLevel(t *testing.T) {
	t.Parallel()
	w, _ := certificatetest.New(t)
	party := providertest.Party()
	party.MinimumLevel = identity.High
	l := w.Broker().Open(party)
	ticket := w.Show(t, l, w.CA.Good(t, authority.Citizen, certificatetest.Juan).Chain)
	if err := w.Accept(t.Context(), l, ticket); causeOf(err) != certificate.TooLow {
		t.Errorf("got %v", err)
	}
	// The login goes on with the card.
	w.Pass(time.Second)
	if err := w.Accept(t.Context(), l, w.Show(t, l, w.CA.Good(t, authority.DNIe, certificatetest.Juan).Chain)); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestTheDeadRaiseAnAlarm(t *testing.T) {
	t.Parallel()
	w, m := certificatetest.New(t)
	document, err := identity.ParseDocument(certificatetest.Juan.Document)
	if err != nil {
		t.Fatal(err)
	}
	m.Dead[document] = true
	l := w.Broker().Open(providertest.Party())
	if err := w.Accept(t.Context(), l, w.Show(t, l, w.CA.Good(t, authority.DNIe, certificatetest.Juan).Chain)); err != nil {
		t.Fatal(err) // the broker ends the login; the one of the tests knows nobody
	}
	events := w.Trail.Events()
	if len(events) != 2 || events[1].Data.Kind() != audit.KindDeceasedUsed {
		t.Errorf("got %+v", events)
	}
}

// A handle works once and for a while, and of several the latest counts.
func TestHandles(t *testing.T) {
	t.Parallel()
	w, _ := certificatetest.New(t)
	chain := w.CA.Good(t, authority.Citizen, certificatetest.Juan).Chain
	l := w.Broker().Open(providertest.Party())
	first := w.Handle(l)
	w.Pass(time.Second)
	second := w.Handle(l)
	present := func(handle string) error {
		_, _, err := w.Present(t.Context(), handle, chain)
		return err
	}
	if err := present(second); err != nil {
		t.Fatal(err)
	}
	for name, handle := range map[string]string{"the same again": second, "an older one": first} {
		if err := present(handle); !errors.Is(err, certificate.ErrHandleUsed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	third := w.Handle(l)
	w.Pass(certificate.HandleLifetime)
	if err := present(third); err == nil {
		t.Error("a handle worked after its time")
	}
	for name, handle := range map[string]string{
		"nothing": "", "noise": "AAAA", "cut": second[:len(second)-4], "changed": "B" + second[1:] + "A",
	} {
		if err := present(handle); err == nil || errors.Is(err, certificate.ErrHandleUsed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A handle of an installation's other uses of the same key is none.
func TestOtherSealedThingsAreNoHandles(t *testing.T) {
	t.Parallel()
	w, _ := certificatetest.New(t)
	other, _ := certificatetest.New(t, func(c *certificate.Config) { c.Sealer = otherPurpose{c.Sealer} })
	l := w.Broker().Open(providertest.Party())
	if _, _, err := w.Present(t.Context(), other.Handle(l), nil); err == nil {
		t.Error("it was taken")
	}
}

type otherPurpose struct{ certificate.Sealer }

func (o otherPurpose) Seal(plain []byte, _ ...string) []byte {
	return o.Sealer.Seal(plain, "login", "x")
}

// Nothing personal reaches the log.
func TestTheLogNamesNobody(t *testing.T) {
	t.Parallel()
	w, _ := certificatetest.New(t)
	for _, kind := range authority.Kinds() {
		l := w.Broker().Open(providertest.Party())
		_ = w.Accept(t.Context(), l, w.Show(t, l, w.CA.Good(t, kind, certificatetest.Juan).Chain)) // good or not
	}
	for _, secret := range []string{certificatetest.Juan.Document, certificatetest.Juan.GivenName, certificatetest.Juan.FirstSurname} {
		if strings.Contains(w.Log.String(), secret) {
			t.Errorf("the log says %q", secret)
		}
	}
}
