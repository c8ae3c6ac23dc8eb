package clave_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/idp/clave"
	"clave/internal/saml2"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"
)

func TestServicesLogInWithTheirKits(t *testing.T) {
	t.Parallel()
	for _, k := range kits() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			message := w.loginOf(k)
			req := w.login(message)
			if req.Front != "clave" || req.RelyingParty != "town" || req.Passive || req.Hint != "" {
				t.Errorf("the broker got %+v", req)
			}
			s := w.finish(req)
			wantKitsToRead(t, s, message)
			if s.RelayState != "state-1" {
				t.Errorf("it comes with %q", s.RelayState)
			}
			if asked := strings.Contains(message, "state-2"); asked != (s.attributes()["RelayState"] == "state-2") {
				t.Errorf("as an attribute %q", s.attributes()["RelayState"])
			}
		})
	}
}

// wantKitsToRead looks at an answer as the kits do, each in its manner.
func wantKitsToRead(t *testing.T, s said, message string) {
	t.Helper()
	request := etree.NewDocument()
	if err := request.ReadFromString(message); err != nil {
		t.Fatal(err)
	}
	id := request.Root().SelectAttrValue("ID", "")
	// By words in the text: prefixes, and the message of the status.
	for _, word := range []string{
		"<saml2p:Response ", "<saml2:Assertion ", "<saml2:AttributeStatement>", "<saml2:NameID ", `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">`,
		"<saml2p:StatusMessage>urn:oasis:names:tc:SAML:2.0:status:Success</saml2p:StatusMessage>",
		"http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512", "http://www.w3.org/2001/10/xml-exc-c14n#",
		"http://www.w3.org/2000/09/xmldsig#enveloped-signature", "<ds:X509Certificate>",
	} {
		if !strings.Contains(s.Text, word) {
			t.Errorf("%s is not in it", word)
		}
	}
	if strings.Count(s.Text, "<ds:Signature ") != 1 {
		t.Error("more is signed than the response")
	}
	// By paths.
	for path, want := range map[string]string{
		"@Destination": acs, "@InResponseTo": id, "@Version": "2.0", "@Consent": "urn:oasis:names:tc:SAML:2.0:consent:obtained", "Issuer": issuer,
		"Status/StatusCode@Value":                      "urn:oasis:names:tc:SAML:2.0:status:Success",
		"Assertion@Version":                            "2.0",
		"Assertion/Issuer":                             issuer,
		"Assertion/Subject/NameID":                     "12345678Z",
		"Assertion/Subject/NameID@NameQualifier":       issuer,
		"Assertion/Subject/SubjectConfirmation@Method": "urn:oasis:names:tc:SAML:2.0:cm:bearer",
		"Assertion/Subject/SubjectConfirmation/SubjectConfirmationData@Recipient":    acs,
		"Assertion/Subject/SubjectConfirmation/SubjectConfirmationData@InResponseTo": id,
		"Assertion/Conditions/AudienceRestriction/Audience":                          acs,
		"Assertion/AuthnStatement/AuthnContext/AuthnContextClassRef":                 "http://eidas.europa.eu/LoA/substantial",
	} {
		if got := s.at(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if s.Target != acs {
		t.Errorf("it goes to %s", s.Target)
	}
	if s.Message.FindElement("./Assertion/Conditions/OneTimeUse") == nil {
		t.Error("it may be used again")
	}
	from, err1 := time.Parse(time.RFC3339, s.at("Assertion/Conditions@NotBefore"))
	until, err2 := time.Parse(time.RFC3339, s.at("Assertion/Conditions@NotOnOrAfter"))
	made, err3 := time.Parse(time.RFC3339, s.at("Assertion@IssueInstant"))
	if err1 != nil || err2 != nil || err3 != nil || from.After(made) || until.Sub(made) != 15*time.Minute {
		t.Errorf("it is good from %v until %v", from, until)
	}
	// By the table of attributes that the Java kit knows; it refuses others.
	names := map[string]string{
		"http://eidas.europa.eu/attributes/naturalperson/PersonIdentifier":  "PersonIdentifier",
		"http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName":  "FirstName",
		"http://eidas.europa.eu/attributes/naturalperson/CurrentFamilyName": "FamilyName",
		"http://es.minhafp.clave/FirstSurname":                              "FirstSurname",
		"http://es.minhafp.clave/SelectedIdP":                               "SelectedIdP",
		"http://es.minhafp.clave/PartialAfirma":                             "PartialAfirma",
		"http://es.minhafp.clave/RegisterType":                              "RegisterType",
		"http://es.minhafp.clave/RelayState":                                "RelayState",
	}
	for _, el := range s.Message.FindElements("./Assertion/AttributeStatement/Attribute") {
		name, friendly := el.SelectAttrValue("Name", ""), el.SelectAttrValue("FriendlyName", "")
		if names[name] != friendly || el.SelectAttrValue("NameFormat", "") != "urn:oasis:names:tc:SAML:2.0:attrname-format:uri" || len(el.ChildElements()) != 1 {
			t.Errorf("attribute %s %s", name, friendly)
		}
	}
	got := s.attributes()
	if got["PersonIdentifier"] != "12345678Z" || got["FirstName"] != "Ana" || got["FamilyName"] != "García Ruiz" || got["FirstSurname"] != "García" || got["SelectedIdP"] != "PIN24H" {
		t.Errorf("attributes %v", got)
	}
}

func TestWhatARequestAsksFor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change []string
		want   broker.Request
	}{
		{"low, and two methods switched off", nil, broker.Request{Level: identity.Low, Methods: []identity.Method{identity.PIN, identity.Permanente, identity.Certificate}}},
		{"a fresh login without a page", []string{`ForceAuthn="false"`, `ForceAuthn="true"`, `IsPassive="false"`, `IsPassive="true"`},
			broker.Request{Level: identity.Low, Fresh: true, Passive: true, Methods: []identity.Method{identity.PIN, identity.Permanente, identity.Certificate}}},
		{"high", []string{"LoA/low", "LoA/high"}, broker.Request{Level: identity.High, Methods: []identity.Method{identity.PIN, identity.Permanente, identity.Certificate}}},
		{"other methods switched off", []string{"EIDASIdP", "AFirmaIdP", "CLVMOVILIdP", "GISSIdP"},
			broker.Request{Level: identity.Low, Methods: []identity.Method{identity.PIN, identity.Movil, identity.EIDAS}}},
		{"Cl@ve PIN switched off", []string{"EIDASIdP", "AEATIdP", "CLVMOVILIdP", "unknown"},
			broker.Request{Level: identity.Low, Methods: []identity.Method{identity.Movil, identity.Permanente, identity.Certificate, identity.EIDAS}}},
		{"an attribute of a method with a value", []string{"RelayState", "AEATIdP", "EIDASIdP", "unknown1", "CLVMOVILIdP", "unknown2"}, broker.Request{Level: identity.Low}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			got := w.login(w.loginOf(java(), test.change...))
			want := test.want
			want.ID, want.Front, want.RelyingParty, want.Return = "login", "clave", "town", got.Return
			want.Certificate = true
			want.Attributes = []identity.Attribute{identity.DocumentNumber, identity.GivenName, identity.FamilyName, identity.FirstSurname}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOnlyTheSandboxTakesHints(t *testing.T) {
	t.Parallel()
	for _, sandbox := range []bool{false, true} {
		w := newWorld(t, func(c *clave.Config) { c.Sandbox = sandbox })
		form := map[string][]string{saml2.FieldRequest: {saml2.PostValue([]byte(w.loginOf(java())))}, "login_hint": {"test:12345678Z"}}
		w.follow(w.postForm(form, address), "/Proxy2/ServiceProvider/login?handle=")
		if got := w.opened().Hint; (got == "test:12345678Z") != sandbox {
			t.Errorf("sandbox %v: got hint %q", sandbox, got)
		}
	}
}

func TestNamesHaveTheFormatThatIsAsked(t *testing.T) {
	t.Parallel()
	const policy = `<saml2p:NameIDPolicy AllowCreate="true" Format="` + saml2.FormatUnspecified + `"/>`
	for change, want := range map[string]string{
		policy: saml2.FormatUnspecified, "": saml2.FormatUnspecified,
		strings.Replace(policy, saml2.FormatUnspecified, saml2.FormatPersistent, 1): saml2.FormatPersistent,
		strings.Replace(policy, saml2.FormatUnspecified, saml2.FormatTransient, 1):  saml2.FormatTransient,
	} {
		w := newWorld(t)
		s := w.finish(w.login(w.loginOf(java(), policy, change)))
		if s.at("Assertion/Subject/NameID@Format") != want || s.at("Assertion/Subject/NameID") != "12345678Z" {
			t.Errorf("got %q as %s, want %s", s.at("Assertion/Subject/NameID"), s.at("Assertion/Subject/NameID@Format"), want)
		}
	}
}

func TestMethodsHaveTheNamesThatServicesKnow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	req := w.login(w.loginOf(java()))
	for method, want := range map[identity.Method]string{
		identity.PIN: "PIN24H", identity.Permanente: "SEGSOC", identity.Movil: "CLVMOVIL", identity.EIDAS: "EIDAS", identity.Certificate: "AFIRMA",
	} {
		got := w.finish(req, func(out *broker.Outcome) { out.Method = method }).attributes()
		if got["SelectedIdP"] != want || got["PartialAfirma"] != "" {
			t.Errorf("%s is said as %v", method, got)
		}
	}
}

func TestHowTheCitizenRegisteredIsSaidWhenItIsAsked(t *testing.T) {
	t.Parallel()
	php := kits()[0]
	for registration, want := range map[identity.Registration]string{identity.Basic: "BASICO", identity.Advanced: "AVANZADO", identity.NoRegistration: ""} {
		w := newWorld(t)
		asked := w.finish(w.login(w.loginOf(php)), func(out *broker.Outcome) { out.Registration = registration })
		if got := asked.attributes()["RegisterType"]; got != want {
			t.Errorf("%s is said as %q", registration, got)
		}
		w = newWorld(t)
		if got, ok := w.finish(w.login(w.loginOf(java()))).attributes()["RegisterType"]; ok {
			t.Errorf("nobody asked, and it says %q", got)
		}
	}
}

func TestTheDateOfBirthIsSaidWhenItIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	need := `<eidas:RequestedAttribute FriendlyName="DateOfBirth" Name="http://eidas.europa.eu/attributes/naturalperson/DateOfBirth" NameFormat="` +
		saml2.AttributeURI + `" isRequired="true"/>`
	if got := w.finish(w.login(w.loginOf(java(), extensionsEnd, need+extensionsEnd))).attributes()["DateOfBirth"]; got != "1980-02-03" {
		t.Errorf("it is said as %q", got)
	}
	w = newWorld(t)
	if got, ok := w.finish(w.login(w.loginOf(java()))).attributes()["DateOfBirth"]; ok {
		t.Errorf("nobody asked, and it says %q", got)
	}
}

// What @firma would say is read in the two manners that public clients have.
func TestCertificatesAreDescribed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.finish(w.login(w.loginOf(java())), byCertificate)
	text, err := base64.StdEncoding.DecodeString(s.attributes()["PartialAfirma"])
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"NIFResponsable": "12345678Z", "nombreResponsable": "Ana", "primerApellidoResponsable": "García", "segundoApellidoResponsable": "Ruiz",
		"idEmisor": "CN=AC Usuarios,OU=Ejemplo,O=Autoridad de Ejemplo,C=ES", "numeroSerie": "123456789012345678901234567890",
		"validoDesde": "2025-01-02T03:04:05Z", "validoHasta": "2029-01-02T03:04:05Z", "politica": "1.3.6.1.4.1.5734.3.10.1",
		"certQualified": "YES", "clasificacion": "0",
	}
	read := func(text, path string) map[string]string {
		t.Helper()
		d := etree.NewDocument()
		if err := d.ReadFromString(text); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, el := range d.FindElements(path) {
			fields := el.ChildElements()
			if fields[0].Tag != "FieldIdentity" || fields[1].Tag != "FieldValue" {
				t.Errorf("a field has %s first", fields[0].Tag)
			}
			got[fields[0].Text()] = fields[1].Text()
		}
		return got
	}
	if diff := cmp.Diff(want, read(string(text), "/Partial_Afirma_Response/ReadableCertificateInfo/ReadableField")); diff != "" {
		t.Error("by local names", diff)
	}
	const space = "[namespace-uri()='urn:afirma:dss:1.0:profile:XSS:schema']"
	if diff := cmp.Diff(want, read(string(text), "//ReadableCertificateInfo"+space+"/ReadableField"+space)); diff != "" {
		t.Error("by namespace", diff)
	}
	if s.attributes()["SelectedIdP"] != "AFIRMA" {
		t.Errorf("the method is %q", s.attributes()["SelectedIdP"])
	}

	// What the service may not know is not told by the way.
	s = w.finish(w.opened(), byCertificate, func(out *broker.Outcome) {
		out.Attributes = identity.Attributes{DocumentNumber: "12345678Z"}
		out.Certificate.Qualified, out.Certificate.Employee = false, true
	})
	text, err = base64.StdEncoding.DecodeString(s.attributes()["PartialAfirma"])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"nombreResponsable", "primerApellidoResponsable", "segundoApellidoResponsable"} {
		delete(want, name)
	}
	want["certQualified"], want["clasificacion"] = "NO", "5"
	if diff := cmp.Diff(want, read(string(text), "//ReadableField")); diff != "" {
		t.Error(diff)
	}
}

func TestAnswersAreEncryptedForWhoIsRegisteredSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(func(p *registry.RelyingParty) { p.Clave[0].EncryptionCertificate = registered(shared().town) }))
	s := w.finish(w.login(w.loginOf(java())))
	if s.Message.FindElement("./EncryptedAssertion") == nil || strings.Contains(s.Text, "12345678Z") || strings.Contains(s.Text, "<saml2:Assertion") {
		t.Error("it can be read by who carries it")
	}
	if s.at("Status/StatusMessage") != saml2.StatusSuccess {
		t.Error("it is no success")
	}
}

func TestAnotherRegisteredAddressGetsTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.finish(w.login(w.loginOf(java(), acs, second)))
	if s.Target != second || s.at("@Destination") != second || s.at("Assertion/Conditions/AudienceRestriction/Audience") != second {
		t.Errorf("it goes to %s, for %s", s.Target, s.at("Assertion/Conditions/AudienceRestriction/Audience"))
	}
	if home := w.front.Home(w.opened()); home != "https://town.example/" {
		t.Errorf("the way back leads to %q", home)
	}
}

func TestRefusalsOfTheBrokerAreSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	req := w.login(w.loginOf(java()))
	w.broker.opened = nil
	for _, reason := range broker.Reasons() {
		m := reason.Meaning()
		s := w.wantRefusal(w.refused(req, reason), "Responder", m.SAML)
		if s.at("Status/StatusMessage") != m.Text || !slices.Contains([]string{"AuthnFailed", "NoAuthnContext", "NoPassive"}, m.SAML) {
			t.Errorf("%s is said as %s, %q", reason, m.SAML, s.at("Status/StatusMessage"))
		}
	}
}

func TestAnAnswerGivenAgainIsTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	req := w.login(w.loginOf(java()))
	answer, err := w.front.Issue(t.Context(), req, outcome(req))
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.front.Reissue(t.Context(), req, answer)
	if err != nil || string(again) != string(answer) {
		t.Errorf("it is another one, %v", err)
	}
}

func TestARequestWaitsForItsBrowserOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	where := w.send(saml2.FieldRequest, w.loginOf(java())).Header.Get("Location")
	if len(w.broker.opened) != 0 {
		t.Fatal("a login was opened without our cookies")
	}
	w.get(issuer + where)
	w.broker.opened = nil
	w.wantMistake(w.get(issuer+where), "used_handle")
	where = w.send(saml2.FieldRequest, w.loginOf(java())).Header.Get("Location")
	w.clock.Pass(5 * time.Minute)
	w.wantMistake(w.get(issuer+where), "used_handle")
	w.wantMistake(w.get(address+"/login"), "used_handle")
	where = w.send(saml2.FieldRequest, w.loginOf(java())).Header.Get("Location")
	w.wantMistake(w.get(issuer+strings.Replace(where, "/login", "/logout", 1)), "used_handle")
}
