package registry

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io/fs"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// testFiles are the files that registrations of these tests name, made once.
var testFiles = sync.OnceValue(func() map[string][]byte {
	good := must(rsa.GenerateKey(rand.Reader, 2048)) // which can encrypt too
	curve := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	edwards := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	year := noon.AddDate(1, 0, 0)
	leaf := certificateOf(good, noon.AddDate(-1, 0, 0), year)
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(good))})
	pems := func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}) }
	// Go does not make keys that short; a fixed modulus will do, nobody signs with it.
	weakKey := weakRSA()
	return map[string][]byte{
		"town.pem":        pems(leaf),
		"town.der":        leaf,
		"chain.pem":       append(pems(leaf), pems(leaf)...),
		"with-key.pem":    append(pems(leaf), private...),
		"key.pem":         private,
		"public.pem":      pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(good.Public()))}),
		"expired.pem":     pems(certificateOf(good, noon.AddDate(-2, 0, 0), noon.Add(-24*time.Hour))),
		"future.pem":      pems(certificateOf(good, noon.Add(24*time.Hour), year)),
		"weak.pem":        pems(weakKey),
		"junk.pem":        []byte("junk"),
		"huge.xml":        make([]byte, maxFileBytes+1),
		"town-sp.xml":     metadataOf(leaf),
		"other-sp.xml":    bytes.Replace(metadataOf(leaf), []byte("town.example"), []byte("other.example"), -1),
		"no-acs-sp.xml":   bytes.Replace(metadataOf(leaf), []byte("bindings:HTTP-POST"), []byte("bindings:HTTP-Artifact"), 1),
		"http-sp.xml":     bytes.Replace(metadataOf(leaf), []byte("https://town.example/acs"), []byte("http://town.example/acs"), 1),
		"weak-sp.xml":     metadataOf(weakKey),
		"ended-sp.xml":    bytes.Replace(metadataOf(leaf), []byte(" entityID="), []byte(` validUntil="2026-11-20T00:00:00Z" entityID=`), 1),
		"ends-sp.xml":     bytes.Replace(metadataOf(leaf), []byte(" entityID="), []byte(` validUntil="2026-11-22T00:00:00Z" entityID=`), 1),
		"signs-sp.xml":    bytes.Replace(metadataOf(leaf), []byte("<md:SPSSODescriptor "), []byte(`<md:SPSSODescriptor AuthnRequestsSigned="true" `), 1),
		"keyless-sp.xml":  bytes.Replace(metadataOf(leaf), []byte("<md:KeyDescriptor>"), []byte(`<md:KeyDescriptor use="encryption">`), 1),
		"cbc-sp.xml":      bytes.Replace(metadataOf(leaf), []byte("</md:KeyDescriptor>"), []byte(`<md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"/></md:KeyDescriptor>`), 1),
		"curve-sp.xml":    encryptsFor(certificateOf(curve, noon.AddDate(-1, 0, 0), year), metadataOf(leaf)),
		"pasted-sp.xml":   append(metadataOf(leaf), private...),
		"ec.pem":          pems(certificateOf(curve, noon.AddDate(-1, 0, 0), year)),
		"ed25519.pem":     pems(certificateOf(edwards, noon.AddDate(-1, 0, 0), year)),
		"expired-sp.xml":  metadataOf(certificateOf(good, noon.AddDate(-2, 0, 0), noon.Add(-24*time.Hour))),
		"doctype-sp.xml":  append([]byte(`<!DOCTYPE x [<!ENTITY a "b">]>`), metadataOf(leaf)...),
		"federation.xml":  []byte(`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>`),
		"nameless-sp.xml": []byte(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>`),
		"broken-sp.xml":   metadataOf(leaf)[:80],
	}
})

func testFile(name string) ([]byte, error) {
	if data, ok := testFiles()[name]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func certificateOf(key crypto.Signer, from, until time.Time) []byte {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Example"}, NotBefore: from, NotAfter: until}
	return must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
}

// weakRSA is a certificate over an RSA key of 1024 bits, signed by another.
func weakRSA() []byte {
	signer := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Weak"}, NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0)}
	return must(x509.CreateCertificate(rand.Reader, template, template, shortKey(), signer))
}

func shortKey() *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), 1023)
	return &rsa.PublicKey{N: n.Add(n, big.NewInt(12345)), E: 65537}
}

// encryptsFor adds a key for encryption alone to metadata, whose own is for signing alone.
func encryptsFor(der, metadata []byte) []byte {
	const from, until, use = "<md:KeyDescriptor", "<md:AssertionConsumerService", `<md:KeyDescriptor use="`
	descriptor := metadataOf(der)
	descriptor = descriptor[bytes.Index(descriptor, []byte(from)):bytes.Index(descriptor, []byte(until))]
	descriptor = bytes.Replace(descriptor, []byte(from), []byte(use+`encryption"`), 1)
	metadata = bytes.Replace(metadata, []byte(from), []byte(use+`signing"`), 1)
	return bytes.Replace(metadata, []byte(until), append(descriptor, until...), 1)
}

func metadataOf(der []byte) []byte {
	return []byte(`<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://town.example/sp">` +
		`<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor>` +
		`<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` + "\n" +
		base64.StdEncoding.EncodeToString(der) + "\n" +
		`</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` +
		`<md:AssertionConsumerService index="0" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://town.example/acs"/>` +
		`</md:SPSSODescriptor></md:EntityDescriptor>`)
}

// jwks writes keys as a set, in one line.
func jwks(keys ...any) string {
	var set jose.JSONWebKeySet
	for i, key := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key, KeyID: string(rune('a' + i)), Algorithm: "ES256"})
	}
	return string(must(json.Marshal(set)))
}

func indent(text string) string { return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\\n") }
