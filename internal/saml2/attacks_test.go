package saml2_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

var wholeSignature = regexp.MustCompile(`(?s)<ds:Signature .*?</ds:Signature>`)

// attacker has one request that the service signed, keys of their own, and wants the
// answer to go to them.
type attacker struct {
	signed, signature, body string
	// evil is what they want to be taken for the service's.
	evil string
	own  *xmlsig.Signer
}

func newAttacker(t testing.TB) attacker {
	t.Helper()
	a := attacker{signed: signedText(t, request, signer(t, "service_rsa")), own: signer(t, "idp_ec")}
	a.signature = wholeSignature.FindString(a.signed)
	a.body = strings.Replace(a.signed, a.signature, "", 1)
	a.evil = strings.NewReplacer("_r1", "_evil", "town.example/saml/acs", "mallory.example/acs").Replace(request)
	return a
}

// in puts something into the evil request, behind its issuer.
func (a attacker) in(what string) string {
	return strings.Replace(a.evil, "</saml:Issuer>", "</saml:Issuer>"+what, 1)
}

// attack is a message, and what has to become of it.
type attack struct {
	name, text string
	want       error
}

// attacksOnPost are what an attacker makes of a request that the service signed.
func attacksOnPost(t testing.TB) []attack {
	t.Helper()
	a := newAttacker(t)
	object := func(inner string) string {
		return strings.Replace(a.signature, "</ds:Signature>", "<ds:Object>"+inner+"</ds:Object></ds:Signature>", 1)
	}
	sameID := strings.NewReplacer("_evil", "_r1")
	rsaOwn, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	own := base64.StdEncoding.EncodeToString(a.own.Certificate.Raw)
	replaced := func(old, with string) string { return strings.Replace(a.signed, old, with, 1) }
	return []attack{
		{"XSW1: the good one inside its own signature", a.in(object(a.body)), saml2.ErrSignature},
		{"XSW2: the good one beside the signature", a.in(a.signature + a.body), saml2.ErrSignature},
		{"XSW3: the good one whole, before the rest", a.in(a.signed), saml2.ErrUnsigned},
		{"XSW4: evil around the good one, at its end", strings.Replace(a.evil, "</samlp:AuthnRequest>", a.signed+"</samlp:AuthnRequest>", 1), saml2.ErrUnsigned},
		{"XSW5: both have one ID, the good one behind", sameID.Replace(a.in(a.signature + a.body)), saml2.ErrMalformed},
		{"the signature on another message of one ID", sameID.Replace(a.in(a.signature)), saml2.ErrSignature},
		{"XSW6: both have one ID, the good one in an object", sameID.Replace(a.in(object(a.body))), saml2.ErrMalformed},
		{"XSW7: the good one in extensions", a.in("<samlp:Extensions>" + a.body + "</samlp:Extensions>" + a.signature), saml2.ErrSignature},
		{"XSW8: the original in an object of the signature in extensions", a.in("<samlp:Extensions>" + object(a.body) + "</samlp:Extensions>"), saml2.ErrUnsigned},
		{"XSW9: the good one's ID on the extensions", a.in(`<samlp:Extensions ID="_r1">` + a.body[strings.Index(a.body, "<saml:Issuer"):strings.Index(a.body, "</samlp:AuthnRequest>")] + "</samlp:Extensions>" + a.signature), saml2.ErrSignature},
		{"the signature taken away", a.body, saml2.ErrUnsigned},
		{"another address for the answer", replaced("town.example/saml/acs", "mallory.example/acs"), saml2.ErrSignature},
		{"another address beside it", replaced("<samlp:NameIDPolicy", "<samlp:NameIDPolicy SPNameQualifier=\"x\""), saml2.ErrSignature},
		{"two signatures", replaced(a.signature, a.signature+a.signature), saml2.ErrSignature},
		{"a reference to another element", replaced(`URI="#_r1"`, `URI="#_evil"`), saml2.ErrSignature},
		{"a reference to everything", replaced(`URI="#_r1"`, `URI=""`), saml2.ErrSignature},
		{"a reference elsewhere", replaced(`URI="#_r1"`, `URI="https://mallory.example/"`), saml2.ErrSignature},
		{"no reference", regexp.MustCompile(`<ds:Reference .*</ds:Reference>`).ReplaceAllString(a.signed, ""), saml2.ErrSignature},
		{"a key of the attacker, named inside", signedText(t, a.evil, a.own), saml2.ErrSignature},
		{"the good certificate named, another key used", strings.Replace(signedText(t, a.evil, a.own), own, base64.StdEncoding.EncodeToString(certificate(t, "service_rsa").Raw), 1), saml2.ErrSignature},
		{"another RSA key", signedText(t, a.evil, &xmlsig.Signer{Key: rsaOwn, Method: xmlsig.RSASHA256}), saml2.ErrSignature},
		{"SHA-1 in the signature", replaced(xmlsig.RSASHA256, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"), saml2.ErrSignature},
		{"SHA-1 in the digest", replaced(xmlsig.SHA256, "http://www.w3.org/2000/09/xmldsig#sha1"), saml2.ErrSignature},
		{"MD5", replaced(xmlsig.RSASHA256, "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"), saml2.ErrSignature},
		{"HMAC with the public key for a secret", hmacked(t, a), saml2.ErrSignature},
		{"ECDSA said of RSA", replaced(xmlsig.RSASHA256, xmlsig.ECDSASHA256), saml2.ErrSignature},
		{"RSA-PSS said of RSA", replaced(xmlsig.RSASHA256, xmlsig.PSSSHA256), saml2.ErrSignature},
		{"XSLT in the transforms", replaced(`<ds:Transform Algorithm="`+xmlsig.Exclusive+`"></ds:Transform>`, `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"></ds:Transform>`), saml2.ErrSignature},
		{"an entity of its own", `<!DOCTYPE a [<!ENTITY e "x">]>` + a.signed, saml2.ErrMalformed},
		{"an entity that reads a file", `<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + replaced(">https://town.example/saml<", ">&e;<"), saml2.ErrMalformed},
		{"an entity that nobody declared", replaced(">https://town.example/saml<", ">&e;<"), saml2.ErrMalformed},
		{"entities of entities", `<!DOCTYPE a [<!ENTITY a "xx"><!ENTITY b "&a;&a;">]>` + a.signed, saml2.ErrMalformed},
		{"a processing instruction", replaced("</saml:Issuer>", "<?x y?></saml:Issuer>"), saml2.ErrMalformed},
		{"two roots", a.signed + a.evil, saml2.ErrMalformed},
		{"one attribute twice", replaced(` ID="_r1"`, ` ID="_r1" ID="_r1"`), saml2.ErrMalformed},
		{"one ID twice", replaced("<samlp:NameIDPolicy", `<samlp:NameIDPolicy ID="_r1"`), saml2.ErrMalformed},
		{"UTF-16", "\xff\xfe" + a.signed, saml2.ErrMalformed},
		{"a byte that is no text", replaced("town", "to\x00wn"), saml2.ErrMalformed},
		{"too deep", replaced("<samlp:NameIDPolicy", strings.Repeat("<a>", 2000)+strings.Repeat("</a>", 2000)+"<samlp:NameIDPolicy"), saml2.ErrMalformed},
		{"too many elements", replaced("<samlp:NameIDPolicy", strings.Repeat("<a/>", 2000)+"<samlp:NameIDPolicy"), saml2.ErrMalformed},
		{"too many attributes", replaced("<samlp:NameIDPolicy", "<samlp:NameIDPolicy"+manyAttributes(200)), saml2.ErrMalformed},
		{"too large", replaced("</samlp:AuthnRequest>", strings.Repeat(" ", 1<<17)+"</samlp:AuthnRequest>"), saml2.ErrMalformed},
		{"no XML", "SAMLRequest", saml2.ErrMalformed},
		{"nothing", "", saml2.ErrMalformed},
		{"a response", strings.ReplaceAll(a.signed, "AuthnRequest", "Response"), saml2.ErrMalformed},
		{"a request of another namespace", replaced("urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:1.1:protocol"), saml2.ErrMalformed},
	}
}

func TestAttacksOnPost(t *testing.T) {
	t.Parallel()
	good := newAttacker(t).signed
	for _, test := range attacksOnPost(t) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.text == good {
				t.Fatal("nothing was changed")
			}
			got, err := readPost(post(test.text), terms(t))
			if got != nil || !errors.Is(err, test.want) {
				t.Errorf("got %+v, %v; want %v for\n%.3000s", got, err, test.want, test.text)
			}
		})
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" a" + strings.Repeat("x", i) + `="1"`)
	}
	return b.String()
}

// hmacked signs with what everybody knows, for who takes the message's word for how it
// was signed.
func hmacked(t testing.TB, a attacker) string {
	t.Helper()
	text := strings.Replace(signedText(t, a.evil, a.own), xmlsig.ECDSASHA256, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", 1)
	d, err := xmlsig.Parse([]byte(text), saml2.MessageLimits())
	if err != nil {
		t.Fatal(err)
	}
	covered, err := xmlsig.Canonical(d.Root().FindElement("ds:Signature/ds:SignedInfo"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key(t, "service_rsa").Public())
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, public)
	mac.Write(covered)
	return regexp.MustCompile(`<ds:SignatureValue>.*</ds:SignatureValue>`).ReplaceAllLiteralString(text,
		"<ds:SignatureValue>"+base64.StdEncoding.EncodeToString(mac.Sum(nil))+"</ds:SignatureValue>")
}

// harmless changes leave the signature as it is.
func harmless(t testing.TB) []attack {
	t.Helper()
	a := newAttacker(t)
	return []attack{
		{"a comment in the issuer", strings.Replace(a.signed, "town.example/saml</saml:Issuer>", "town.example<!-- .mallory.example -->/saml</saml:Issuer>", 1), nil},
		{"a comment before the issuer's end", strings.Replace(a.signed, "</saml:Issuer>", "<!-- x --></saml:Issuer>", 1), nil},
		{"characters by section", strings.Replace(a.signed, "https://town.example/saml</saml:Issuer>", "<![CDATA[https://town.]]>example/saml</saml:Issuer>", 1), nil},
		{"characters by number", strings.Replace(a.signed, "https://town.example/saml</saml:Issuer>", "&#104;ttps://town.example/saml</saml:Issuer>", 1), nil},
		{"the attacker's certificate named", strings.Replace(a.signed, base64.StdEncoding.EncodeToString(certificate(t, "service_rsa").Raw), base64.StdEncoding.EncodeToString(a.own.Certificate.Raw), 1), nil},
	}
}

// Where the signature holds although somebody changed something, what is read is what
// was signed.
func TestCommentsAndKeysInsideChangeNothing(t *testing.T) {
	t.Parallel()
	good := newAttacker(t).signed
	want, err := readPost(post(good), terms(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range harmless(t) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.text == good {
				t.Fatal("nothing was changed")
			}
			got, err := readPost(post(test.text), terms(t))
			if err != nil {
				t.Fatal(err)
			}
			if got.Issuer != want.Issuer || got.ID != want.ID || got.ACS != want.ACS {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// wrong changes a request before the service signs it.
type wrong struct {
	name, old, with string
	want            error
}

func wrongRequests() []wrong {
	const issuer = "<saml:Issuer>https://town.example/saml</saml:Issuer>"
	const policy = `<samlp:NameIDPolicy AllowCreate="true" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"/>`
	return []wrong{
		{"no issuer", issuer, "", saml2.ErrIssuer},
		{"an empty issuer", issuer, "<saml:Issuer/>", saml2.ErrIssuer},
		{"another issuer", issuer, "<saml:Issuer>https://village.example</saml:Issuer>", saml2.ErrIssuer},
		{"an issuer of another format", "<saml:Issuer>", `<saml:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">`, saml2.ErrIssuer},
		{"an issuer of another namespace", issuer, "<samlp:Issuer>https://town.example/saml</samlp:Issuer>", saml2.ErrIssuer},
		{"two issuers", issuer, issuer + issuer, saml2.ErrInvalid},
		{"an issuer with elements", issuer, "<saml:Issuer>https://town.example/saml<a/></saml:Issuer>", saml2.ErrInvalid},
		{"another destination", "clave.example/saml/sso", "clave.example/other", saml2.ErrDestination},
		{"another way to write the destination", "https://clave.example", "https://CLAVE.example", saml2.ErrDestination},
		{"no destination", ` Destination="https://clave.example/saml/sso"`, "", saml2.ErrDestination},
		{"an empty destination", `Destination="https://clave.example/saml/sso"`, `Destination=""`, saml2.ErrDestination},
		{"too old", "2026-11-22T11:59:00Z", "2026-11-22T11:54:59Z", saml2.ErrExpired},
		{"of last year", "2026-11-22T11:59:00Z", "2025-11-22T11:59:00Z", saml2.ErrExpired},
		{"of the future", "2026-11-22T11:59:00Z", "2026-11-22T12:01:01Z", saml2.ErrEarly},
		{"no time", ` IssueInstant="2026-11-22T11:59:00Z"`, "", saml2.ErrInvalid},
		{"a day that does not exist", "2026-11-22T11:59:00Z", "2026-13-41T11:59:00Z", saml2.ErrInvalid},
		{"SAML 1.1", `Version="2.0"`, `Version="1.1"`, saml2.ErrVersion},
		{"no version", `Version="2.0"`, ``, saml2.ErrVersion},
		{"an ID that is none", `ID="_r1"`, `ID="1/r"`, saml2.ErrInvalid},
		{"an ID that is too long", `ID="_r1"`, `ID="_` + strings.Repeat("r", 300) + `"`, saml2.ErrInvalid},
		{"an address and a number for the answer", "ProtocolBinding=", `AssertionConsumerServiceIndex="1" ProtocolBinding=`, saml2.ErrInvalid},
		{"a number that is none", "<samlp:AuthnRequest ", `<samlp:AuthnRequest AttributeConsumingServiceIndex="-1" `, saml2.ErrInvalid},
		{"neither true nor false", "<samlp:AuthnRequest ", `<samlp:AuthnRequest ForceAuthn="yes" `, saml2.ErrInvalid},
		{"empty is not false", "<samlp:AuthnRequest ", `<samlp:AuthnRequest IsPassive="" `, saml2.ErrInvalid},
		{"text between the parts", policy, "text" + policy, saml2.ErrInvalid},
		{"a policy twice", policy, policy + policy, saml2.ErrInvalid},
		{"a part that is not known", policy, policy + "<samlp:Sudo/>", saml2.ErrUnsupported},
		{"a condition that is not known", policy, policy + `<saml:Conditions><saml:Condition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x"/></saml:Conditions>`, saml2.ErrUnsupported},
		{"a restriction of proxies", policy, policy + `<saml:Conditions><saml:ProxyRestriction/></saml:Conditions>`, saml2.ErrUnsupported},
		{"conditions that are over", policy, policy + `<saml:Conditions NotOnOrAfter="2026-11-22T11:58:59Z"/>`, saml2.ErrExpired},
		{"conditions that have not begun", policy, policy + `<saml:Conditions NotBefore="2026-11-22T12:01:01Z"/>`, saml2.ErrEarly},
		{"a subject without a name", policy, `<saml:Subject/>`, saml2.ErrInvalid},
		{"a subject with a confirmation", policy, `<saml:Subject><saml:NameID>x</saml:NameID><saml:SubjectConfirmation Method="x"/></saml:Subject>`, saml2.ErrUnsupported},
		{"an encrypted subject", policy, `<saml:Subject><saml:EncryptedID/></saml:Subject>`, saml2.ErrUnsupported},
		{"an unknown comparison", policy, `<samlp:RequestedAuthnContext Comparison="worse"><saml:AuthnContextClassRef>x</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`, saml2.ErrInvalid},
		{"a context that asks for nothing", policy, `<samlp:RequestedAuthnContext/>`, saml2.ErrInvalid},
		{"an empty class", policy, `<samlp:RequestedAuthnContext><saml:AuthnContextClassRef/></samlp:RequestedAuthnContext>`, saml2.ErrInvalid},
		{"classes and declarations", policy, `<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>x</saml:AuthnContextClassRef><saml:AuthnContextDeclRef>x</saml:AuthnContextDeclRef></samlp:RequestedAuthnContext>`, saml2.ErrInvalid},
		{"an empty list of providers", policy, `<samlp:Scoping><samlp:IDPList/></samlp:Scoping>`, saml2.ErrInvalid},
		{"an unknown kind of service", policy, `<samlp:Extensions><e:SPType xmlns:e="http://eidas.europa.eu/saml-extensions">both</e:SPType></samlp:Extensions>`, saml2.ErrInvalid},
		{"one attribute asked for twice", policy, `<samlp:Extensions><e:RequestedAttributes xmlns:e="http://eidas.europa.eu/saml-extensions"><e:RequestedAttribute Name="a"/><e:RequestedAttribute Name="a"/></e:RequestedAttributes></samlp:Extensions>`, saml2.ErrInvalid},
		{"an attribute without a name", policy, `<samlp:Extensions><e:RequestedAttributes xmlns:e="http://eidas.europa.eu/saml-extensions"><e:RequestedAttribute/></e:RequestedAttributes></samlp:Extensions>`, saml2.ErrInvalid},
		{"a value that is no text", policy, `<samlp:Extensions><e:RequestedAttributes xmlns:e="http://eidas.europa.eu/saml-extensions"><e:RequestedAttribute Name="a"><e:AttributeValue><b/></e:AttributeValue></e:RequestedAttribute></e:RequestedAttributes></samlp:Extensions>`, saml2.ErrInvalid},
	}
}

// The service's own signature holds, and still the message is not taken.
func TestRequestsThatAreSignedAndWrong(t *testing.T) {
	t.Parallel()
	for _, test := range wrongRequests() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(request, test.old, test.with, 1)
			if text == request {
				t.Fatal("nothing was changed")
			}
			got, err := readPost(post(signedText(t, text, signer(t, "service_rsa"))), terms(t))
			if got != nil || !errors.Is(err, test.want) {
				t.Errorf("by HTTP-POST: got %+v, %v; want %v", got, err, test.want)
			}
			got, err = readRedirect(redirect(t, text, "", signer(t, "service_rsa")), terms(t))
			if got != nil || !errors.Is(err, test.want) {
				t.Errorf("by HTTP-Redirect: got %+v, %v; want %v", got, err, test.want)
			}
		})
	}
}

func TestAttacksOnForms(t *testing.T) {
	t.Parallel()
	good := post(newAttacker(t).signed)
	with := func(field string, values ...string) url.Values {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		if values == nil {
			delete(form, field)
		} else {
			form[field] = values
		}
		return form
	}
	message := good.Get(saml2.FieldRequest)
	tests := []struct {
		name string
		form url.Values
	}{
		{"no message", with(saml2.FieldRequest)},
		{"an empty message", with(saml2.FieldRequest, "")},
		{"two messages", with(saml2.FieldRequest, message, message)},
		{"a message under two names", with(saml2.FieldLogoutRequest, message)},
		{"two states", with(saml2.FieldRelayState, "a", "a")},
		{"a state that is too long", with(saml2.FieldRelayState, strings.Repeat("a", 2049))},
		{"a state that is no text", with(saml2.FieldRelayState, "\xff")},
		{"base64 for URLs", with(saml2.FieldRequest, strings.NewReplacer("+", "-", "/", "_").Replace(message)+"_-__")},
		{"base64 with something behind", with(saml2.FieldRequest, message+"====")},
		{"base64 with characters between", with(saml2.FieldRequest, message[:8]+"!"+message[8:])},
		{"packed as for a query", with(saml2.FieldRequest, packed(t, request))},
		{"too much base64", with(saml2.FieldRequest, strings.Repeat("A", 1<<18))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := readPost(test.form, terms(t)); got != nil || !errors.Is(err, saml2.ErrMalformed) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	if _, err := readPost(good, terms(t)); err != nil {
		t.Error(err)
	}
}

// Terms that say nothing take nothing.
func TestNoTermsTakeNothing(t *testing.T) {
	t.Parallel()
	a := newAttacker(t)
	if _, err := readPost(post(a.signed), saml2.Terms{}); !errors.Is(err, saml2.ErrSignature) {
		t.Errorf("signed: got %v", err)
	}
	if _, err := readPost(post(request), saml2.Terms{}); !errors.Is(err, saml2.ErrUnsigned) {
		t.Errorf("unsigned: got %v", err)
	}
	if _, err := readPost(post(a.signed), saml2.Terms{Keys: terms(t).Keys}); !errors.Is(err, saml2.ErrIssuer) {
		t.Errorf("nobody's: got %v", err)
	}
}
