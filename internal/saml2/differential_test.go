package saml2_test

import (
	"crypto"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

// digested has xmlsec1 check the signature of the root, whatever the message says about
// keys, and gives the bytes whose digest it compared.
func (f folder) digested(text []byte, by string) (string, error) {
	f.t.Helper()
	args := append([]string{
		"--verify", "--enabled-reference-uris", "empty,same-doc", "--enabled-key-data", "key-name", "--pubkey-cert-pem", certFile(by),
		"--node-xpath", `/*/*[local-name()="Signature" and namespace-uri()="http://www.w3.org/2000/09/xmldsig#"]`, "--store-references", "--print-debug",
	}, ids()...)
	out, err := f.run("xmlsec1", append(args, f.file("signed.xml", text))...)
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	_, rest, _ := strings.Cut(out, "== PreDigest data - start buffer:\n")
	covered, _, found := strings.Cut(rest, "\n== PreDigest data - end buffer")
	if !found {
		f.t.Fatalf("xmlsec1 does not tell what it digested:\n%s", out)
	}
	return covered, nil
}

// agree fails when we take the signature of a message and xmlsec1 does not, or takes it
// for other bytes. It tells whether we take it.
func agree(t *testing.T, text, by string) bool {
	t.Helper()
	d, err := xmlsig.Parse([]byte(text), saml2.MetadataLimits())
	if err != nil {
		return false
	}
	signed, err := d.Verify(nil, xmlsig.Trust{Keys: []crypto.PublicKey{key(t, by).Public()}})
	if err != nil {
		return false
	}
	covered, err := newFolder(t).digested([]byte(text), by)
	if err != nil {
		t.Errorf("we take what xmlsec1 refuses: %v\n%q", err, text)
	} else if covered != string(signed.Bytes) {
		t.Errorf("we read\n%s\nand xmlsec1\n%s\nin\n%q", signed.Bytes, covered, text)
	}
	return true
}

// signedCorpus are all messages of these tests whose signature should hold.
func signedCorpus(t *testing.T) map[string]string {
	t.Helper()
	s := signer(t, "service_rsa")
	found := map[string]string{
		"usual": signedText(t, request, s), "full": signedText(t, full, s), "dialect": signedText(t, dialect, s),
		"metadata": signedText(t, metadataWith(descriptor("", s.Certificate.Raw, "")), s),
	}
	for id, text := range messages() {
		found["message "+id] = signedText(t, text, s)
	}
	for _, one := range wrongRequests() {
		found["signed with "+one.name] = signedText(t, strings.Replace(request, one.old, one.with, 1), s)
	}
	for _, one := range harmless(t) {
		found[one.name] = one.text
	}
	return found
}

// Whatever we take for signed, xmlsec1 takes too, and has digested the bytes that we read
// and no others: of all messages of these tests, good and bad.
func TestXmlsecTakesWhatWeTake(t *testing.T) {
	t.Parallel()
	for name, text := range signedCorpus(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !agree(t, text, "service_rsa") {
				t.Errorf("we refuse\n%s", text)
			}
		})
	}
	for _, one := range attacksOnPost(t) {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			if agree(t, one.text, "service_rsa") {
				t.Errorf("we take\n%s", one.text)
			}
		})
	}
}

// bits are what somebody puts into a message, or in the place of what stands there.
func bits() []string {
	return []string{
		"", " ", "\n", "\t", "\r", "\r\n", "\u00a0", "\u2028", "\ufeff", "\x00", "x", "é", "<", ">", "&", "'", `"`, ":", "=", "/", "=''", "#", "]]>",
		"<!---->", "<!-- a -- b -->", "<!--<a b='-->", "<![CDATA[]]>", "<![CDATA[<a>]]>", "<x/>", "<?x?>", "<?xml version='1.0'?>", "<!DOCTYPE a>",
		"&#32;", "&#x20;", "&#10;", "&#0;", "&amp;", "&lt;", "&quot;", "&apos;", "&nbsp;", "&#xD800;", "&#x1F600;",
		` xmlns:q="urn:q"`, ` xmlns=""`, ` xmlns="urn:q"`, ` xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"`, ` xml:lang="es"`, ` xml:space="preserve"`,
		` ID="_r1"`, ` id="_r1"`, ` xml:id="_x"`, ` samlp:ID="_r1"`, "<saml:Issuer>x</saml:Issuer>", "</samlp:AuthnRequest>",
	}
}

// Somebody changes signed messages here and there, and it is still the same for us and
// xmlsec1.
func TestXmlsecTakesWhatWeTakeOfChangedMessages(t *testing.T) {
	t.Parallel()
	const tried, compared = 12_000, 60
	s := signer(t, "service_rsa")
	for name, text := range map[string]string{"usual": request, "full": full, "dialect": dialect} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good, all, taken := signedText(t, text, s), bits(), 0
			trust := xmlsig.Trust{Keys: []crypto.PublicKey{s.Key.Public()}}
			for range tried {
				changed := good
				for range 1 + rand.IntN(3) { // others each time
					at := rand.IntN(len(changed))
					end := at
					if rand.IntN(2) == 0 {
						end += rand.IntN(min(4, len(changed)-at))
					}
					changed = changed[:at] + all[rand.IntN(len(all))] + changed[end:]
				}
				d, err := xmlsig.Parse([]byte(changed), saml2.MessageLimits())
				if err != nil || changed == good {
					continue
				}
				if _, err := d.Verify(nil, trust); err != nil {
					continue
				}
				if agree(t, changed, "service_rsa"); t.Failed() {
					return
				}
				if taken++; taken == compared { // each takes a process
					break
				}
			}
			if taken == 0 {
				t.Error("no change at all is harmless, not even a comment")
			}
		})
	}
}
