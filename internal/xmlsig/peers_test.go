package xmlsig_test

import (
	"crypto"
	"crypto/elliptic"
	"strings"
	"testing"

	"clave/internal/xmlsig"
)

// Whatever we sign, xmlsec1 and we accept, by ID and as a whole.
func TestOurSignaturesHoldElsewhere(t *testing.T) {
	t.Parallel()
	p256, p384, p521 := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P384()), ecKey(t, elliptic.P521())
	tests := []struct {
		method string
		key    crypto.Signer
		// old: xmlsec1 of Debian does not know it
		old bool
	}{
		{xmlsig.RSASHA256, rsaKey(), false}, {xmlsig.RSASHA384, rsaKey(), false}, {xmlsig.RSASHA512, rsaKey(), false},
		{xmlsig.PSSSHA256, rsaKey(), true}, {xmlsig.PSSSHA384, rsaKey(), true}, {xmlsig.PSSSHA512, rsaKey(), true},
		{xmlsig.ECDSASHA256, p256, false}, {xmlsig.ECDSASHA384, p384, false}, {xmlsig.ECDSASHA512, p521, false},
	}
	documents := []struct{ text, path string }{
		{`<doc xmlns="urn:example"><part>ñ</part></doc>`, ""},
		{`<doc ID="a" xmlns:z="urn:z" xmlns:b="urn:b"><z:part z:y="1" b:x="2" x="3"/></doc>`, ""},
		{`<doc xmlns:z="urn:z"><part ID="p" z:y="1">text</part><part>other</part></doc>`, "part"},
	}
	for _, test := range tests {
		t.Run(test.method, func(t *testing.T) {
			t.Parallel()
			for _, d := range documents {
				text := signed(t, d.text, d.path, xmlsig.Signer{Key: test.key, Method: test.method})
				if _, err := verified(text, d.path, xmlsig.Trust{Keys: []crypto.PublicKey{test.key.Public()}}); err != nil {
					t.Errorf("we refuse our own: %v\n%s", err, text)
				}
				if test.old {
					continue
				}
				if ok, said := newFolder(t).accepted(text, test.key); !ok {
					t.Errorf("xmlsec1 refuses:\n%s\n%s", text, said)
				}
			}
		})
	}
}

// Documents in which canonical forms go wrong; SIGNATURE is where it stands.
func hardDocuments() map[string]string {
	return map[string]string{
		"plain":                        `<doc><part>x</part>SIGNATURE</doc>`,
		"attributes out of order":      `<doc xmlns:b="urn:a" xmlns:a="urn:b" a:z="1" b:z="2" z="3" a="4">SIGNATURE</doc>`,
		"attributes of XML's own":      `<doc xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="t" xml:lang="es" xml:space="preserve">SIGNATURE</doc>`,
		"namespaces again and away":    `<a:doc xmlns:a="urn:a" xmlns="urn:d"><part xmlns=""><a:x xmlns:a="urn:a"/><a:y xmlns:a="urn:other"/></part><part xmlns="urn:d"/>SIGNATURE</a:doc>`,
		"an empty default at the root": `<doc xmlns="">SIGNATURE<part xmlns=""/></doc>`,
		"unused namespaces":            `<doc xmlns:u="urn:u" xmlns:v="urn:v"><v:part/><part><v:part/></part>SIGNATURE</doc>`,
		"line ends":                    "<doc a='1\r\n2\t3\n4\r5'>a\r\nb\rc\n SIGNATURE</doc>",
		"characters by number":         `<doc a="&#9;&#10;&#13;&quot;&lt;&gt;&apos;'">&#13;&#10;&#9;&lt;&gt;&amp;"'&#x1F600; ñ€SIGNATURE</doc>`,
		"sections of characters":       `<doc>a<![CDATA[<b>&amp;]]>c<![CDATA[]]>SIGNATURE</doc>`,
		"comments":                     `<!-- a --><doc>a<!-- <part a=' --> b<part><!-- ' --></part>SIGNATURE</doc><!-- b -->`,
		"quotes of both kinds":         `<doc a='"x"' b="'y'" c='a>b'>SIGNATURE</doc>`,
		"no end tags":                  `<doc><part/><part a="1" />SIGNATURE</doc >`,
		"a declaration":                `<?xml version="1.0" encoding="UTF-8" standalone="no"?>` + "\n<doc>SIGNATURE</doc>\n",
		"a mark at the beginning":      "\ufeff<doc>SIGNATURE</doc>",
		"an ID":                        `<doc ID="a">SIGNATURE</doc>`,
	}
}

// Whatever xmlsec1 signs, in each canonical form, we read as it does.
func TestForeignSignaturesHoldHere(t *testing.T) {
	t.Parallel()
	key := ecKey(t, elliptic.P256())
	prefixed := `<ds:Transform Algorithm="` + xmlsig.Exclusive + `"><ec:InclusiveNamespaces xmlns:ec="` + xmlsig.Exclusive + `" PrefixList="u #default a absent"/></ds:Transform>`
	forms := map[string][]string{
		"exclusive": {enveloped, xmlsig.Exclusive}, "inclusive": {enveloped, xmlsig.Inclusive}, "inclusive 1.1": {enveloped, xmlsig.Inclusive11},
		"exclusive with prefixes": {enveloped, prefixed}, "nothing said": {enveloped},
	}
	for name, document := range hardDocuments() {
		for form, transforms := range forms {
			t.Run(name+" in "+form, func(t *testing.T) {
				t.Parallel()
				uri, how := "", xmlsig.Exclusive
				if strings.Contains(document, "ID=") {
					uri = "#a"
				}
				if strings.HasPrefix(form, "inclusive") {
					how = transforms[1]
				}
				text := newFolder(t).templated(strings.Replace(document, "SIGNATURE", template(xmlsig.ECDSASHA256, how, uri, transforms...), 1), key)
				if _, err := verified(text, "", xmlsig.Trust{Keys: []crypto.PublicKey{key.Public()}}); err != nil {
					t.Errorf("got %v for\n%s", err, text)
				}
			})
		}
	}
}

// Parts of documents, whose surroundings count in inclusive forms.
func TestForeignSignaturesOfAPartHoldHere(t *testing.T) {
	t.Parallel()
	key := ecKey(t, elliptic.P256())
	const document = `<doc xmlns="urn:d" xmlns:u="urn:u" xml:lang="es" xml:space="preserve"><mid xmlns:u="urn:u2" xml:lang="ca"><part xmlns="" ID="p" u:a="1"><u:x/>SIGNATURE</part></mid></doc>`
	prefixed := `<ds:Transform Algorithm="` + xmlsig.Exclusive + `"><ec:InclusiveNamespaces xmlns:ec="` + xmlsig.Exclusive + `" PrefixList="u"/></ds:Transform>`
	for _, last := range []string{xmlsig.Exclusive, xmlsig.Inclusive, xmlsig.Inclusive11, prefixed} {
		t.Run(last, func(t *testing.T) {
			t.Parallel()
			text := newFolder(t).templated(strings.Replace(document, "SIGNATURE", template(xmlsig.ECDSASHA256, xmlsig.Inclusive, "#p", enveloped, last), 1), key)
			if _, err := verified(text, "mid/part", xmlsig.Trust{Keys: []crypto.PublicKey{key.Public()}}); err != nil {
				t.Errorf("got %v for\n%s", err, text)
			}
		})
	}
}

// XAdES' properties are covered too, for us and for xmlsec1.
func TestPropertiesAreCovered(t *testing.T) {
	t.Parallel()
	key := ecKey(t, elliptic.P256())
	text := signed(t, list, "", xmlsig.Signer{Key: key, Method: xmlsig.ECDSASHA256, Certificate: certificate(t, key), Properties: properties(t)})
	if _, err := verified(text, "", xmlsig.Trust{Keys: []crypto.PublicKey{key.Public()}, Properties: true}); err != nil {
		t.Error(err)
	}
	if ok, said := newFolder(t).accepted(text, key); !ok {
		t.Errorf("xmlsec1 refuses:\n%s\n%s", text, said)
	}
}
