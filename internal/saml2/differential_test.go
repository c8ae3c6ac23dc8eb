package saml2_test

import (
	"crypto"
	"fmt"
	"math/rand/v2"
	"path/filepath"
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
	return digestedOf(f.t, out), nil
}

// digestedOf finds it in what xmlsec1 tells.
func digestedOf(t testing.TB, out string) string {
	t.Helper()
	_, rest, _ := strings.Cut(out, "== PreDigest data - start buffer:\n")
	covered, _, found := strings.Cut(rest, "\n== PreDigest data - end buffer")
	if !found {
		t.Fatalf("xmlsec1 does not tell what it digested:\n%s", out)
	}
	return covered
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

// tampered is a text with up to three changes, others each time.
func tampered(text string) string {
	all := bits()
	for range 1 + rand.IntN(3) {
		at := rand.IntN(len(text))
		end := at
		if rand.IntN(2) == 0 {
			end += rand.IntN(min(4, len(text)-at))
		}
		text = text[:at] + all[rand.IntN(len(all))] + text[end:]
	}
	return text
}

// Somebody changes signed messages here and there, and it is still the same for us and
// xmlsec1.
func TestXmlsecTakesWhatWeTakeOfChangedMessages(t *testing.T) {
	t.Parallel()
	const tried, compared = 12_000, 25
	s := signer(t, "service_rsa")
	for name, text := range map[string]string{"usual": request, "full": full, "dialect": dialect} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good, taken := signedText(t, text, s), 0
			trust := xmlsig.Trust{Keys: []crypto.PublicKey{s.Key.Public()}}
			for range tried {
				changed := tampered(good)
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

// Somebody changes messages that are signed outside, on HTTP-Redirect, or not at all:
// whatever we read, xmlsec1 reads the same, which it tells when it signs.
func TestXmlsecReadsWhatWeRead(t *testing.T) {
	t.Parallel()
	const tried, compared = 3_000, 25
	template := `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="` + xmlsig.Exclusive +
		`"/><ds:SignatureMethod Algorithm="` + xmlsig.RSASHA256 + `"/><ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="` + xmlsig.Exclusive +
		`"/></ds:Transforms><ds:DigestMethod Algorithm="` + xmlsig.SHA256 + `"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`
	for name, text := range map[string]string{"usual": request, "full": full, "dialect": dialect} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := 0
			for range tried {
				changed := tampered(text)
				end := strings.LastIndex(changed, "</saml")
				d, err := xmlsig.Parse([]byte(changed), saml2.MessageLimits())
				if err != nil || end < 0 {
					continue
				}
				ours, err := xmlsig.Canonical(d.Root())
				if err != nil {
					t.Fatal(err)
				}
				f := newFolder(t)
				said, err := f.run("xmlsec1", "--sign", "--enabled-reference-uris", "empty", "--privkey-pem", keyFile("service_rsa"),
					"--store-references", "--print-debug", "--output", filepath.Join(f.dir, "out.xml"), f.file("template.xml", []byte(changed[:end]+template+changed[end:])))
				if err != nil {
					t.Fatalf("we read what xmlsec1 refuses: %v\n%q\n%s", err, changed, said)
				}
				if theirs := digestedOf(t, said); theirs != string(ours) {
					t.Fatalf("we read\n%s\nand xmlsec1\n%s\nin\n%q", ours, theirs, changed)
				}
				if read++; read == compared { // each takes a process
					break
				}
			}
			if read == 0 {
				t.Error("nothing could be compared")
			}
		})
	}
}
