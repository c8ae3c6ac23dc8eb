package saml2_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"clave/internal/saml2"
	"clave/internal/xmlsig"

	"github.com/crewjam/saml"
)

// answer is a response to request, as a stock service wants it.
func answer() saml2.Response {
	return saml2.Response{
		Header:       saml2.Header{ID: "_a1", Issuer: idp, Destination: acs, IssueInstant: noon},
		InResponseTo: "_r1",
		Status:       saml2.Status{Code: saml2.StatusSuccess},
		Assertion: &saml2.Assertion{
			ID: "_s1", Issuer: idp, IssueInstant: noon,
			NameID:       saml2.NameID{Value: "AbC-1", Format: saml2.FormatPersistent, NameQualifier: idp, SPNameQualifier: service},
			InResponseTo: "_r1", Recipient: acs, NotBefore: noon.Add(-time.Minute), NotOnOrAfter: noon.Add(5 * time.Minute),
			Audiences: []string{service}, AuthnInstant: noon.Add(-2 * time.Second), ClassRef: "http://eidas.europa.eu/LoA/substantial",
			SessionIndex: "_x1", SessionNotOnOrAfter: noon.Add(time.Hour),
			Attributes: []saml2.Attribute{
				{Name: "http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName", FriendlyName: "FirstName", Values: []string{`Begoña <"&'> ` + "\t"}},
				{Name: "http://eidas.europa.eu/attributes/naturalperson/PersonIdentifier", FriendlyName: "PersonIdentifier", Values: []string{"00000000T"}},
			},
		},
	}
}

// dialectAnswer is as services of Cl@ve 2 want it.
func dialectAnswer() saml2.Response {
	r := answer()
	r.Consent, r.Status.Message = saml2.ConsentObtained, saml2.StatusSuccess
	a := r.Assertion
	a.NameID = saml2.NameID{Value: "00000000T", Format: saml2.FormatUnspecified, NameQualifier: idp}
	a.Audiences, a.OneTimeUse, a.NotOnOrAfter = []string{acs}, true, noon.Add(15*time.Minute)
	return r
}

func dialectSigner(t testing.TB) *xmlsig.Signer {
	t.Helper()
	s := signer(t, "idp_rsa")
	s.Method, s.Digest = xmlsig.RSASHA512, xmlsig.SHA512
	return s
}

// written writes a response or ends the test.
func written(t testing.TB, r saml2.Response, n saml2.Prefixes, by saml2.Protection) []byte {
	t.Helper()
	data, err := r.Write(n, by)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What others parse stays as it is.
func TestResponsesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	s := signer(t, "idp_rsa")
	golden(t, "response.xml", written(t, answer(), saml2.Prefixes{}, saml2.Protection{Message: s, Assertion: s}))
	golden(t, "response_dialect.xml", written(t, dialectAnswer(), saml2.DialectPrefixes(), saml2.Protection{Message: dialectSigner(t)}))
	refusal := answer()
	refusal.Assertion = nil
	refusal.Status = saml2.Status{Code: saml2.StatusResponder, Second: saml2.StatusNoAuthnContext, Message: "The login does not reach the level."}
	golden(t, "response_refusal.xml", written(t, refusal, saml2.Prefixes{}, saml2.Protection{Message: s}))
}

// Clients of Cl@ve 2 look for these words in the text.
func TestTheDialectIsWordForWord(t *testing.T) {
	t.Parallel()
	text := string(written(t, dialectAnswer(), saml2.DialectPrefixes(), saml2.Protection{Message: dialectSigner(t)}))
	for _, want := range []string{
		"<saml2p:Response ", `Consent="urn:oasis:names:tc:SAML:2.0:consent:obtained"`, `Destination="` + acs + `"`,
		`<saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success">`,
		"<saml2p:StatusMessage>urn:oasis:names:tc:SAML:2.0:status:Success</saml2p:StatusMessage>",
		"<saml2:Audience>" + acs + "</saml2:Audience>", "<saml2:OneTimeUse>", `Recipient="` + acs + `"`,
		xmlsig.RSASHA512, xmlsig.SHA512, "<saml2:AttributeValue>00000000T</saml2:AttributeValue>", `FriendlyName="PersonIdentifier"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Count(text, "<ds:Signature ") != 1 {
		t.Error("not one signature")
	}
}

// A response that no parser could read is not sent.
func TestUnreadableResponsesAreNotWritten(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"a\x00b", "a\x08b", "a\ufffeb", "a\xffb"} {
		r := answer()
		r.Assertion.Attributes[0].Values = []string{value}
		for name, by := range map[string]saml2.Protection{
			"in clear": {}, "encrypted": {Encryption: &saml2.Encryption{Certificate: certificate(t, "service_rsa")}},
		} {
			if _, err := r.Write(saml2.Prefixes{}, by); err == nil {
				t.Errorf("%q is written %s", value, name)
			}
		}
	}
}

// peer is a stock service that knows us by our metadata.
func peer(t testing.TB) *saml.ServiceProvider {
	t.Helper()
	var metadata saml.EntityDescriptor
	data, err := provider(t).Write(signer(t, "idp_rsa"))
	if err != nil {
		t.Fatal(err)
	}
	if err := unmarshal(data, &metadata); err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(acs)
	if err != nil {
		t.Fatal(err)
	}
	return &saml.ServiceProvider{
		EntityID: service, Key: key(t, "service_rsa"), Certificate: certificate(t, "service_rsa"),
		MetadataURL: *at, AcsURL: *at, IDPMetadata: &metadata,
	}
}

// A stock service reads what we write, however it is protected. Not in parallel, because
// its clock is everybody's.
func TestAStockServiceReadsResponses(t *testing.T) {
	clock := saml.TimeNow
	saml.TimeNow = func() time.Time { return noon }
	t.Cleanup(func() { saml.TimeNow = clock })
	sp := peer(t)
	s := signer(t, "idp_rsa")
	tests := []struct {
		name string
		by   saml2.Protection
		ok   bool
	}{
		{"the response signed", saml2.Protection{Message: s}, true},
		{"the assertion signed", saml2.Protection{Assertion: s}, true},
		{"both signed", saml2.Protection{Message: s, Assertion: s}, true},
		{"both signed with SHA-512", saml2.Protection{Message: dialectSigner(t), Assertion: dialectSigner(t)}, true},
		{"both signed, and encrypted by AES-GCM", saml2.Protection{Message: s, Assertion: s, Encryption: &saml2.Encryption{Certificate: sp.Certificate, Cipher: saml2.AES128GCM}}, true},
		{"encrypted by AES-CBC", saml2.Protection{Assertion: s, Encryption: &saml2.Encryption{Certificate: sp.Certificate, Cipher: saml2.AES256CBC}}, true},
		{"not signed", saml2.Protection{}, false},
		{"signed by somebody else", saml2.Protection{Message: signer(t, "service_rsa")}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, n := range []saml2.Prefixes{{}, saml2.DialectPrefixes()} {
				got, err := sp.ParseXMLResponse(written(t, answer(), n, test.by), []string{"_r1"}, sp.AcsURL)
				if (err == nil) != test.ok {
					t.Fatalf("got %v", reason(err))
				}
				if !test.ok {
					continue
				}
				if got.Subject.NameID.Value != "AbC-1" || got.AuthnStatements[0].SessionIndex != "_x1" ||
					got.AuthnStatements[0].AuthnContext.AuthnContextClassRef.Value != "http://eidas.europa.eu/LoA/substantial" ||
					got.AttributeStatements[0].Attributes[0].Values[0].Value != `Begoña <"&'> `+"\t" {
					t.Errorf("got %+v", got)
				}
			}
		})
	}
}
