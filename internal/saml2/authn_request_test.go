package saml2_test

import (
	"crypto"
	"errors"
	"strings"
	"testing"
	"time"

	"clave/internal/saml2"
	"clave/internal/xmlsig"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// full has everything that a request can ask for.
const full = `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:eidas="http://eidas.europa.eu/saml-extensions" ID="_r1" Version="2.0" IssueInstant="2026-11-22T11:59:00.123Z" Destination="https://clave.example/saml/sso" Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" ForceAuthn="true" IsPassive="0" ProviderName="Town" AssertionConsumerServiceIndex="2" AttributeConsumingServiceIndex="1">
 <saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity"> https://town.example/saml
 </saml:Issuer>
 <samlp:Extensions><eidas:SPType>public</eidas:SPType><eidas:RequestedAttributes>
  <eidas:RequestedAttribute FriendlyName="FirstName" Name="http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="true"/>
  <eidas:RequestedAttribute FriendlyName="RelayState" Name="http://es.minhafp.clave/RelayState" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="false"><eidas:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:string">abc</eidas:AttributeValue></eidas:RequestedAttribute>
 </eidas:RequestedAttributes><x:other xmlns:x="urn:x"/></samlp:Extensions>
 <saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="q" SPNameQualifier="sp">abc</saml:NameID></saml:Subject>
 <samlp:NameIDPolicy AllowCreate="1" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" SPNameQualifier="sp"/>
 <saml:Conditions NotBefore="2026-11-22T11:58:00Z" NotOnOrAfter="2026-11-22T12:10:00Z"><saml:AudienceRestriction><saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction><saml:OneTimeUse/></saml:Conditions>
 <samlp:RequestedAuthnContext Comparison="minimum"><saml:AuthnContextClassRef>http://eidas.europa.eu/LoA/substantial</saml:AuthnContextClassRef><saml:AuthnContextClassRef>http://eidas.europa.eu/LoA/high</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>
 <samlp:Scoping ProxyCount="0"><samlp:IDPList><samlp:IDPEntry ProviderID="https://clave.example"/></samlp:IDPList><samlp:RequesterID>https://town.example/inner</samlp:RequesterID></samlp:Scoping>
</samlp:AuthnRequest>`

func ptr(n int) *int { return &n }

func TestRequestsAreReadWhole(t *testing.T) {
	t.Parallel()
	want := &saml2.AuthnRequest{
		Header: saml2.Header{
			ID: "_r1", Issuer: service, Destination: sso, Consent: "urn:oasis:names:tc:SAML:2.0:consent:unspecified",
			IssueInstant: time.Date(2026, 11, 22, 11, 59, 0, 123e6, time.UTC),
		},
		Received:     saml2.Received{Signed: true, Binding: saml2.BindingPost, RelayState: "state"},
		ProviderName: "Town", ForceAuthn: true, ACS: saml2.ACS{Index: ptr(2)}, AttributeService: ptr(1),
		Subject:      &saml2.NameID{Value: "abc", Format: saml2.FormatPersistent, NameQualifier: "q", SPNameQualifier: "sp"},
		NameIDPolicy: saml2.NameIDPolicy{Format: saml2.FormatTransient, SPNameQualifier: "sp", AllowCreate: true},
		Audiences:    []string{"https://other.example"},
		Context:      saml2.RequestedContext{Comparison: saml2.Minimum, Classes: []string{"http://eidas.europa.eu/LoA/substantial", "http://eidas.europa.eu/LoA/high"}},
		Scoping:      &saml2.Scoping{ProxyCount: ptr(0), IDPs: []string{"https://clave.example"}, Requesters: []string{"https://town.example/inner"}},
		Extensions: saml2.Extensions{SPType: "public", Attributes: []saml2.RequestedAttribute{
			{Name: "http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName", FriendlyName: "FirstName", NameFormat: saml2.AttributeURI, Required: true},
			{Name: "http://es.minhafp.clave/RelayState", FriendlyName: "RelayState", NameFormat: saml2.AttributeURI, Values: []string{"abc"}},
		}},
	}
	got, err := readPost(post(signedText(t, full, signer(t, "service_rsa"))), terms(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("by HTTP-POST (-got +want)\n%s", diff)
	}
	for _, state := range []string{"", "state with & and ñ"} {
		got, err := readRedirect(redirect(t, full, state, signer(t, "service_rsa")), terms(t))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want, cmpopts.IgnoreFields(saml2.AuthnRequest{}, "Received")); diff != "" {
			t.Errorf("by HTTP-Redirect (-got +want)\n%s", diff)
		}
		if want := (saml2.Received{Signed: true, Binding: saml2.BindingRedirect, RelayState: state}); got.Received != want {
			t.Errorf("got %+v, want %+v", got.Received, want)
		}
	}
}

// A key that is not the first, and each algorithm, both ways.
func TestSignaturesOfServices(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"service_rsa", "idp_ec"} {
		s := signer(t, name)
		on := terms(t)
		on.Keys = []crypto.PublicKey{key(t, "idp_rsa").Public(), s.Key.Public()}
		if _, err := readPost(post(signedText(t, request, s)), on); err != nil {
			t.Errorf("%s by HTTP-POST: %v", name, err)
		}
		if _, err := readRedirect(redirect(t, request, "x", s), on); err != nil {
			t.Errorf("%s by HTTP-Redirect: %v", name, err)
		}
	}
}

// Whoever takes unsigned requests gets to know that they are.
func TestUnsignedRequestsAreTakenOnDemand(t *testing.T) {
	t.Parallel()
	on := terms(t)
	on.Unsigned = true
	for _, text := range []string{request, strings.Replace(request, ` Destination="https://clave.example/saml/sso"`, "", 1)} {
		got, err := readPost(post(text), on)
		if err != nil || got.Signed {
			t.Errorf("by HTTP-POST: got %+v, %v", got, err)
		}
		got, err = readRedirect(redirect(t, text, "", nil), on)
		if err != nil || got.Signed {
			t.Errorf("by HTTP-Redirect: got %+v, %v", got, err)
		}
	}
	forged := strings.Replace(signedText(t, request, signer(t, "service_rsa")), "persistent", "transient", 1)
	if _, err := readPost(post(forged), on); !errors.Is(err, saml2.ErrSignature) {
		t.Errorf("a signature that does not hold: got %v", err)
	}
}

// What a service of Cl@ve 2 may leave out.
func TestTolerances(t *testing.T) {
	t.Parallel()
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	dialect := terms(t)
	dialect.Issuer, dialect.AnyIssuer, dialect.DestinationOptional, dialect.Zone = "", true, true, time.UTC
	local := dialect
	local.Zone = madrid
	at := func(instant string) string { return strings.Replace(request, "2026-11-22T11:59:00Z", instant, 1) }
	const issuer = "<saml:Issuer>https://town.example/saml</saml:Issuer>"
	tests := []struct {
		name, text string
		terms      saml2.Terms
		want       error
	}{
		{"no zone", at("2026-11-22T11:59:00"), dialect, nil},
		{"no zone, with a fraction", at("2026-11-22T11:59:00.5"), dialect, nil},
		{"an offset", at("2026-11-22T12:59:00+01:00"), dialect, nil},
		{"no zone, in Madrid", at("2026-11-22T12:59:00"), local, nil},
		{"no zone where one has to be", at("2026-11-22T11:59:00"), terms(t), saml2.ErrInvalid},
		{"an offset where UTC has to be", at("2026-11-22T12:59:00+01:00"), terms(t), saml2.ErrInvalid},
		{"no issuer", strings.Replace(request, issuer, "", 1), dialect, nil},
		{"an empty issuer", strings.Replace(request, issuer, "<saml:Issuer/>", 1), dialect, nil},
		{"another issuer", strings.Replace(request, issuer, "<saml:Issuer>_abc</saml:Issuer>", 1), dialect, nil},
		{"no destination", strings.Replace(request, ` Destination="https://clave.example/saml/sso"`, "", 1), dialect, nil},
		{"another destination", strings.Replace(request, "clave.example/saml/sso", "clave.example/saml/slo", 1), dialect, saml2.ErrDestination},
		{"an ID that begins with a digit", strings.Replace(request, "_r1", "0c7f3a2e-1111-4222-8333-123456789abc", 1), terms(t), nil},
		{"other prefixes", strings.NewReplacer("samlp:", "saml2p:", "saml:", "", "xmlns:samlp", "xmlns:saml2p", "xmlns:saml=", "xmlns=").Replace(request), dialect, nil},
		{"empty requested attributes", strings.Replace(request, issuer, issuer+`<samlp:Extensions><e:RequestedAttributes xmlns:e="http://eidas.europa.eu/saml-extensions"/></samlp:Extensions>`, 1), dialect, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := readPost(post(signedText(t, test.text, signer(t, "service_rsa"))), test.terms); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// Line ends in base64 and inside the signature are no reason to refuse.
func TestLineEndsDoNotMatter(t *testing.T) {
	t.Parallel()
	text := signedText(t, request, signer(t, "service_rsa"))
	text = strings.Replace(text, "</ds:SignedInfo>", "</ds:SignedInfo>\n", 1)
	text = strings.Replace(text, "<ds:SignatureValue>", "<ds:SignatureValue>\r\n  ", 1)
	form := post(text)
	v := form.Get(saml2.FieldRequest)
	form.Set(saml2.FieldRequest, v[:76]+"\r\n"+v[76:152]+"\n"+v[152:]+"\n")
	if _, err := readPost(form, terms(t)); err != nil {
		t.Error(err)
	}
}

// Before anything is proven, who asks is known, so that their keys can be found.
func TestClaims(t *testing.T) {
	t.Parallel()
	text := strings.Replace(request, "<samlp:AuthnRequest ", `<samlp:AuthnRequest ProviderName="P2807900B_L01280796;Town" `, 1)
	tests := []struct {
		name, text string
		want       saml2.Claims
	}{
		{"everything", text, saml2.Claims{ID: "_r1", Issuer: service, ProviderName: "P2807900B_L01280796;Town", ACS: acs}},
		{"no issuer", strings.Replace(request, "saml:Issuer", "saml:Else", 2), saml2.Claims{ID: "_r1", ACS: acs}},
		{"an ID that is none", strings.Replace(request, `ID="_r1"`, `ID="1 2"`, 1), saml2.Claims{Issuer: service, ACS: acs}},
		{"an issuer with more than text", strings.Replace(request, "<saml:Issuer>", "<saml:Issuer><a/>", 1), saml2.Claims{ID: "_r1", ACS: acs}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			in, err := saml2.ReadPost(post(test.text), saml2.MessageLimits(), saml2.FieldRequest)
			if err != nil {
				t.Fatal(err)
			}
			if got := in.Claims(); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			if in.Kind != saml2.KindAuthnRequest || in.Field != saml2.FieldRequest {
				t.Errorf("got %v under %s", in.Kind, in.Field)
			}
		})
	}
}

// What was read is written so that it reads the same.
func TestRequestsAreWrittenAsTheyWereRead(t *testing.T) {
	t.Parallel()
	s := signer(t, "service_rsa")
	for _, text := range []string{full, request} {
		text = strings.Replace(text, ".123Z", "Z", 1) // fractions are not written
		want, err := readPost(post(signedText(t, text, s)), terms(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []saml2.Prefixes{{}, saml2.DialectPrefixes()} {
			data, err := want.Write(n, s)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readPost(post(string(data)), terms(t))
			if err != nil {
				t.Fatalf("%v\n%s", err, data)
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("(-got +want)\n%s", diff)
			}
		}
	}
}

// dialect has the shape of what public clients of Cl@ve 2 send.
const dialect = `<?xml version="1.0" encoding="UTF-8"?><saml2p:AuthnRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:eidas="http://eidas.europa.eu/saml-extensions" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:eidas-natural="http://eidas.europa.eu/attributes/naturalperson" Destination="https://clave.example/saml/sso" ProviderName="P2807900B_L01280796;Town" ID="_r1" IssueInstant="2026-11-22T11:59:00" AssertionConsumerServiceURL="https://town.example/saml/acs" Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" ForceAuthn="false" IsPassive="false" Version="2.0">
 <saml2p:Extensions>
  <eidas:SPType>public</eidas:SPType>
  <eidas:RequestedAttributes>
   <eidas:RequestedAttribute FriendlyName="AFirmaIdP" Name="http://es.minhafp.clave/AFirmaIdP" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="false"/>
   <eidas:RequestedAttribute FriendlyName="RelayState" Name="http://es.minhafp.clave/RelayState" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="false"><eidas:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="eidas-natural:PersonIdentifierType">0c7f3a2e</eidas:AttributeValue></eidas:RequestedAttribute>
  </eidas:RequestedAttributes>
 </saml2p:Extensions>
 <saml2p:NameIDPolicy AllowCreate="true" Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"/>
 <saml2p:RequestedAuthnContext Comparison="minimum"><saml2:AuthnContextClassRef>http://eidas.europa.eu/LoA/low</saml2:AuthnContextClassRef></saml2p:RequestedAuthnContext>
</saml2p:AuthnRequest>`

func TestARequestOfTheDialect(t *testing.T) {
	t.Parallel()
	on := terms(t)
	on.Issuer, on.AnyIssuer, on.Zone = "", true, time.UTC
	s := signer(t, "service_rsa")
	s.Method = xmlsig.RSASHA512
	r, err := readPost(post(signedText(t, dialect, s)), on)
	if err != nil {
		t.Fatal(err)
	}
	off, asked := r.Extensions.Attribute("http://es.minhafp.clave/AFirmaIdP")
	state, _ := r.Extensions.Attribute("http://es.minhafp.clave/RelayState")
	if r.ProviderName != "P2807900B_L01280796;Town" || !asked || len(off.Values) != 0 || len(state.Values) != 1 || state.Values[0] != "0c7f3a2e" {
		t.Errorf("got %+v", r)
	}
	if _, asked := r.Extensions.Attribute("http://es.minhafp.clave/GISSIdP"); asked {
		t.Error("asked for what is not there")
	}
}
