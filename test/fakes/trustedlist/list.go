// Package trustedlist publishes trusted lists, signed as member states sign theirs
// (ETSI TS 119 612: XAdES, enveloped), and can lie in every way that whoever stands
// between it and us could.
package trustedlist

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"html"
	"math/big"
	"strings"
	"time"

	"clave/internal/xmlsig"
)

// Words of lists. Source: ETSI TS 119 612, annex D.
const (
	Qualified  = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
	TimeStamps = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"
	Granted    = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
	Withdrawn  = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/withdrawn"
	Signatures = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSignatures"
	Seals      = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSeals"
)

// Service is one of a provider. Empty words are those of an authority that may issue
// certificates for signatures.
type Service struct {
	Provider, Name      string
	Certificates        []*x509.Certificate
	Type, Status, Means string
	Since               time.Time
	// Former says what the service was before.
	Former string
}

// List is what a list says. The zero values are those of a good Spanish one.
type List struct {
	Sequence           int
	Issued, NextUpdate time.Time
	Territory, Type    string
	Version            int
	Services           []Service
	// Closed: there is no next update.
	Closed bool
}

// Signer signs lists.
type Signer struct {
	Key         crypto.Signer
	Method      string
	Certificate *x509.Certificate
}

// NewSigner makes one whose certificate is in force around now.
func NewSigner(now time.Time) (*Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return SignerWith(key, xmlsig.ECDSASHA256, now)
}

// SignerWith is NewSigner for a key of the caller's.
func SignerWith(key crypto.Signer, method string, now time.Time) (*Signer, error) {
	number, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: number, Subject: pkix.Name{CommonName: "SPANISH TRUST LIST SCHEME OPERATOR", Country: []string{"ES"}},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(3, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &Signer{key, method, certificate}, err
}

// PEM is the signer's certificate.
func (s *Signer) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate.Raw})
}

// Sign writes the list and signs it.
func (s *Signer) Sign(l List) ([]byte, error) {
	generous := xmlsig.Limits{Bytes: 32 << 20, Depth: 100, Elements: 1_000_000}
	list, err := xmlsig.Parse([]byte(l.text()), generous)
	if err != nil {
		return nil, err
	}
	properties, err := xmlsig.Parse([]byte(`<xades:SignedProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Id="xades-id-1"><xades:SignedSignatureProperties><xades:SigningTime>`+
		l.Issued.UTC().Format(time.RFC3339)+`</xades:SigningTime></xades:SignedSignatureProperties></xades:SignedProperties>`), generous)
	if err != nil {
		return nil, err
	}
	signer := xmlsig.Signer{Key: s.Key, Method: s.Method, Certificate: s.Certificate, Properties: properties.Root()}
	if err := signer.Sign(list.Root(), len(list.Root().Child)); err != nil {
		return nil, err
	}
	out, err := xmlsig.Canonical(list.Root())
	return append([]byte(`<?xml version="1.0" encoding="UTF-8" standalone="no"?>`), out...), err
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (l List) text() string {
	var b strings.Builder
	put := func(name, text string) { fmt.Fprintf(&b, "<%s>%s</%s>\n", name, html.EscapeString(text), name) }
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	b.WriteString(`<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" TSLTag="http://uri.etsi.org/19612/TSLTag"><SchemeInformation>`)
	version := l.Version
	if version == 0 {
		version = 6
	}
	put("TSLVersionIdentifier", fmt.Sprint(version))
	put("TSLSequenceNumber", fmt.Sprint(l.Sequence))
	put("TSLType", or(l.Type, "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric"))
	b.WriteString(`<SchemeOperatorName><Name xml:lang="es">MINISTERIO DE EJEMPLO</Name></SchemeOperatorName>`)
	put("SchemeTerritory", or(l.Territory, "ES"))
	put("ListIssueDateTime", at(l.Issued))
	if l.Closed {
		b.WriteString("<NextUpdate/>")
	} else {
		b.WriteString("<NextUpdate>")
		put("dateTime", at(l.NextUpdate))
		b.WriteString("</NextUpdate>")
	}
	b.WriteString("</SchemeInformation><TrustServiceProviderList>\n")
	for _, s := range l.Services {
		fmt.Fprintf(&b, `<TrustServiceProvider><TSPInformation><TSPName><Name xml:lang="en">%[1]s (en)</Name><Name xml:lang="es">%[1]s</Name></TSPName></TSPInformation><TSPServices><TSPService><ServiceInformation>`,
			html.EscapeString(s.Provider))
		put("ServiceTypeIdentifier", or(s.Type, Qualified))
		fmt.Fprintf(&b, `<ServiceName><Name xml:lang="es">%s</Name></ServiceName><ServiceDigitalIdentity>`, html.EscapeString(s.Name))
		for _, c := range s.Certificates {
			b.WriteString("<DigitalId>")
			put("X509Certificate", base64.StdEncoding.EncodeToString(c.Raw))
			b.WriteString("</DigitalId><DigitalId>")
			put("X509SKI", base64.StdEncoding.EncodeToString(c.SubjectKeyId))
			b.WriteString("</DigitalId>")
		}
		b.WriteString("</ServiceDigitalIdentity>")
		put("ServiceStatus", or(s.Status, Granted))
		put("StatusStartingTime", at(s.Since))
		b.WriteString(`<ServiceInformationExtensions><Extension Critical="true"><AdditionalServiceInformation>`)
		put("URI", or(s.Means, Signatures))
		b.WriteString("</AdditionalServiceInformation></Extension></ServiceInformationExtensions></ServiceInformation>")
		if s.Former != "" {
			b.WriteString("<ServiceHistory><ServiceHistoryInstance>")
			put("ServiceTypeIdentifier", or(s.Type, Qualified))
			put("ServiceStatus", s.Former)
			put("StatusStartingTime", at(s.Since.AddDate(-1, 0, 0)))
			b.WriteString("</ServiceHistoryInstance></ServiceHistory>")
		}
		b.WriteString("</TSPService></TSPServices></TrustServiceProvider>\n")
	}
	b.WriteString("</TrustServiceProviderList></TrustServiceStatusList>")
	return b.String()
}
