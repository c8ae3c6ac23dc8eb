// Package samlmetadata publishes metadata of SAML services as services do, and can lie in
// every way that whoever stands between them and us could.
package samlmetadata

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"html"
	"math/big"
	"strings"
	"testing"
	"time"

	"clave/internal/xmlsig"
)

// Service is what metadata say. The zero value of a field leaves it out.
type Service struct {
	EntityID, ACS string
	ValidUntil    time.Time
	// CacheDuration is as XML writes it, such as PT1H.
	CacheDuration string
	// Certificates sign and encrypt.
	Certificates []*x509.Certificate
	// Name is by which the service calls itself in Spanish.
	Name string
}

// XML writes the metadata without signature.
func (s Service) XML() []byte {
	var b strings.Builder
	put := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, ` %s="%s"`, name, html.EscapeString(text))
		}
	}
	b.WriteString(`<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_m"`)
	put("entityID", s.EntityID)
	put("cacheDuration", s.CacheDuration)
	if !s.ValidUntil.IsZero() {
		put("validUntil", s.ValidUntil.UTC().Format(time.RFC3339))
	}
	b.WriteString(`><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">`)
	if s.Name != "" {
		fmt.Fprintf(&b, `<md:Extensions><mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"><mdui:DisplayName xml:lang="es">%s</mdui:DisplayName></mdui:UIInfo></md:Extensions>`,
			html.EscapeString(s.Name))
	}
	for _, c := range s.Certificates {
		fmt.Fprintf(&b, `<md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
			base64.StdEncoding.EncodeToString(c.Raw))
	}
	b.WriteString(`<md:AssertionConsumerService index="0" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"`)
	put("Location", s.ACS)
	b.WriteString(`/></md:SPSSODescriptor></md:EntityDescriptor>`)
	return []byte(b.String())
}

// Signer signs metadata.
type Signer struct {
	Certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewSigner makes one.
func NewSigner(t testing.TB) *Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &Signer{certificateOf(t, key.Public(), key), key}
}

// Sign signs what a service says.
func (s *Signer) Sign(t testing.TB, service Service) []byte {
	t.Helper()
	d, err := xmlsig.Parse(service.XML(), xmlsig.Limits{Bytes: 32 << 20, Depth: 100, Elements: 1_000_000})
	if err == nil {
		err = xmlsig.Signer{Key: s.key, Method: xmlsig.ECDSASHA256, Certificate: s.Certificate}.Sign(d.Root(), 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := xmlsig.Canonical(d.Root())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Certificate makes one of a service, with an RSA key of its own.
func Certificate(t testing.TB) *x509.Certificate {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return certificateOf(t, key.Public(), key)
}

func certificateOf(t testing.TB, public, private any) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "Ejemplo"},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
