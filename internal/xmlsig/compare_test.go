package xmlsig_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/rsa"
	"math/rand/v2"
	"strings"
	"testing"

	"clave/internal/xmlsig"
)

// Somebody changes a signed document here and there. Whatever we still accept, xmlsec1
// accepts too, and it says what was signed.
func TestNothingIsAcceptedThatXmlsecRefuses(t *testing.T) {
	t.Parallel()
	key := ecKey(t, elliptic.P256())
	trust := xmlsig.Trust{Keys: []crypto.PublicKey{key.Public()}, Properties: true}
	const document = `<?xml version="1.0"?><doc xmlns="urn:example:doc" ID="a" xmlns:z="urn:z"><z:to z:kind='x' other="1&#10;2">ana &amp; co</z:to><!-- note --><amount>1</amount><empty/></doc>`
	properties := read(t, `<xades:SignedProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Id="props"/>`)
	text := `<?xml version="1.0"?>` + signed(t, document, "", xmlsig.Signer{Key: key, Method: xmlsig.ECDSASHA256, Properties: properties.Root()})
	want, err := verified(text, "", trust)
	if err != nil {
		t.Fatal(err)
	}
	var accepted []string
	for at := rand.IntN(7); at < len(text); at += 7 { // others each time
		for _, put := range []string{"", " ", "\n", "\t", "\r", "x", "<", ">", "&", "'", `"`, ":", "=", "/", "<!---->", "<![CDATA[]]>", "<x/>", "<?x?>", "&#32;", "\u00a0", "\x00", ` xmlns:q="urn:q"`, ` xml:lang="es"`} {
			changed := text[:at] + put + text[at:]
			if put == "" {
				changed = text[:at] + text[at+1:]
			}
			got, err := verified(changed, "", trust)
			if err != nil {
				continue
			}
			if got != want {
				t.Fatalf("accepted as\n%s\nof\n%s", got, changed)
			}
			accepted = append(accepted, changed)
		}
	}
	if len(accepted) == 0 {
		t.Fatal("not even spaces between attributes are accepted")
	}
	// Each takes a process.
	rand.Shuffle(len(accepted), func(i, j int) { accepted[i], accepted[j] = accepted[j], accepted[i] })
	f := newFolder(t)
	for _, changed := range accepted[:min(40, len(accepted))] {
		if ok, said := f.accepted(changed, key); !ok {
			t.Errorf("we accept what xmlsec1 refuses:\n%q\n%s", changed, said)
		}
	}
}

// A message as services send it.
func BenchmarkVerify(b *testing.B) {
	const message = `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="2026-11-22T09:00:00Z" Destination="https://clave.example/saml" AssertionConsumerServiceURL="https://town.example/acs"><saml:Issuer>https://town.example</saml:Issuer><samlp:NameIDPolicy AllowCreate="true" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"/><samlp:RequestedAuthnContext Comparison="minimum"><saml:AuthnContextClassRef>http://eidas.europa.eu/LoA/substantial</saml:AuthnContextClassRef></samlp:RequestedAuthnContext></samlp:AuthnRequest>`
	for method, key := range map[string]crypto.Signer{"RSA": rsaKey(), "ECDSA": ecKey(b, elliptic.P256())} {
		b.Run(method, func(b *testing.B) {
			algorithm := xmlsig.ECDSASHA256
			if _, is := key.(*rsa.PrivateKey); is {
				algorithm = xmlsig.RSASHA256
			}
			text := []byte(strings.TrimSpace(signed(b, message, "", xmlsig.Signer{Key: key, Method: algorithm})))
			trust := xmlsig.Trust{Keys: []crypto.PublicKey{key.Public()}}
			b.ReportAllocs()
			for b.Loop() {
				d, err := xmlsig.Parse(text, limits)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := d.Verify(nil, trust); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
