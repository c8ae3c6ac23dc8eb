package clave_test

import (
	"crypto"
	"crypto/rand"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clave/internal/saml2"
	"clave/internal/xmlsig"
	"clave/keys"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// kit is a public client of Cl@ve 2: what it sends, and how it signs. The messages in
// testdata have the shape of those of each client, with invented services.
type kit struct {
	name          string
	login, logout string // files; empty for none
	style         style
}

// style is how a client writes its signature.
type style struct {
	prefix string // of its names: ds: or none
	hash   crypto.Hash
	// before is the element in front of which the signature stands; empty for the end.
	before string
	// prefixes is an InclusiveNamespaces PrefixList; empty for none.
	prefixes string
	// wrap stands between the parts of the signature, line within and behind base64.
	wrap, line string
	// bare has no KeyInfo.
	bare bool
}

func kits() []kit {
	return []kit{
		{
			name: "the official kit for PHP, which is SimpleSAMLphp", login: "php_login.xml", logout: "php_logout.xml",
			style: style{prefix: "ds:", hash: crypto.SHA512, before: "Extensions"},
		},
		{
			name: "the module of RedIRIS for SimpleSAMLphp", login: "rediris_login.xml", logout: "rediris_logout.xml",
			style: style{prefix: "ds:", hash: crypto.SHA256, before: "Extensions"},
		},
		{
			name: "the kit for Java, which is OpenSAML", login: "java_login.xml", logout: "java_logout.xml",
			style: style{prefix: "ds:", hash: crypto.SHA512, before: "Extensions", prefixes: "eidas-natural", wrap: "\n", line: "&#13;\n"},
		},
		{
			name: "a client in JavaScript, with xml-crypto", login: "node_login.xml", logout: "node_logout.xml",
			style: style{hash: crypto.SHA512, before: "Extensions"},
		},
		{
			name: "a client with lower case and nothing that can be left out", login: "bare_login.xml",
			style: style{prefix: "ds:", hash: crypto.SHA256, bare: true},
		},
	}
}

func (s style) method() string {
	if s.hash == crypto.SHA256 {
		return xmlsig.RSASHA256
	}
	return xmlsig.RSASHA512
}

func (s style) digest() string {
	if s.hash == crypto.SHA256 {
		return xmlsig.SHA256
	}
	return xmlsig.SHA512
}

// sign signs a message as a client does, by other code than ours.
func (s style) sign(t testing.TB, message string, key keys.SigningKey) string {
	t.Helper()
	d := etree.NewDocument()
	if err := d.ReadFromString(message); err != nil {
		t.Fatal(err)
	}
	root := d.Root()
	covered, err := dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList(s.prefixes).Canonicalize(root)
	if err != nil {
		t.Fatal(err)
	}
	hash := s.hash.New()
	hash.Write(covered)
	digest := base64.StdEncoding.EncodeToString(hash.Sum(nil))

	p, exclusive := s.prefix, `Algorithm="`+xmlsig.Exclusive+`"`
	inner := `></` + p + `Transform>`
	if s.prefixes != "" {
		inner = `><ec:InclusiveNamespaces xmlns:ec="` + xmlsig.Exclusive + `" PrefixList="` + s.prefixes + `"></ec:InclusiveNamespaces></` + p + `Transform>`
	}
	space := ` xmlns` + strings.TrimSuffix(":"+p, ":") + `="http://www.w3.org/2000/09/xmldsig#"`
	if p == "" {
		space = ` xmlns="http://www.w3.org/2000/09/xmldsig#"`
	}
	info := func(space string) string {
		return `<` + p + `SignedInfo` + space + `>` + s.wrap +
			`<` + p + `CanonicalizationMethod ` + exclusive + `></` + p + `CanonicalizationMethod>` + s.wrap +
			`<` + p + `SignatureMethod Algorithm="` + s.method() + `"></` + p + `SignatureMethod>` + s.wrap +
			`<` + p + `Reference URI="#` + root.SelectAttrValue("ID", "") + `">` + s.wrap + `<` + p + `Transforms>` + s.wrap +
			`<` + p + `Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></` + p + `Transform>` + s.wrap +
			`<` + p + `Transform ` + exclusive + inner + s.wrap + `</` + p + `Transforms>` + s.wrap +
			`<` + p + `DigestMethod Algorithm="` + s.digest() + `"></` + p + `DigestMethod>` + s.wrap +
			`<` + p + `DigestValue>` + digest + `</` + p + `DigestValue>` + s.wrap + `</` + p + `Reference>` + s.wrap + `</` + p + `SignedInfo>`
	}
	hash = s.hash.New()
	hash.Write([]byte(info(space)))
	value, err := key.Signer.Sign(rand.Reader, hash.Sum(nil), s.hash)
	if err != nil {
		t.Fatal(err)
	}
	signature := `<` + p + `Signature` + space + `>` + s.wrap + info("") + s.wrap +
		`<` + p + `SignatureValue>` + s.wrapped(value) + `</` + p + `SignatureValue>` + s.wrap
	if !s.bare {
		signature += `<` + p + `KeyInfo><` + p + `X509Data><` + p + `X509Certificate>` + s.wrapped(key.Certificate.Raw) +
			`</` + p + `X509Certificate></` + p + `X509Data></` + p + `KeyInfo>` + s.wrap
	}
	signature += `</` + p + `Signature>`
	for _, child := range root.ChildElements() {
		if s.before != "" && child.Tag == s.before {
			open := "<" + child.FullTag()
			at := strings.Index(message, open)
			return message[:at] + signature + message[at:]
		}
	}
	at := strings.LastIndex(message, "</")
	return message[:at] + signature + message[at:]
}

func (s style) wrapped(data []byte) string {
	text := base64.StdEncoding.EncodeToString(data)
	if s.line == "" {
		return text
	}
	var b strings.Builder
	for len(text) > 76 {
		b.WriteString(text[:76] + s.line)
		text = text[76:]
	}
	return b.String() + text + s.line
}

// message is that of a client, for this world's moment.
func (w *world) message(file string) string {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		w.t.Fatal(err)
	}
	now := w.clock.Now().UTC()
	return strings.NewReplacer(
		"{ID}", saml2.NewID(), "{INSTANT}", now.Format("2006-01-02T15:04:05Z"), "{INSTANT_MS}", now.Format("2006-01-02T15:04:05.000Z"),
		"{INSTANT_BARE}", now.Format("2006-01-02T15:04:05"), "{ADDRESS}", address, "{ACS}", acs, "{LOGOUT}", goodbye, "{PROVIDER}", provider,
	).Replace(strings.TrimSuffix(string(data), "\n"))
}

// loginOf and logoutOf are a client's messages, signed by the town.
func (w *world) loginOf(k kit, change ...string) string {
	w.t.Helper()
	return k.style.sign(w.t, replaced(w.message(k.login), change...), shared().town)
}

func (w *world) logoutOf(k kit, change ...string) string {
	w.t.Helper()
	return k.style.sign(w.t, replaced(w.message(k.logout), change...), shared().town)
}

// java is the kit with the fullest messages.
func java() kit { return kits()[2] }

func replaced(message string, change ...string) string {
	return strings.NewReplacer(change...).Replace(message)
}
