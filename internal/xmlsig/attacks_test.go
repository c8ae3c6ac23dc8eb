package xmlsig_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // what is refused
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// message is signed in these tests; who gets another recipient into it has won.
const message = `<doc xmlns="urn:d" ID="good"><to>ana</to><amount>1</amount></doc>`

// list has no ID on its root, as trusted lists.
const list = `<list xmlns="urn:l"><to>ana</to></list>`

func properties(t testing.TB) *etree.Element {
	t.Helper()
	return read(t, `<xades:SignedProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Id="props"><xades:SignedSignatureProperties/></xades:SignedProperties>`).Root()
}

// attacker has a document that ana's key signed, and keys of their own.
type attacker struct {
	key  *ecdsa.PrivateKey
	own  *ecdsa.PrivateKey
	text string
	// signature is the one in the text, body the text without it.
	signature, body string
}

var wholeSignature = regexp.MustCompile(`(?s)<ds:Signature .*?</ds:Signature>`)

func newAttacker(t testing.TB) attacker {
	t.Helper()
	a := attacker{key: ecKey(t, elliptic.P256()), own: ecKey(t, elliptic.P256())}
	a.text = signed(t, message, "", xmlsig.Signer{Key: a.key, Method: xmlsig.ECDSASHA256})
	a.signature = wholeSignature.FindString(a.text)
	a.body = strings.Replace(a.text, a.signature, "", 1)
	return a
}

func (a attacker) trust() xmlsig.Trust { return xmlsig.Trust{Keys: []crypto.PublicKey{a.key.Public()}} }

func TestAttacksOnTheReference(t *testing.T) {
	t.Parallel()
	a := newAttacker(t)
	evil := `<doc xmlns="urn:d" ID="evil"><to>mallory</to></doc>`
	inside := func(into, what string) string { return strings.Replace(into, "</doc>", what+"</doc>", 1) }
	tests := []struct{ name, text string }{
		{"XSW1: the good one inside its own signature, evil as root", inside(evil, strings.Replace(a.signature, "</ds:Signature>", "<ds:Object>"+a.body+"</ds:Object></ds:Signature>", 1))},
		{"XSW2: the good one beside the signature, evil as root", inside(evil, a.signature+a.body)},
		{"XSW3: evil before the good one, with a common root", `<doc xmlns="urn:d">` + evil + a.text + `</doc>`},
		{"XSW4: the good one inside evil, whole", inside(evil, a.text)},
		{"XSW5: evil has the good one's ID, the good one comes after", inside(strings.Replace(evil, "evil", "good", 1), a.signature+a.body)},
		{"XSW6: evil has the good one's ID, the good one is in an object", inside(strings.Replace(evil, "evil", "good", 1), strings.Replace(a.signature, "</ds:Signature>", "<ds:Object>"+a.body+"</ds:Object></ds:Signature>", 1))},
		{"XSW7: an extension holds the good one", inside(evil, "<ext>"+a.body+"</ext>"+a.signature)},
		{"XSW8: an object holds the good one without its signature", inside(evil, strings.Replace(a.signature, "</ds:SignatureValue>", "</ds:SignatureValue><ds:Object>"+a.body+"</ds:Object>", 1))},
		{"the ID in other letters", strings.Replace(a.text, `ID="good"`, `Id="good" ID="evil"`, 1)},
		{"an ID of XML's own", strings.Replace(a.text, `ID="good"`, `xml:id="good"`, 1)},
		{"two signatures", strings.Replace(a.text, a.signature, a.signature+a.signature, 1)},
		{"no signature", a.body},
		{"a signature of another namespace", strings.ReplaceAll(a.text, "http://www.w3.org/2000/09/xmldsig#\"", "urn:x\"")},
		{"a signature further in", strings.Replace(a.body, "<to>ana</to>", "<to>"+a.signature+"ana</to>", 1)},
		{"something behind the value", strings.Replace(a.text, "</ds:SignatureValue>", "</ds:SignatureValue><x/>", 1)},
		{"a second information", strings.Replace(a.text, "<ds:SignedInfo>", "<ds:SignedInfo/><ds:SignedInfo>", 1)},
		{"another recipient", strings.Replace(a.text, "ana", "mallory", 1)},
		{"an element more", strings.Replace(a.text, "<to>", "<to>mallory</to><to>", 1)},
		{"an attribute more", strings.Replace(a.text, "<to>", `<to not="x">`, 1)},
		{"another namespace", strings.Replace(a.text, "urn:d", "urn:e", 1)},
		{"text before the value", strings.Replace(a.text, "<ds:SignatureValue>", "<ds:SignatureValue>AAAA", 1)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := verified(test.text, "", a.trust()); err == nil {
				t.Errorf("accepted as\n%s\nof\n%s", got, test.text)
			}
		})
	}
}

// What the attacker adds is not in what the caller gets, even where the signature holds.
func TestWhatWasAddedIsNotSeen(t *testing.T) {
	t.Parallel()
	a := newAttacker(t)
	whole, err := verified(a.text, "", a.trust())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(whole, "Signature") || !strings.Contains(whole, "<to>ana</to>") {
		t.Errorf("got %s", whole)
	}
	tests := []struct{ name, text string }{
		{"a comment in a value", strings.Replace(a.text, "ana", "a<!-- mallory -->na", 1)},
		{"a section of characters", strings.Replace(a.text, "ana", "<![CDATA[a]]>na", 1)},
		{"a comment before the root", "<!-- mallory -->" + a.text},
		{"a comment in the digest", strings.Replace(a.text, "<ds:DigestValue>", "<ds:DigestValue><!-- AAAA -->", 1)},
		{"a key of the attacker", strings.Replace(a.text, "</ds:SignatureValue>", "</ds:SignatureValue><ds:KeyInfo><ds:KeyName>mallory</ds:KeyName></ds:KeyInfo>", 1)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := verified(test.text, "", a.trust())
			if err != nil || got != whole {
				t.Errorf("got %v, %s", err, got)
			}
		})
	}
	d := read(t, strings.Replace(a.text, "ana", "a<!-- mallory -->na", 1))
	s, err := d.Verify(nil, a.trust())
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Element.SelectElement("to").Text(); got != "ana" {
		t.Errorf("got %q", got)
	}
}

// The attacker signs what they like, with a key of their own.
func TestOtherKeysDoNotCount(t *testing.T) {
	t.Parallel()
	a := newAttacker(t)
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	forged := func(s xmlsig.Signer) string { return signed(t, message, "", s) }
	mine := certificate(t, a.own)
	named := forged(xmlsig.Signer{Key: a.own, Method: xmlsig.ECDSASHA256, Certificate: mine})
	anas := certificate(t, a.key)
	genuine := forged(xmlsig.Signer{Key: a.key, Method: xmlsig.ECDSASHA256, Certificate: anas})
	only := xmlsig.Trust{Certificates: []*x509.Certificate{anas}}
	text := base64.StdEncoding.EncodeToString
	tests := []struct {
		name, text string
		trust      xmlsig.Trust
		want       error
	}{
		{"a key in the message", named, a.trust(), xmlsig.ErrUntrusted},
		{"a certificate in the message", named, only, xmlsig.ErrUntrusted},
		{"the trusted certificate named, the attacker's key used", strings.Replace(named, text(mine.Raw), text(anas.Raw), 1), only, xmlsig.ErrUntrusted},
		{"the attacker's certificate named, the trusted key used", strings.Replace(genuine, text(anas.Raw), text(mine.Raw), 1), only, xmlsig.ErrUntrusted},
		{"two certificates named", strings.Replace(genuine, "<ds:X509Certificate>", "<ds:X509Certificate>"+text(mine.Raw)+"</ds:X509Certificate><ds:X509Certificate>", 1), only, xmlsig.ErrForm},
		{"the certificate in two parts", strings.Replace(genuine, "<ds:X509Certificate>", "<ds:X509Certificate><!-- -->", 1), only, xmlsig.ErrForm},
		{"no certificate named", a.text, only, xmlsig.ErrForm},
		{"nobody trusted", a.text, xmlsig.Trust{}, xmlsig.ErrUntrusted},
		{"a short key that is trusted", forged(xmlsig.Signer{Key: short, Method: xmlsig.RSASHA256}), xmlsig.Trust{Keys: []crypto.PublicKey{short.Public()}}, xmlsig.ErrUntrusted},
		{"properties where none belong", signed(t, list, "", xmlsig.Signer{Key: a.key, Method: xmlsig.ECDSASHA256, Properties: properties(t)}), a.trust(), xmlsig.ErrForm},
		{"the genuine one", genuine, only, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := verified(test.text, "", test.trust); !errors.Is(err, test.want) {
				t.Errorf("got %v, %s; want %v", err, got, test.want)
			}
		})
	}
}

// A weak curve is refused even when a caller trusts such a key, and so is a key that
// costs ten seconds for each message.
func TestWeakKeysAreTold(t *testing.T) {
	t.Parallel()
	long := new(big.Int).SetBit(big.NewInt(1), 8192, 1)
	for _, key := range []crypto.PublicKey{ecKey(t, elliptic.P224()).Public(), &rsa.PublicKey{N: long, E: 65537}, "text", nil} {
		if xmlsig.Usable(key) == nil {
			t.Errorf("%T is taken", key)
		}
	}
	for _, key := range []crypto.PublicKey{ecKey(t, elliptic.P521()).Public(), rsaKey().Public()} {
		if err := xmlsig.Usable(key); err != nil {
			t.Error(err)
		}
	}
}

// rigged signs whatever information a trusted signer could be brought to sign, by a
// document with its values left out: what the signer means is what we must not guess.
func rigged(t *testing.T, key *ecdsa.PrivateKey, document string) string {
	t.Helper()
	root := read(t, document).Root()
	signature := root.FindElement("//ds:Signature")
	info := signature.FindElement("ds:SignedInfo")
	body := root.Copy()
	body.RemoveChild(body.FindElement("ds:Signature"))
	covered, err := xmlsig.Canonical(body)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(covered)
	old := sha1.Sum(covered)
	for _, r := range info.FindElements("ds:Reference") {
		sum := digest[:]
		if strings.HasSuffix(r.FindElement("ds:DigestMethod").SelectAttrValue("Algorithm", ""), "sha1") {
			sum = old[:]
		}
		r.FindElement("ds:DigestValue").SetText(base64.StdEncoding.EncodeToString(sum))
	}
	covered, err = xmlsig.Canonical(info)
	if err != nil {
		t.Fatal(err)
	}
	digest = sha256.Sum256(covered)
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	signature.FindElement("ds:SignatureValue").SetText(base64.StdEncoding.EncodeToString(raw))
	return write(t, root)
}

func TestUnacceptableFormsOfSignatures(t *testing.T) {
	t.Parallel()
	key := ecKey(t, elliptic.P256())
	trust := xmlsig.Trust{Keys: []crypto.PublicKey{key.Public()}}
	with := func(change ...string) string {
		s := template(xmlsig.ECDSASHA256, xmlsig.Exclusive, "", enveloped, xmlsig.Exclusive)
		return strings.NewReplacer(change...).Replace(`<doc><part ID="p">x</part>` + s + `</doc>`)
	}
	reference := regexp.MustCompile(`<ds:Reference .*</ds:Reference>`).FindString(with())
	transform := func(algorithm, inner string) string {
		return `<ds:Transform Algorithm="` + algorithm + `">` + inner + `</ds:Transform>`
	}
	last := transform(xmlsig.Exclusive, "")
	last = strings.Replace(last, "></ds:Transform>", "/>", 1)
	tests := []struct {
		name, document string
		want           error
	}{
		{"as it should be", with(), nil},
		{"SHA-1 as digest", with(xmlsig.SHA256, "http://www.w3.org/2000/09/xmldsig#sha1"), xmlsig.ErrForm},
		{"SHA-1 in the signature", with(xmlsig.ECDSASHA256, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"), xmlsig.ErrForm},
		{"HMAC with a key that everybody knows", with(xmlsig.ECDSASHA256, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), xmlsig.ErrForm},
		{"RSA for a key of another kind", with(xmlsig.ECDSASHA256, xmlsig.RSASHA256), xmlsig.ErrUntrusted},
		{"no method", with(xmlsig.ECDSASHA256, ""), xmlsig.ErrForm},
		{"a method of another namespace", with(`ds:SignatureMethod Algorithm="`, `ds:SignatureMethod ds:Algorithm="`), xmlsig.ErrForm},
		{"a canonical form with comments", with(last, strings.Replace(last, xmlsig.Exclusive, xmlsig.Exclusive+"WithComments", 1)), xmlsig.ErrForm},
		{"information in a form with comments", with(`Method Algorithm="`+xmlsig.Exclusive, `Method Algorithm="`+xmlsig.Inclusive+"#WithComments"), xmlsig.ErrForm},
		{"XSLT", with(last, transform("http://www.w3.org/TR/1999/REC-xslt-19991116", `<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform"/>`)), xmlsig.ErrForm},
		{"XPath", with(last, transform("http://www.w3.org/TR/1999/REC-xpath-19991116", `<ds:XPath>1</ds:XPath>`)), xmlsig.ErrForm},
		{"XPath filters", with(last, transform("http://www.w3.org/2002/06/xmldsig-filter2", "")), xmlsig.ErrForm},
		{"base64", with(last, transform("http://www.w3.org/2000/09/xmldsig#base64", "")), xmlsig.ErrForm},
		{"three transforms", with(last, last+last), xmlsig.ErrForm},
		{"no transform", with(transformsOf(with()), ""), xmlsig.ErrForm},
		{"the signature left in", with(transformsOf(with()), "<ds:Transforms>"+last+"</ds:Transforms>"), xmlsig.ErrForm},
		{"something in a transform", with(last, transform(xmlsig.Exclusive, "<x/>")), xmlsig.ErrForm},
		{"prefixes where they mean nothing", with(last, transform(xmlsig.Inclusive, `<ec:InclusiveNamespaces xmlns:ec="`+xmlsig.Exclusive+`" PrefixList="a"/>`)), xmlsig.ErrForm},
		{"no reference", with(reference, ""), xmlsig.ErrForm},
		{"two references", with(reference, reference+reference), xmlsig.ErrForm},
		{"a reference to another element", with(`URI=""`, `URI="#p"`), xmlsig.ErrForm},
		{"a reference to nothing that is there", with(`URI=""`, `URI="#q"`), xmlsig.ErrForm},
		{"a reference without an address", with(` URI=""`, ``), xmlsig.ErrForm},
		{"a reference elsewhere", with(`URI=""`, `URI="https://example.org/"`), xmlsig.ErrForm},
		{"a reference by XPointer", with(`URI=""`, `URI="#xpointer(/)"`), xmlsig.ErrForm},
		{"a reference to several", with(`<doc>`, `<doc ID="q p">`, `URI=""`, `URI="#q p"`), xmlsig.ErrForm},
		{"a reference that ends an expression", with(`<doc>`, `<doc ID="q'p">`, `URI=""`, `URI="#q'p"`), xmlsig.ErrForm},
		{"a reference that calls itself properties", with(`URI=""`, `URI="" Type="http://uri.etsi.org/01903#SignedProperties"`), xmlsig.ErrForm},
		{"a manifest instead of a reference", with("ds:Reference", "ds:Manifest"), xmlsig.ErrForm},
		{"a reference with something more", with("<ds:DigestMethod", "<x/><ds:DigestMethod"), xmlsig.ErrForm},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := rigged(t, key, test.document)
			if got, err := verified(text, "", trust); !errors.Is(err, test.want) {
				t.Errorf("got %v, %s; want %v of\n%s", err, got, test.want, text)
			}
		})
	}
}

func transformsOf(text string) string {
	return regexp.MustCompile(`<ds:Transforms>.*</ds:Transforms>`).FindString(text)
}

// The properties are those of the signature itself, or nothing holds.
func TestAttacksOnProperties(t *testing.T) {
	t.Parallel()
	a := newAttacker(t)
	trust := a.trust()
	trust.Properties = true
	genuine := signed(t, list, "", xmlsig.Signer{Key: a.key, Method: xmlsig.ECDSASHA256, Properties: properties(t)})
	if _, err := verified(genuine, "", trust); err != nil {
		t.Fatal(err)
	}
	object := regexp.MustCompile(`(?s)<ds:Object>.*</ds:Object>`).FindString(genuine)
	tests := []struct{ name, text string }{
		{"changed", strings.Replace(genuine, "<xades:SignedSignatureProperties/>", "<xades:SignedSignatureProperties>x</xades:SignedSignatureProperties>", 1)},
		{"taken away", strings.Replace(genuine, object, "", 1)},
		{"moved into the list", strings.Replace(strings.Replace(genuine, object, "", 1), "<to>", object+"<to>", 1)},
		{"twice", strings.Replace(genuine, object, object+object, 1)},
		{"of another namespace", strings.ReplaceAll(genuine, "http://uri.etsi.org/01903/v1.3.2#", "urn:x")},
		{"with another recipient of the list", strings.Replace(genuine, "ana", "mallory", 1)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := verified(test.text, "", trust); err == nil {
				t.Errorf("accepted as %s", got)
			}
		})
	}
}

func TestUnacceptableXML(t *testing.T) {
	t.Parallel()
	repeat := strings.Repeat
	var many strings.Builder
	for i := range 200 {
		fmt.Fprintf(&many, ` a%d=""`, i)
	}
	tests := []struct{ name, text string }{
		{"nothing", ""},
		{"no XML", "hello"},
		{"a document type", `<!DOCTYPE doc><doc/>`},
		{"entities that grow", `<!DOCTYPE doc [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><doc>&b;</doc>`},
		{"an entity from outside", `<!DOCTYPE doc [<!ENTITY a SYSTEM "file:///etc/passwd">]><doc>&a;</doc>`},
		{"a type inside the root", `<doc><!DOCTYPE doc></doc>`},
		{"an entity that nobody declared", `<doc>&a;</doc>`},
		{"a processing instruction before", `<?xml-stylesheet href="x"?><doc/>`},
		{"a processing instruction inside", `<doc><?php x ?></doc>`},
		{"a processing instruction behind", `<doc/><?x?>`},
		{"a declaration in the middle", `<doc><?xml version="1.0"?></doc>`},
		{"a second declaration", `<?xml version="1.0"?><?xml version="1.0"?><doc/>`},
		{"another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><doc/>`},
		{"UTF-7", `<?xml version="1.0" encoding="UTF-7"?><doc/>`},
		{"UTF-16", "\xff\xfe<\x00d\x00/\x00>\x00"},
		{"bytes that are no UTF-8", "<doc>\xff</doc>"},
		{"a zero", "<doc a='\n\x00'/>"},
		{"a control character", "<doc>\x01</doc>"},
		{"a control character by number", "<doc>&#1;</doc>"},
		{"half a character by number", "<doc>&#xD800;</doc>"},
		{"half a character by number, written in another way", "<doc a='&#00000000000056320;'/>"},
		{"half a character after a whole one", "<doc>&#x41;&#xdFfF;</doc>"},
		{"two roots", `<doc/><doc/>`},
		{"a space by its number before the root", "&#10;<doc/>"},
		{"a space by its number behind the root", "<doc/><!-- a -->&#x20;"},
		{"a space by its number between comments", "<!-- a -->&#32;<!-- b --><doc/>"},
		{"a section of characters before the root", "<![CDATA[ ]]><doc/>"},
		{"a section of characters behind the root", "<doc/><![CDATA[ ]]>\n"},
		{"a section of characters between comments", "<doc/><!-- a --><![CDATA[ ]]><!-- b -->"},
		{"text behind the root", `<doc/>x`},
		{"text before the root", `x<doc/>`},
		{"no end", `<doc>`},
		{"another end", `<doc></dog>`},
		{"an end of another prefix", `<a:doc xmlns:a="urn:a" xmlns:b="urn:a"></b:doc>`},
		{"an attribute twice", `<doc a="1" a="2"/>`},
		{"an attribute twice by two prefixes", `<doc xmlns:a="urn:a" xmlns:b="urn:a" a:x="1" b:x="2"/>`},
		{"a namespace twice", `<doc xmlns:a="urn:a" xmlns:a="urn:b"/>`},
		{"an attribute without quotes", `<doc a=1/>`},
		{"attributes without space between them", `<doc a="1"b="2"/>`},
		{"a declaration of nothing", `<?xml?><doc/>`},
		{"a declaration with something more", `<?xml version="1.0" more="1"?><doc/>`},
		{"version 1.1", `<?xml version="1.1"?><doc/>`},
		{"a bracket in an attribute", `<doc a="<"/>`},
		{"a prefix that nobody declared", `<a:doc/>`},
		{"an attribute's prefix that nobody declared", `<doc a:b=""/>`},
		{"a prefix bound to nothing", `<doc xmlns:a=""/>`},
		{"another meaning of xml", `<doc xmlns:xml="urn:x"/>`},
		{"a prefix for xml's namespace", `<doc xmlns:a="http://www.w3.org/XML/1998/namespace"/>`},
		{"a default of xmlns' namespace", `<doc xmlns="http://www.w3.org/2000/xmlns/"/>`},
		{"a prefix xmlns", `<xmlns:doc/>`},
		{"a relative namespace", `<doc xmlns="x"/>`},
		{"a namespace with a space", `<doc xmlns="urn:a b"/>`},
		{"a namespace with what is escaped", `<doc xmlns="urn:a&amp;b"/>`},
		{"a namespace with half an escape", `<doc xmlns="urn:a%4"/>`},
		{"a namespace with a port that is none", `<doc xmlns="http://a.example:b/"/>`},
		{"a namespace in other letters", `<doc xmlns="urn:ñ"/>`},
		{"a declaration of xmlns", `<doc xmlns:xmlns="urn:x"/>`},
		{"two colons", `<a:b:c xmlns:a="urn:a"/>`},
		{"a colon first", `<:doc/>`},
		{"a colon last", `<doc:/>`},
		{"a colon first in an attribute", `<doc :a="" />`},
		{"an ID for two elements", `<doc ID="a"><part ID="a"/></doc>`},
		{"an ID for two elements in other letters", `<doc ID="a"><part Id="a"/></doc>`},
		{"an ID of XML's own for another element", `<doc ID="a"><part xml:id="a"/></doc>`},
		{"an empty ID", `<doc ID=""/>`},
		{"too long", `<doc>` + repeat("x", limits.Bytes) + `</doc>`},
		{"too deep", repeat("<d>", limits.Depth+1) + repeat("</d>", limits.Depth+1)},
		{"too many", `<doc>` + repeat("<d/>", limits.Elements) + `</doc>`},
		{"too many brackets", `<doc>` + repeat("<d></d>", 2*limits.Elements) + `</doc>`},
		{"too many attributes", `<doc` + many.String() + `/>`},
		{"too many attributes of all together", `<doc>` + repeat(`<d a="" b="" c="" d="" e="" f="" g="" h="" i="" j=""/>`, limits.Elements*2/3) + `</doc>`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := xmlsig.Parse([]byte(test.text), limits); !errors.Is(err, xmlsig.ErrMalformed) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// grown is a long namespace that many elements use and nobody around them.
func grown(long, many int) string {
	return `<d xmlns:n="urn:` + strings.Repeat("n", long) + `">` + strings.Repeat("<n:x/>", many) + `</d>`
}

func TestManyNamespacesInScope(t *testing.T) {
	t.Parallel()
	var open, shut strings.Builder
	for i := range 30 {
		open.WriteString("<d")
		for j := range 10 {
			fmt.Fprintf(&open, ` xmlns:n%d="urn:%d"`, i*10+j, j)
		}
		open.WriteString(">")
		shut.WriteString("</d>")
	}
	if _, err := xmlsig.Parse([]byte(open.String()+shut.String()), limits); !errors.Is(err, xmlsig.ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

// Who declares many namespaces once does not ask for them to be looked at in each of
// many elements.
func TestManyNamespacesAskForLittleWork(t *testing.T) {
	elements := strings.Repeat("<d/>", 600)
	var open strings.Builder
	for i := range 60 {
		fmt.Fprintf(&open, ` xmlns:n%d="urn:%d"`, i, i)
	}
	quickest := func(text string) time.Duration {
		best := time.Hour
		for range 5 {
			started := time.Now()
			if _, err := xmlsig.Parse([]byte(text), limits); err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(started))
		}
		return best
	}
	plain := quickest("<d><d>" + elements + "</d></d>")
	attack := quickest("<d" + open.String() + "><d" + strings.ReplaceAll(open.String(), ":n", ":m") + ">" + elements + "</d></d>")
	if attack > 15*plain { // twice, and a hundred times when each is looked at
		t.Errorf("took %v instead of %v", attack, plain)
	}
}

// A signature covers a document that grows when it is written canonically: the work is
// bounded.
func TestGrowingDocumentsAreNotDigested(t *testing.T) {
	t.Parallel()
	a := newAttacker(t)
	text := strings.Replace(a.text, "<to>", grown(limits.Bytes/4, 8_000)+"<to>", 1)
	if got, err := verified(text, "", a.trust()); !errors.Is(err, xmlsig.ErrMalformed) {
		t.Errorf("got %v, %d bytes", err, len(got))
	}
}
