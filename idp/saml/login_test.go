package saml_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/saml2"
	"clave/keys"

	"github.com/google/go-cmp/cmp"
)

func TestALoginByRedirect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.redirect(w.request(func(r *saml2.AuthnRequest) {
		r.ID, r.NameIDPolicy.Format = "_request-1", saml2.FormatPersistent
	}), townSigner())
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/login/login" {
		t.Fatalf("answered %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	req := w.opened()
	if req.Front != "saml" || req.RelyingParty != "town" || req.Passive || req.Fresh || req.Level != identity.NoLevel {
		t.Errorf("the broker got %+v", req)
	}
	s := w.finish(req)
	for path, want := range map[string]string{
		"@Destination": acs, "@InResponseTo": "_request-1", "Issuer": entity,
		"Status/StatusCode@Value":                                                    saml2.StatusSuccess,
		"Assertion/Issuer":                                                           entity,
		"Assertion/Subject/NameID":                                                   "pairwise-1",
		"Assertion/Subject/NameID@Format":                                            saml2.FormatPersistent,
		"Assertion/Subject/NameID@NameQualifier":                                     entity,
		"Assertion/Subject/NameID@SPNameQualifier":                                   service,
		"Assertion/Subject/SubjectConfirmation/SubjectConfirmationData@Recipient":    acs,
		"Assertion/Subject/SubjectConfirmation/SubjectConfirmationData@InResponseTo": "_request-1",
		"Assertion/Conditions/AudienceRestriction/Audience":                          service,
		"Assertion/AuthnStatement/AuthnContext/AuthnContextClassRef":                 identity.Substantial.URI(),
	} {
		if got := s.at(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if s.Target != acs || s.RelayState != "state-1" {
		t.Errorf("it goes to %s with %q", s.Target, s.RelayState)
	}
	if s.at("Assertion/Signature@x") != "" || s.at("Assertion/Signature/SignatureValue") != "" {
		t.Error("the assertion is signed, which nobody asked for")
	}
	want := map[string]string{
		"PersonIdentifier": "12345678Z", "FirstName": "Ana", "FamilyName": "García Ruiz", "DateOfBirth": "1980-02-03",
		"FirstSurname": "García", "SecondSurname": "Ruiz", "DocumentKind": "dni",
	}
	if diff := cmp.Diff(want, s.attributes()); diff != "" {
		t.Error(diff)
	}
}

func TestALoginByPostGoesOnWithOurCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.post(w.request(func(r *saml2.AuthnRequest) {
		r.ForceAuthn = true
		r.Context = saml2.RequestedContext{Comparison: saml2.Minimum, Classes: []string{identity.High.URI()}}
	}), townSigner())
	where := got.Header.Get("Location")
	if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(where, "/saml/sso/resume?handle=") {
		t.Fatalf("answered %d %s", got.StatusCode, where)
	}
	if len(w.broker.opened) != 0 {
		t.Fatal("a login was opened without our cookies")
	}
	if got := w.get(issuer + where); got.Header.Get("Location") != "/login/login" {
		t.Fatalf("answered %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	req := w.opened()
	if !req.Fresh || req.Level != identity.High || len(req.Attributes) != len(identity.AllAttributes()) {
		t.Errorf("what was asked for got lost: %+v", req)
	}
	if s := w.finish(req); s.RelayState != "state-1" || s.Target != acs {
		t.Errorf("it goes to %s with %q", s.Target, s.RelayState)
	}
	w.broker.opened = nil
	w.wantMistake(w.get(issuer+where), "used_handle")
}

func TestAPostedRequestDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	where := w.post(w.request(), townSigner()).Header.Get("Location")
	w.clock.Pass(5 * time.Minute)
	w.wantMistake(w.get(issuer+where), "used_handle")
}

func TestAnotherRegisteredAddressGetsTheAnswer(t *testing.T) {
	t.Parallel()
	index := 2
	for name, wish := range map[string]saml2.ACS{"by its address": {URL: second}, "by its number": {Index: &index}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.redirect(w.request(func(r *saml2.AuthnRequest) { r.ACS = wish }), townSigner())
			if s := w.finish(w.opened()); s.Target != second || s.at("@Destination") != second {
				t.Errorf("it goes to %s", s.Target)
			}
		})
	}
}

func TestNamesOfTheCitizen(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, asked, metadata string
		format                string
		transient             bool
	}{
		{"nothing asked, nothing in the metadata", "", "", saml2.FormatPersistent, false},
		{"persistent", saml2.FormatPersistent, "", saml2.FormatPersistent, false},
		{"transient", saml2.FormatTransient, "", saml2.FormatTransient, true},
		{"unspecified", saml2.FormatUnspecified, "", saml2.FormatUnspecified, false},
		{"what the metadata like best", "", saml2.FormatTransient, saml2.FormatTransient, true},
		{"the request before the metadata", saml2.FormatPersistent, saml2.FormatTransient, saml2.FormatPersistent, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if test.metadata != "" {
				text := strings.Replace(metadata(""), "<md:AssertionConsumerService", "<md:NameIDFormat>"+test.metadata+"</md:NameIDFormat><md:AssertionConsumerService", 1)
				w.register(town(text))
			}
			w.redirect(w.request(func(r *saml2.AuthnRequest) { r.NameIDPolicy.Format = test.asked }), townSigner())
			req := w.opened()
			first, again := w.finish(req), w.finish(req)
			name := first.at("Assertion/Subject/NameID")
			if got := first.at("Assertion/Subject/NameID@Format"); got != test.format {
				t.Errorf("format %s, want %s", got, test.format)
			}
			if test.transient == (name == "pairwise-1") || test.transient == (name == again.at("Assertion/Subject/NameID")) {
				t.Errorf("named %q, then %q", name, again.at("Assertion/Subject/NameID"))
			}
		})
	}
}

const password = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

func TestComparisonsOfContexts(t *testing.T) {
	t.Parallel()
	low, substantial, high := identity.Low.URI(), identity.Substantial.URI(), identity.High.URI()
	for _, test := range []struct {
		name     string
		compare  saml2.Comparison
		classes  []string
		demanded identity.Level
		reached  identity.Level
		answered string
	}{
		{"a minimum is demanded, what was reached is said", saml2.Minimum, []string{low}, identity.Low, identity.High, high},
		{"of two minima the lower counts", saml2.Minimum, []string{high, substantial}, identity.Substantial, identity.Substantial, substantial},
		{"exactly one is said as it was asked, though more was reached", saml2.Exact, []string{low}, identity.Low, identity.High, low},
		{"of several exact ones the highest that was reached is said", saml2.Exact, []string{low, substantial}, identity.Low, identity.High, substantial},
		{"an exact classic class is echoed", saml2.Exact, []string{password}, identity.NoLevel, identity.Substantial, password},
		{"unknown classes are ignored beside a known one", saml2.Exact, []string{"urn:example:own", high}, identity.High, identity.High, high},
		{"better than low", saml2.Better, []string{low}, identity.Substantial, identity.Substantial, substantial},
		{"better than both", saml2.Better, []string{low, substantial}, identity.High, identity.High, high},
		{"at most substantial", saml2.Maximum, []string{substantial}, identity.NoLevel, identity.High, substantial},
		{"at most high", saml2.Maximum, []string{high}, identity.NoLevel, identity.Low, low},
		{"a minimum of a classic class", saml2.Minimum, []string{password}, identity.NoLevel, identity.Low, low},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.redirect(w.request(func(r *saml2.AuthnRequest) {
				r.Context = saml2.RequestedContext{Comparison: test.compare, Classes: test.classes}
			}), townSigner())
			req := w.opened()
			if req.Level != test.demanded {
				t.Errorf("%s is demanded, want %s", req.Level, test.demanded)
			}
			s := w.finish(req, func(o *broker.Outcome) { o.Level = test.reached })
			if got := s.at("Assertion/AuthnStatement/AuthnContext/AuthnContextClassRef"); got != test.answered {
				t.Errorf("%s is said, want %s", got, test.answered)
			}
		})
	}
}

func TestWhichAttributesAreAskedFor(t *testing.T) {
	t.Parallel()
	const natural = "http://eidas.europa.eu/attributes/naturalperson/"
	list := func(index, more, name string) string {
		return `<md:AttributeConsumingService index="` + index + `"` + more + `><md:ServiceName xml:lang="es">x</md:ServiceName><md:RequestedAttribute Name="` +
			natural + name + `" isRequired="true"/><md:RequestedAttribute Name="urn:oid:0.9.2342.19200300.100.1.3" isRequired="true"/></md:AttributeConsumingService>`
	}
	lists := list("1", "", "CurrentGivenName") + list("2", ` isDefault="true"`, "DateOfBirth")
	one := 1
	for _, test := range []struct {
		name     string
		metadata string
		change   func(*saml2.AuthnRequest)
		want     []identity.Attribute
	}{
		{"the default list of the metadata", lists, func(*saml2.AuthnRequest) {}, []identity.Attribute{identity.BirthDate}},
		{"the list that the request points to", lists, func(r *saml2.AuthnRequest) { r.AttributeService = &one }, []identity.Attribute{identity.GivenName}},
		{"what the request names, before any list", lists, func(r *saml2.AuthnRequest) {
			r.Extensions.Attributes = []saml2.RequestedAttribute{{Name: natural + "PersonIdentifier", NameFormat: saml2.AttributeURI, Required: true}, {Name: "urn:example:x", NameFormat: saml2.AttributeURI}}
		}, []identity.Attribute{identity.DocumentNumber}},
		{"all without any list", "", func(*saml2.AuthnRequest) {}, []identity.Attribute{
			identity.DocumentNumber, identity.GivenName, identity.FamilyName, identity.BirthDate, identity.FirstSurname, identity.SecondSurname, identity.DocumentType,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(town(metadata(test.metadata)))
			w.redirect(w.request(test.change), townSigner())
			if diff := cmp.Diff(test.want, w.opened().Attributes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnAssertionIsSignedTooWhereTheServiceWantsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(metadata("", ` WantAssertionsSigned="true"`)))
	w.redirect(w.request(), townSigner())
	if s := w.finish(w.opened()); s.at("Assertion/Signature/SignatureValue") == "" {
		t.Error("it is not")
	}
}

func TestReasonsOfTheBrokerAreSaidAsStatuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.redirect(w.request(), townSigner())
	req := w.opened()
	for _, reason := range broker.Reasons() {
		s := w.wantRefusal(w.refused(req, reason), "Responder", reason.Meaning().SAML)
		if s.RelayState != "state-1" || s.at("Status/StatusMessage") != reason.Meaning().Text {
			t.Errorf("%s: state %q, message %q", reason, s.RelayState, s.at("Status/StatusMessage"))
		}
	}
}

func TestMetadataChangeWithTheKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.metadata()
	if again := w.metadata(); again != first {
		t.Error("the same metadata are signed twice")
	}
	if n := strings.Count(first, "<ds:X509Certificate>"); n != 2 { // in the signature and as the key
		t.Errorf("there are %d certificates", n)
	}
	if _, err := w.ring.Rotate(t.Context(), keys.UseSAML); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(w.metadata(), "<ds:X509Certificate>"); n != 3 {
		t.Errorf("while the next key is published there are %d certificates, want 3", n)
	}
	w.clock.Pass(2 * time.Hour)
	for _, want := range []string{`validUntil="2026-11-28T14:00:00Z"`, `cacheDuration="PT21600S"`, `entityID="` + entity + `"`, `WantAuthnRequestsSigned="true"`} {
		if !strings.Contains(w.metadata(), want) {
			t.Errorf("%s is not in the metadata", want)
		}
	}
}

func (w *world) metadata() string {
	w.t.Helper()
	got := w.get(entity)
	body, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "application/samlmetadata+xml" {
		w.t.Fatalf("answered %d %s: %v", got.StatusCode, got.Header.Get("Content-Type"), err)
	}
	return string(body)
}

func TestAServiceMayStayOnTheOldKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, err := w.ring.SAML().Active(keys.RS256)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := w.ring.Rotate(t.Context(), keys.UseSAML); err != nil {
			t.Fatal(err)
		}
		w.clock.Pass(25 * time.Hour)
	}
	party := town(metadata(""))
	party.SAML[0].SigningKey, party.SAML[0].Until = old.ID, identity.Date{Year: 2026, Month: 11, Day: 30}
	w.register(party)
	w.redirect(w.request(), townSigner())
	req := w.opened()
	if got := w.signedWith(req); got != old.Certificate.SerialNumber.String() {
		t.Error("the new key signs for a service that stays on the old one")
	}
	w.clock.Pass(30 * 24 * time.Hour)
	if got := w.signedWith(req); got == old.Certificate.SerialNumber.String() {
		t.Error("the old key signs after its time")
	}
}

func TestTheWayBackToTheService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.redirect(w.request(), townSigner())
	req := w.opened()
	if got := w.front.Home(req); got != "https://town.example/" {
		t.Errorf("got %q", got)
	}
	w.register()
	if got := w.front.Home(req); got != "" {
		t.Errorf("of a service that is gone: %q", got)
	}
}

func TestAnAssertionIsEncryptedForAServiceThatHasAKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(strings.Replace(metadata(""), ` use="signing"`, "", 1)))
	w.redirect(w.request(), townSigner())
	s := w.finish(w.opened())
	if s.at("EncryptedAssertion/EncryptedData/EncryptionMethod@Algorithm") != saml2.AES256GCM || s.at("Assertion@ID") != "" {
		t.Error("it is not encrypted")
	}
	if s := w.said(w.refused(w.opened(), broker.Cancelled)); s.at("Status/StatusCode/StatusCode@Value") != saml2.StatusAuthnFailed {
		t.Error("a refusal has nothing to encrypt, and is read as it is")
	}
}

func TestAPassiveRequestIsPassive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.redirect(w.request(func(r *saml2.AuthnRequest) {
		r.IsPassive, r.Subject = true, &saml2.NameID{Value: "pairwise-1", Format: saml2.FormatPersistent}
	}), townSigner())
	if req := w.opened(); !req.Passive || req.Subject != "pairwise-1" {
		t.Errorf("the broker got %+v", req)
	}
	w.wantRefusal(w.refused(w.opened(), broker.LoginRequired), "Responder", "NoPassive")
}

func TestSessionsAreNamedToEachServiceAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.redirect(w.request(), townSigner())
	req := w.opened()
	index := func(change func(*broker.Outcome)) string {
		return w.finish(req, change).at("Assertion/AuthnStatement@SessionIndex")
	}
	same := func(*broker.Outcome) {}
	first := index(same)
	if first == "" || strings.Contains(first, "session-1") || index(same) != first {
		t.Errorf("the session is %q", first)
	}
	if other := index(func(o *broker.Outcome) { o.Session = "session-2" }); other == first {
		t.Error("two sessions have one name")
	}
	if none := index(func(o *broker.Outcome) { o.Session = "" }); none != "" {
		t.Errorf("no session is named %q", none)
	}
}
