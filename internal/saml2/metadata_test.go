package saml2_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"clave/internal/saml2"
	"clave/internal/xmlsig"

	"github.com/crewjam/saml"
	"github.com/google/go-cmp/cmp"
)

func unmarshal(data []byte, into any) error { return xml.Unmarshal(data, into) }

// reason is what a peer tells only in private.
func reason(err error) error {
	var private *saml.InvalidResponseError
	if errors.As(err, &private) {
		return private.PrivateErr
	}
	return err
}

// provider is what we say of ourselves while keys change.
func provider(t testing.TB) saml2.IdentityProvider {
	t.Helper()
	return saml2.IdentityProvider{
		EntityID: idp, ID: "_m1", ValidUntil: noon.Add(14 * 24 * time.Hour), CacheDuration: 6 * time.Hour,
		SigningCertificates: []*x509.Certificate{certificate(t, "idp_rsa"), certificate(t, "idp_ec")},
		WantSignedRequests:  true,
		SingleSignOn:        []saml2.Endpoint{{Binding: saml2.BindingRedirect, Location: sso}, {Binding: saml2.BindingPost, Location: sso}},
		SingleLogout:        []saml2.Endpoint{{Binding: saml2.BindingRedirect, Location: "https://clave.example/saml/slo", ResponseLocation: "https://clave.example/saml/slo/done"}},
		NameIDFormats:       []string{saml2.FormatPersistent, saml2.FormatTransient},
		Attributes:          []saml2.Attribute{{Name: "http://eidas.europa.eu/attributes/naturalperson/PersonIdentifier", FriendlyName: "PersonIdentifier", Values: []string{"not shown"}}},
		DigestMethods:       []string{xmlsig.SHA256},
		SigningMethods:      []string{xmlsig.RSASHA256, xmlsig.ECDSASHA256},
		EntityAttributes:    []saml2.Attribute{{Name: saml2.AssuranceCertification, Values: []string{"http://eidas.europa.eu/LoA/low", "http://eidas.europa.eu/LoA/high"}}},
		Interface: saml2.Interface{
			DisplayNames:    []saml2.Localized{{Language: "es", Text: "Identificación"}, {Language: "ca-valencia", Text: "Identificació"}},
			Descriptions:    []saml2.Localized{{Language: "es", Text: "Para <todos> & todas"}},
			InformationURLs: []saml2.Localized{{Language: "es", Text: "https://clave.example/"}},
			Logos:           []saml2.Logo{{URL: "https://clave.example/logo.png", Width: 80, Height: 60, Language: "es"}},
		},
		Organization: &saml2.Organization{
			Names: []saml2.Localized{{Language: "es", Text: "Ayuntamiento"}}, DisplayNames: []saml2.Localized{{Language: "es", Text: "Ayuntamiento"}},
			URLs: []saml2.Localized{{Language: "es", Text: "https://town.example/"}},
		},
		Contacts: []saml2.Contact{{Kind: "technical", GivenName: "Soporte", Email: "help@clave.example"}},
	}
}

func TestOurMetadata(t *testing.T) {
	t.Parallel()
	data, err := provider(t).Write(signer(t, "idp_rsa"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "metadata.xml", data)
	var got saml.EntityDescriptor
	if err := unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got.EntityID != idp || len(got.IDPSSODescriptors) != 1 || len(got.IDPSSODescriptors[0].KeyDescriptors) != 2 || got.CacheDuration != 6*time.Hour {
		t.Errorf("a peer reads %+v", got)
	}
	plain, err := saml2.IdentityProvider{EntityID: idp, SingleSignOn: []saml2.Endpoint{{Binding: saml2.BindingPost, Location: sso}}}.Write(nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(plain), "Extensions") {
		t.Errorf("empty extensions in %s", plain)
	}
}

// theirs is a service's metadata; KEYS is where its keys are.
const theirs = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui" ID="_m1" entityID="https://town.example/saml" validUntil="2026-12-01T00:00:00Z" cacheDuration="PT6H">
 <md:Extensions><mdattr:EntityAttributes xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute"><saml:Attribute xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Name="http://macedir.org/entity-category" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"><saml:AttributeValue>http://example.org/category</saml:AttributeValue></saml:Attribute></mdattr:EntityAttributes></md:Extensions>
 <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol urn:oasis:names:tc:SAML:2.0:protocol" AuthnRequestsSigned="true" WantAssertionsSigned="1" validUntil="2026-11-30T00:00:00Z">
  <md:Extensions><mdui:UIInfo><mdui:DisplayName xml:lang="es">Ayuntamiento</mdui:DisplayName><mdui:Logo width="16" height="16">https://town.example/logo.png</mdui:Logo></mdui:UIInfo><x:other xmlns:x="urn:x"/></md:Extensions>
  KEYS
  <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="https://town.example/soap"/>
  <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://town.example/slo" ResponseLocation="https://town.example/slo/done"/>
  <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
  <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact" Location="https://town.example/artifact" index="0"/>
  <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://town.example/old" index="1" isDefault="false"/>
  <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://town.example/saml/acs" index="2"/>
  <md:AttributeConsumingService index="1" isDefault="true"><md:ServiceName xml:lang="es">Padrón</md:ServiceName><md:RequestedAttribute Name="http://eidas.europa.eu/attributes/naturalperson/PersonIdentifier" FriendlyName="PersonIdentifier" isRequired="true"/></md:AttributeConsumingService>
 </md:SPSSODescriptor>
</md:EntityDescriptor>`

func descriptor(use string, der []byte, methods string) string {
	if use != "" {
		use = ` use="` + use + `"`
	}
	return `<md:KeyDescriptor` + use + `><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
` + base64.StdEncoding.EncodeToString(der) + `
</ds:X509Certificate></ds:X509Data></ds:KeyInfo>` + methods + `</md:KeyDescriptor>`
}

func metadataWith(keys string) string { return strings.Replace(theirs, "KEYS", keys, 1) }

func metadataTerms() saml2.MetadataTerms { return saml2.MetadataTerms{Now: noon} }

func TestTheirMetadata(t *testing.T) {
	t.Parallel()
	rsaOne, ecOne := certificate(t, "service_rsa"), certificate(t, "idp_ec")
	text := metadataWith(descriptor("signing", ecOne.Raw, "") + descriptor("", rsaOne.Raw,
		`<md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/><md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><MGF xmlns="http://www.w3.org/2009/xmlenc11#" Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/></md:EncryptionMethod>`))
	methods := []saml2.EncryptionMethod{{Algorithm: saml2.AES128GCM}, {Algorithm: saml2.OAEP, Digest: "http://www.w3.org/2001/04/xmlenc#sha256", MGF: "http://www.w3.org/2009/xmlenc11#mgf1sha256"}}
	want := &saml2.ServiceProvider{
		EntityID: service, ValidUntil: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), CacheDuration: 6 * time.Hour,
		SignsRequests: true, WantsSignedAssertions: true,
		SigningCertificates: []*x509.Certificate{ecOne, rsaOne},
		EncryptionKeys:      []saml2.EncryptionKey{{Certificate: rsaOne, Methods: methods}},
		ACS: []saml2.IndexedEndpoint{
			{Endpoint: saml2.Endpoint{Binding: saml2.BindingPost, Location: "https://town.example/old"}, Index: 1, NotDefault: true},
			{Endpoint: saml2.Endpoint{Binding: saml2.BindingPost, Location: acs}, Index: 2},
		},
		SingleLogout:  []saml2.Endpoint{{Binding: saml2.BindingRedirect, Location: "https://town.example/slo", ResponseLocation: "https://town.example/slo/done"}},
		NameIDFormats: []string{saml2.FormatTransient},
		AttributeServices: []saml2.AttributeService{{Index: 1, Default: true, Names: []saml2.Localized{{Language: "es", Text: "Padrón"}},
			Attributes: []saml2.RequestedAttribute{{Name: "http://eidas.europa.eu/attributes/naturalperson/PersonIdentifier", FriendlyName: "PersonIdentifier", Required: true}}}},
		Interface:        saml2.Interface{DisplayNames: []saml2.Localized{{Language: "es", Text: "Ayuntamiento"}}, Logos: []saml2.Logo{{URL: "https://town.example/logo.png", Width: 16, Height: 16}}},
		EntityAttributes: []saml2.Attribute{{Name: "http://macedir.org/entity-category", NameFormat: saml2.AttributeURI, Values: []string{"http://example.org/category"}}},
	}
	got, err := saml2.ReadMetadata([]byte(text), saml2.MetadataLimits(), metadataTerms())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want)\n%s", diff)
	}
	if len(got.Keys()) != 2 {
		t.Errorf("got %d keys", len(got.Keys()))
	}
	e, err := saml2.EncryptionFor(rsaOne, got.EncryptionKeys[0].Methods)
	if err != nil || e.Cipher != saml2.AES128GCM || e.Transport != saml2.OAEP {
		t.Errorf("got %+v, %v", e, err)
	}
}

// Who signs metadata is said by who fetches it.
func TestSignaturesOfMetadata(t *testing.T) {
	t.Parallel()
	good := metadataWith(descriptor("signing", certificate(t, "service_rsa").Raw, ""))
	signed := signedText(t, good, signer(t, "idp_rsa"))
	other := strings.NewReplacer(`ID="_m1"`, `ID="_m2"`, "town.example", "mallory.example").Replace(good)
	aggregate := func(entities string) string {
		return `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_all" validUntil="2026-11-23T00:00:00Z">` + entities + `</md:EntitiesDescriptor>`
	}
	ours := metadataTerms()
	ours.Signers = []crypto.PublicKey{key(t, "idp_rsa").Public()}
	named := ours
	named.EntityID = service
	tests := []struct {
		name, text string
		terms      saml2.MetadataTerms
		want       error
	}{
		{"signed", signed, ours, nil},
		{"of the one that is wanted", signed, named, nil},
		{"signed, and nobody asks", signed, metadataTerms(), nil},
		{"a list that is signed", signedText(t, aggregate(good+other), signer(t, "idp_rsa")), named, nil},
		{"a list of which the entity is signed", aggregate(signed + other), named, nil},
		{"not signed", good, ours, saml2.ErrUnsigned},
		{"changed", strings.ReplaceAll(signed, "saml/acs", "saml/evil"), ours, saml2.ErrSignature},
		{"signed by somebody else", signedText(t, good, signer(t, "service_rsa")), ours, saml2.ErrSignature},
		{"a list of which another entity is signed", aggregate(good + signedText(t, other, signer(t, "idp_rsa"))), named, saml2.ErrUnsigned},
		{"one inside another", strings.Replace(good, "<md:Extensions>", "<md:Extensions>"+strings.Replace(signed, "_m1", "_m2", 1), 1), ours, saml2.ErrUnsigned},
		{"a list of several, of which none is wanted", aggregate(good + other), metadataTerms(), saml2.ErrMetadata},
		{"a list without the one that is wanted", aggregate(other), named, saml2.ErrMetadata},
		{"a list with the one that is wanted twice", aggregate(good + strings.Replace(good, "_m1", "_m2", 1)), saml2.MetadataTerms{EntityID: service, Now: noon}, saml2.ErrMetadata},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := saml2.ReadMetadata([]byte(test.text), saml2.MetadataLimits(), test.terms)
			if !errors.Is(err, test.want) || err != nil && !errors.Is(err, saml2.ErrMetadata) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if err == nil && got.EntityID != service {
				t.Errorf("got %s", got.EntityID)
			}
		})
	}
	in, err := saml2.ReadMetadata([]byte(aggregate(good)), saml2.MetadataLimits(), metadataTerms())
	if err != nil || !in.ValidUntil.Equal(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the list's end does not count: got %v, %v", in, err)
	}
}

func TestUnusableMetadata(t *testing.T) {
	t.Parallel()
	raw := certificate(t, "service_rsa").Raw
	good := metadataWith(descriptor("", raw, ""))
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, text, says string }{
		{"no XML", "metadata", "unacceptable"},
		{"a page of HTML", "<html><body/></html>", "no EntityDescriptor"},
		{"a document type", `<!DOCTYPE x>` + good, "unacceptable"},
		{"no name", strings.Replace(good, `entityID="https://town.example/saml"`, "", 1), "entityID"},
		{"an identity provider", strings.ReplaceAll(good, "SPSSODescriptor", "IDPSSODescriptor"), "SPSSODescriptor"},
		{"another protocol", strings.Replace(good, "urn:oasis:names:tc:SAML:2.0:protocol", "urn:x", 1), "SPSSODescriptor"},
		{"over", strings.Replace(good, "2026-12-01", "2026-11-01", 1), "validUntil is past"},
		{"an end that is none", strings.Replace(good, "2026-12-01T00:00:00Z", "never", 1), "validUntil"},
		{"a time to keep it that is none", strings.Replace(good, "PT6H", "6 hours", 1), "cacheDuration"},
		{"an empty time to keep it", strings.Replace(good, "PT6H", "PT", 1), "cacheDuration"},
		{"no address for answers", strings.ReplaceAll(good, "bindings:HTTP-POST", "bindings:PAOS"), "HTTP-POST"},
		{"an address without TLS", strings.Replace(good, "https://town.example/saml/acs", "http://town.example/saml/acs", 1), "https://"},
		{"an address that runs", strings.Replace(good, "https://town.example/saml/acs", "javascript:alert(1)", 1), "https://"},
		{"an address with a name before the host", strings.Replace(good, "https://town.example/saml/acs", "https://clave.example@mallory.example", 1), "https://"},
		{"an address that browsers turn round", strings.Replace(good, "https://town.example/saml/acs", `https://town.example/\..\acs`, 1), "https://"},
		{"an address with spaces", strings.Replace(good, "https://town.example/saml/acs", "https://town.example/saml/a b", 1), "https://"},
		{"an address of many hosts", strings.Replace(good, "https://town.example/saml/acs", "https://*.example/saml/acs", 1), "https://"},
		{"an empty address", strings.Replace(good, `Location="https://town.example/saml/acs"`, `Location=""`, 1), "https://"},
		{"two of one number", strings.Replace(good, `index="2"`, `index="1"`, 1), "index"},
		{"no number", strings.Replace(good, ` index="2"`, ``, 1), "index"},
		{"no key although it signs", metadataWith(""), "X509Certificate"},
		{"many keys", metadataWith(strings.Repeat(descriptor("", raw, ""), 17)), "more than 16"},
		{"a weak key", metadataWith(descriptor("", selfSigned(t, weak), "")), "less than 2048 bits"},
		{"a weak curve", metadataWith(descriptor("", selfSigned(t, curve), "")), "curve"},
		{"a certificate that is none", metadataWith(descriptor("", []byte("abc"), "")), "cannot be read"},
		{"a certificate that is no base64", strings.Replace(good, "<ds:X509Certificate>", "<ds:X509Certificate>!", 1), "base64"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := saml2.ReadMetadata([]byte(test.text), saml2.MetadataLimits(), metadataTerms())
			if got != nil || !errors.Is(err, saml2.ErrMetadata) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	local := metadataTerms()
	local.AllowHTTP = true
	if _, err := saml2.ReadMetadata([]byte(strings.ReplaceAll(good, "https://town", "http://town")), saml2.MetadataLimits(), local); err != nil {
		t.Errorf("on one machine: %v", err)
	}
}

// What stock services say of themselves is read.
func TestMetadataOfAStockService(t *testing.T) {
	t.Parallel()
	data, err := xml.Marshal(peer(t).Metadata())
	if err != nil {
		t.Fatal(err)
	}
	terms := metadataTerms()
	terms.Now = time.Now() // its own clock sets the end
	got, err := saml2.ReadMetadata(data, saml2.MetadataLimits(), terms)
	if err != nil {
		t.Fatal(err)
	}
	if at, _ := got.Answer(saml2.ACS{}); got.EntityID != service || at.Location != acs || len(got.EncryptionKeys) == 0 {
		t.Errorf("got %+v", got)
	}
}

func selfSigned(t testing.TB, k crypto.Signer) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: noon.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestAnswersGoWhereTheMetadataSay(t *testing.T) {
	t.Parallel()
	at := func(index int, location string, is, isNot bool) saml2.IndexedEndpoint {
		return saml2.IndexedEndpoint{Endpoint: saml2.Endpoint{Binding: saml2.BindingPost, Location: location}, Index: index, Default: is, NotDefault: isNot}
	}
	three := []saml2.IndexedEndpoint{at(0, "https://a", false, true), at(1, "https://b", false, false), at(2, "https://c", true, false)}
	tests := []struct {
		name string
		acs  []saml2.IndexedEndpoint
		wish saml2.ACS
		want string // empty: nowhere
	}{
		{"nothing said", three, saml2.ACS{}, "https://c"},
		{"nothing said, and none is for all", three[:2], saml2.ACS{}, "https://b"},
		{"nothing said, and the only one is not for all", three[:1], saml2.ACS{}, "https://a"},
		{"an address", three, saml2.ACS{URL: "https://a"}, "https://a"},
		{"an address and its binding", three, saml2.ACS{URL: "https://a", Binding: saml2.BindingPost}, "https://a"},
		{"an address and a binding by which nothing is sent", three, saml2.ACS{URL: "https://a", Binding: saml2.BindingRedirect}, ""},
		{"an address that is not there", three, saml2.ACS{URL: "https://mallory.example"}, ""},
		{"an address with something behind", three, saml2.ACS{URL: "https://a/"}, ""},
		{"an address in other letters", three, saml2.ACS{URL: "https://A"}, ""},
		{"a number", three, saml2.ACS{Index: ptr(1)}, "https://b"},
		{"a number that is not there", three, saml2.ACS{Index: ptr(3)}, ""},
		{"a number and an address", three, saml2.ACS{Index: ptr(1), URL: "https://a"}, ""},
		{"no metadata", nil, saml2.ACS{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &saml2.ServiceProvider{ACS: test.acs}
			if got, ok := s.Answer(test.wish); got.Location != test.want || ok != (test.want != "") {
				t.Errorf("got %+v, %v", got, ok)
			}
		})
	}
}
