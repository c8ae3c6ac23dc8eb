package xmlsig_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

var limits = xmlsig.Limits{Bytes: 1 << 20, Depth: 32, Elements: 10_000}

// rsaKey is made once: it takes a while.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func ecKey(t testing.TB, curve elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func certificate(t testing.TB, key crypto.Signer) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "signer"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// read parses what a test takes for good.
func read(t testing.TB, text string) *xmlsig.Document {
	t.Helper()
	d, err := xmlsig.Parse([]byte(text), limits)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func write(t testing.TB, el *etree.Element) string {
	t.Helper()
	for el.Parent() != nil {
		el = el.Parent()
	}
	doc := etree.NewDocument()
	doc.WriteSettings = etree.WriteSettings{CanonicalAttrVal: true, CanonicalText: true}
	doc.SetRoot(el.Copy())
	text, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// signed signs the element at the path (empty for the root) and gives the document.
func signed(t testing.TB, text, path string, s xmlsig.Signer) string {
	t.Helper()
	root := read(t, text).Root()
	el := root
	if path != "" {
		el = root.FindElement(path)
	}
	if err := s.Sign(el, 0); err != nil {
		t.Fatal(err)
	}
	return write(t, root)
}

// verified is the text of what was signed, or the error.
func verified(text, path string, trust xmlsig.Trust) (string, error) {
	d, err := xmlsig.Parse([]byte(text), limits)
	if err != nil {
		return "", err
	}
	var el *etree.Element
	if path != "" {
		el = d.Root().FindElement(path)
	}
	s, err := d.Verify(el, trust)
	if err != nil {
		return "", err
	}
	out, err := xmlsig.Canonical(s.Element)
	return string(out), err
}

// folder keeps files for xmlsec1.
type folder struct {
	t   testing.TB
	dir string
}

func newFolder(t testing.TB) folder {
	t.Helper()
	return folder{t, t.TempDir()}
}

func (f folder) file(name, text string) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

func (f folder) public(key crypto.Signer) string {
	f.t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		f.t.Fatal(err)
	}
	return f.file("public.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
}

func (f folder) private(key crypto.Signer) string {
	f.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.file("private.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// ids tells xmlsec1 which attributes are IDs.
var ids = []string{"--id-attr:ID", "doc", "--id-attr:ID", "part", "--id-attr:ID", "urn:example:doc", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"}

// xmlsec runs the tool that everybody compares with; make test installs it.
func (f folder) xmlsec(args ...string) (string, error) {
	f.t.Helper()
	path, err := exec.LookPath("xmlsec1")
	if err != nil {
		f.t.Fatal("xmlsec1 is missing; `make test` installs it")
	}
	out, err := exec.CommandContext(f.t.Context(), path, args...).CombinedOutput()
	return string(out), err
}

// accepted tells whether xmlsec1 accepts the first signature of a document.
func (f folder) accepted(text string, key crypto.Signer) (bool, string) {
	f.t.Helper()
	args := append([]string{"--verify", "--enabled-reference-uris", "empty,same-doc", "--pubkey-pem", f.public(key)}, ids...)
	out, err := f.xmlsec(append(args, f.file("signed.xml", text))...)
	return err == nil, out
}

// templated makes xmlsec1 sign a document that has a signature without values.
func (f folder) templated(text string, key crypto.Signer) string {
	f.t.Helper()
	out := filepath.Join(f.dir, "out.xml")
	args := append([]string{"--sign", "--privkey-pem", f.private(key), "--output", out}, ids...)
	if said, err := f.xmlsec(append(args, f.file("template.xml", text))...); err != nil {
		f.t.Fatalf("%v\n%s", err, said)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(data)
}

// template is a signature to fill in.
func template(method, how, uri string, transforms ...string) string {
	var list strings.Builder
	for _, t := range transforms {
		if !strings.HasPrefix(t, "<") {
			t = `<ds:Transform Algorithm="` + t + `"/>`
		}
		list.WriteString(t)
	}
	return `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="` + how +
		`"/><ds:SignatureMethod Algorithm="` + method + `"/><ds:Reference URI="` + uri + `"><ds:Transforms>` + list.String() +
		`</ds:Transforms><ds:DigestMethod Algorithm="` + xmlsig.SHA256 + `"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`
}

const enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
