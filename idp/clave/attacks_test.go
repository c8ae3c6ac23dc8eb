package clave_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/internal/saml2"
)

func TestNobodyIsAnsweredElsewhereThanRegistered(t *testing.T) {
	t.Parallel()
	for _, to := range []string{
		"https://evil.example/acs", acs + "/", acs + "?x", "https://TOWN.example/clave/acs", goodbye, "javascript:alert(1)", "",
	} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.wantMistake(w.send(saml2.FieldRequest, w.loginOf(java(), acs, to)), "unregistered_acs")
			late := w.loginOf(java(), acs, to, "2026-", "2025-")
			w.wantMistake(w.send(saml2.FieldRequest, late), "unregistered_acs")
		})
	}
	w := newWorld(t)
	w.wantMistake(w.send(saml2.FieldRequest, w.loginOf(java(), `AssertionConsumerServiceURL="`+acs+`"`, "")), "unregistered_acs")
	w.wantMistake(w.send(saml2.FieldRequest, w.loginOf(java(), `AssertionConsumerServiceURL="`+acs+`"`, `AssertionConsumerServiceIndex="0"`)), "unregistered_acs")
	w.wantMistake(w.send(saml2.FieldRequest, w.loginOf(kits()[0], "bindings:HTTP-POST", "bindings:HTTP-Artifact")), "unregistered_acs")
}

func TestWhoAsksHasToSign(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(), neighbour())
	stranger := shared().next // its certificate comes along in KeyInfo
	for _, k := range kits() {
		w.wantMistake(w.send(saml2.FieldRequest, w.message(k.login)), "unsigned_request")
		w.wantMistake(w.send(saml2.FieldRequest, k.style.sign(t, w.message(k.login), stranger)), "wrong_signature")
		w.wantMistake(w.send(saml2.FieldRequest, k.style.sign(t, w.message(k.login), shared().other)), "wrong_signature")
		if k.logout != "" {
			w.wantMistake(w.send(saml2.FieldLogoutRequest, w.message(k.logout)), "unsigned_request")
			w.wantMistake(w.send(saml2.FieldLogoutRequest, k.style.sign(t, w.message(k.logout), stranger)), "wrong_signature")
			w.wantMistake(w.send(saml2.FieldLogoutRequest, k.style.sign(t, w.message(k.logout), shared().other)), "wrong_signature")
		}
	}
}

func TestWhatWasSignedCannotBeChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.loginOf(java())
	changes := [][2]string{
		{acs, second}, {"LoA/low", "LoA/high"}, {`IsPassive="false"`, `IsPassive="true"`}, {"EIDASIdP", "AEATIdP"}, {provider, strings.ToLower(provider)},
		{"state-2", "state-3"}, {"rsa-sha512", "rsa-sha256"}, {"xmlenc#sha512", "xmlenc#sha256"}, {"rsa-sha512", "rsa-sha1"},
		{`PrefixList="eidas-natural"`, `PrefixList=""`}, {"</saml2p:AuthnRequest>", "<x/></saml2p:AuthnRequest>"},
	}
	for _, change := range changes {
		changed := strings.Replace(good, change[0], change[1], 1)
		if changed == good {
			t.Fatalf("%s is not in it", change[0])
		}
		w.wantMistake(w.send(saml2.FieldRequest, changed), "wrong_signature")
	}
}

var (
	signaturePart = regexp.MustCompile(`(?s)<ds:Signature .*?</ds:Signature>`)
	idPart        = regexp.MustCompile(` ID="([^"]*)"`)
)

// A signature proves what it covers, wherever something else is put.
func TestSignaturesAreNotWrapped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(), neighbour())
	good := strings.TrimPrefix(w.loginOf(java()), `<?xml version="1.0" encoding="UTF-8"?>`)
	signature := signaturePart.FindString(good)
	original := strings.Replace(good, signature, "", 1)
	id := idPart.FindStringSubmatch(good)[1]
	evil := strings.NewReplacer("LoA/low", "LoA/high", id, "_evil", acs, second).Replace(original)
	inside := func(message, add, before string) string { return strings.Replace(message, before, add+before, 1) }
	const end, extensions = "</saml2p:AuthnRequest>", "</saml2p:Extensions>"
	for name, message := range map[string]string{
		"the signature moved, what it signs beside it":     inside(inside(evil, signature, "<saml2p:Extensions>"), original, end),
		"what is signed inside the extensions":             inside(inside(evil, signature, "<saml2p:Extensions>"), original, extensions),
		"what is signed inside the signature":              inside(evil, strings.Replace(signature, "</ds:Signature>", "<ds:Object>"+original+"</ds:Object></ds:Signature>", 1), "<saml2p:Extensions>"),
		"all of the good one inside":                       inside(evil, good, end),
		"all of the good one inside the extensions":        inside(evil, good, extensions),
		"the same ID twice":                                inside(strings.Replace(inside(evil, signature, "<saml2p:Extensions>"), "_evil", id, 1), original, extensions),
		"two signatures":                                   inside(good, signature, "<saml2p:Extensions>"),
		"the good one with a second request behind":        good + evil,
		"a provider of another name around what is signed": inside(strings.Replace(evil, provider, "P0800000B_L01080193;Neighbour", 1), good, extensions),
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{t: t, front: w.front, handler: w.handler, ring: w.ring, parties: w.parties, broker: w.broker, logouts: w.logouts, clock: w.clock}
			got := w.send(saml2.FieldRequest, message)
			if got.StatusCode != http.StatusBadRequest || len(w.broker.opened) != 0 {
				t.Errorf("answered %d", got.StatusCode)
			}
		})
	}
	// Comments and other forms of the same text do not part what is read from what is signed.
	commented := strings.Replace(good, "LoA/low", "LoA/<!-- -->low", 1)
	if req := w.login(commented); req.Level != identity.Low {
		t.Errorf("got level %s", req.Level)
	}
}

func TestProviderNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(), neighbour())
	for _, name := range []string{provider, "p2807900b_l01280796;town", "P2807900B_L01280796_TOWN", "P2807900b_L01280796;toWn"} {
		w.broker.opened = nil
		if req := w.login(w.loginOf(java(), provider, name)); req.RelyingParty != "town" {
			t.Errorf("%s is %s", name, req.RelyingParty)
		}
	}
	w.broker.opened = nil
	for name, want := range map[string]string{
		"P2807900B_L01280796":           "unknown_provider_name",
		"P2807900B_L01280796;":          "unknown_provider_name",
		"P2807900B_L01280796;Town ":     "unknown_provider_name",
		"P2807900B_L01280796;Town;Town": "unknown_provider_name",
		"P2807900B;L01280796_Town":      "unknown_provider_name",
		"Ｐ2807900B_L01280796;Town":      "unknown_provider_name", // a wide P
		"P2807900B_L01280796;ſtown":     "unknown_provider_name", // a long s
		"P0800000B_L01080193;Neighbour": "wrong_signature",
		"":                              "missing_provider_name",
	} {
		w.wantMistake(w.send(saml2.FieldRequest, w.loginOf(java(), provider, name)), want)
	}
	w.wantMistake(w.send(saml2.FieldRequest, w.loginOf(java(), `ProviderName="`+provider+`"`, "")), "missing_provider_name")
}

func TestARequestIsTakenOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	message := w.loginOf(java())
	w.login(message)
	w.broker.opened = nil
	w.wantMistake(w.send(saml2.FieldRequest, message), "used_request")
	refused := w.loginOf(java(), "LoA/low", "LoA/none")
	w.wantRefusal(w.send(saml2.FieldRequest, refused), "Requester", "NoAuthnContext")
	w.wantMistake(w.send(saml2.FieldRequest, refused), "used_request")
	w.clock.Pass(5*time.Minute + time.Second)
	w.wantRefusal(w.send(saml2.FieldRequest, message), "Requester", "RequestDenied")
}

func TestWhatIsProvenAndNotTakenIsToldToTheService(t *testing.T) {
	t.Parallel()
	const context, policy = `<saml2p:RequestedAuthnContext`, `<saml2p:NameIDPolicy`
	all := func(s string) []string { return []string{extensionsEnd, s + extensionsEnd} }
	attribute := func(name, more string) string {
		return `<eidas:RequestedAttribute Name="` + name + `" NameFormat="` + saml2.AttributeURI + `" ` + more + `</eidas:RequestedAttribute>`
	}
	for _, test := range []struct {
		name        string
		change      []string
		top, second string
	}{
		{"sent to another place", []string{`Destination="` + address, `Destination="https://other.example/Proxy2/ServiceProvider`}, "Requester", "RequestDenied"},
		{"too old", []string{"2026-", "2025-"}, "Requester", "RequestDenied"},
		{"of the future", []string{"2026-", "2027-"}, "Requester", "RequestDenied"},
		{"another version", []string{`Version="2.0"><saml2:Issuer`, `Version="1.1"><saml2:Issuer`}, "VersionMismatch", ""},
		{"an unknown part", []string{policy, "<x/>" + policy}, "Requester", "RequestDenied"},
		{"an unknown type of service", []string{"public", "secret"}, "Requester", ""},
		{"an unknown level", []string{"LoA/low", "LoA/none"}, "Requester", "NoAuthnContext"},
		{"exactly a level", []string{`Comparison="minimum"`, `Comparison="exact"`}, "Requester", "NoAuthnContext"},
		{"at most a level", []string{`Comparison="minimum"`, `Comparison="maximum"`}, "Requester", "NoAuthnContext"},
		{"two levels", []string{"</saml2p:RequestedAuthnContext>", "<saml2:AuthnContextClassRef>http://eidas.europa.eu/LoA/high</saml2:AuthnContextClassRef></saml2p:RequestedAuthnContext>"}, "Requester", "NoAuthnContext"},
		{"an e-mail address as the name", []string{saml2.FormatUnspecified, "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"}, "Requester", "InvalidNameIDPolicy"},
		{"somebody certain", []string{policy, "<saml2:Subject><saml2:NameID>12345678Z</saml2:NameID></saml2:Subject>" + policy}, "Requester", "RequestDenied"},
		{"others who prove it", []string{"</saml2p:AuthnRequest>", `<saml2p:Scoping><saml2p:IDPList><saml2p:IDPEntry ProviderID="https://evil.example"/></saml2p:IDPList></saml2p:Scoping></saml2p:AuthnRequest>`}, "Requester", "RequestDenied"},
		{"another audience", []string{context, "<saml2:Conditions><saml2:AudienceRestriction><saml2:Audience>https://evil.example</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>" + context}, "Requester", "RequestDenied"},
		{"every method switched off", all(attribute("http://es.minhafp.clave/AFirmaIdP", ">") + attribute("http://es.minhafp.clave/GISSIdP", ">") + attribute("http://es.minhafp.clave/AEATIdP", "><eidas:AttributeValue/>")), "Requester", "RequestDenied"},
		{"an attribute that is needed and not had", all(attribute("http://eidas.europa.eu/attributes/naturalperson/PlaceOfBirth", `isRequired="true">`)), "Requester", "InvalidAttrNameOrValue"},
		{"a state that is too long", []string{"state-2", strings.Repeat("é", 1025)}, "Requester", "InvalidAttrNameOrValue"},
		{"two states", []string{"</eidas:AttributeValue>", "</eidas:AttributeValue><eidas:AttributeValue>state-3</eidas:AttributeValue>"}, "Requester", "InvalidAttrNameOrValue"},
		{"an attribute twice", all(attribute("http://es.minhafp.clave/RelayState", ">")), "Requester", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			message := w.loginOf(java(), test.change...)
			s := w.wantRefusal(w.send(saml2.FieldRequest, message), test.top, test.second)
			if id := idPart.FindStringSubmatch(message)[1]; s.at("@InResponseTo") != id {
				t.Errorf("in response to %q", s.at("@InResponseTo"))
			}
		})
	}
}

const extensionsEnd = "</eidas:RequestedAttributes>"

func TestWhoMayNotKnowTheDocumentIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	blind := func(p *registry.RelyingParty) { p.Attributes = []identity.Attribute{identity.GivenName} }
	w.register(town(blind))
	w.wantRefusal(w.send(saml2.FieldRequest, w.loginOf(java())), "Responder", "RequestDenied")
	w.register(town())
	req := w.login(w.loginOf(java()))
	if _, err := w.front.Issue(t.Context(), req, outcome(req, func(out *broker.Outcome) { out.Attributes = identity.Attributes{} })); err == nil {
		t.Error("an answer without a name was made")
	}
}

func TestMessagesThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	login, farewell := saml2.PostValue([]byte(w.loginOf(java()))), saml2.PostValue([]byte(w.logoutOf(java())))
	for _, test := range []struct {
		name, want string
		got        *http.Response
	}{
		{"a form of nothing", "unreadable_request", w.postForm(url.Values{}, address)},
		{"no XML", "unreadable_request", w.postForm(url.Values{saml2.FieldRequest: {"xxxx"}}, address)},
		{"both fields", "unreadable_request", w.postForm(url.Values{saml2.FieldRequest: {login}, saml2.FieldLogoutRequest: {farewell}}, address)},
		{"two messages", "unreadable_request", w.postForm(url.Values{saml2.FieldRequest: {login, login}}, address)},
		{"two states", "unreadable_request", w.postForm(url.Values{saml2.FieldRequest: {login}, saml2.FieldRelayState: {"a", "b"}}, address)},
		{"a state that is too long", "unreadable_request", w.postForm(url.Values{saml2.FieldRequest: {login}, saml2.FieldRelayState: {strings.Repeat("é", 1025)}}, address)},
		{"parameters in both places", "unreadable_request", w.postForm(url.Values{saml2.FieldRequest: {login}}, address+"?RelayState=x")},
		{"a login in the field of logouts", "wrong_message", w.postForm(url.Values{saml2.FieldLogoutRequest: {login}}, address)},
		{"a logout in the field of logins", "wrong_message", w.postForm(url.Values{saml2.FieldRequest: {farewell}}, address)},
		{"an answer", "unreadable_request", w.postForm(url.Values{saml2.FieldLogoutResponse: {farewell}}, address)},
		{"a document type", "unreadable_request", w.send(saml2.FieldRequest, "<!DOCTYPE a [<!ENTITY b 'c'>]>"+strings.TrimPrefix(w.loginOf(java()), `<?xml version="1.0" encoding="UTF-8"?>`))},
		{"too deep", "unreadable_request", w.send(saml2.FieldRequest, strings.Repeat("<a>", 5000))},
	} {
		t.Log(test.name)
		w.wantMistake(test.got, test.want)
	}
	if got := w.get(address + "?SAMLRequest=" + url.QueryEscape(login)); got.StatusCode != http.StatusMethodNotAllowed && got.StatusCode != http.StatusNotFound {
		t.Errorf("by GET: answered %d", got.StatusCode)
	}
}

func TestHostileStatesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	markup := strings.Repeat(`"><script>`, 200)
	form := url.Values{saml2.FieldRequest: {saml2.PostValue([]byte(w.loginOf(java(), "state-2", "&lt;/saml2:AttributeValue>&lt;x>")))}, saml2.FieldRelayState: {markup}}
	w.follow(w.postForm(form, address), "/Proxy2/ServiceProvider/login?handle=")
	s := w.finish(w.opened())
	if s.RelayState != markup || s.attributes()["RelayState"] != "</saml2:AttributeValue><x>" {
		t.Errorf("echoed as %q and %q", s.RelayState, s.attributes()["RelayState"])
	}
}

func TestAServiceThatIsRemovedMeanwhileGetsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	req := w.login(w.loginOf(java()))
	w.register(town(func(p *registry.RelyingParty) { p.Clave[0].ACS = []string{second} }))
	if got := w.refused(req, "cancelled"); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("an address that is no longer registered: answered %d", got.StatusCode)
	}
	if home := w.front.Home(req); home != "" {
		t.Errorf("the way back leads to %q", home)
	}
	w.register()
	if got := w.refused(req, "cancelled"); got.StatusCode != http.StatusInternalServerError {
		t.Errorf("a service that is no longer registered: answered %d", got.StatusCode)
	}
	w.broker.opened = nil
	w.wantMistake(w.send(saml2.FieldRequest, w.loginOf(java())), "unknown_provider_name")
}
