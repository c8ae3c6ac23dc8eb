package keys

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// certificateYears is how long a certificate lasts. The key goes by command long
// before; services refuse signatures on the day when a certificate is over, so it
// lasts beyond what anybody forgets. Our choice.
const certificateYears = 10

// maxCommonName is in bytes. Source: RFC 5280, appendix A.1, ub-common-name.
const maxCommonName = 64

// certified reports whether keys of a use have a certificate. It is made with the
// key and rests in Record.Public, so the seal binds both together.
func (u Use) certified() bool { return u == UseSAML || u == UseClave }

// certify makes a self-signed certificate for a private key in PKCS #8: services
// compare it with the one that they were given, and nobody checks a chain.
// Source: SAML V2.0 Metadata Interoperability Profile 1.0, section 2.6.1.
func certify(secret []byte, issuer string, at time.Time) ([]byte, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(secret)
	if err != nil {
		return nil, err
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, errors.New("the key does not sign")
	}
	serial := make([]byte, 16)
	_, _ = rand.Read(serial) // never fails, see crypto/rand
	serial[0] = serial[0]&0x7f | 0x40
	at = at.UTC().Truncate(time.Second)
	template := x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject:      pkix.Name{CommonName: issuer[:min(len(issuer), maxCommonName)]},
		NotBefore:    at.Add(-time.Hour), // clocks of services may be late
		NotAfter:     at.AddDate(certificateYears, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, &template, &template, signer.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("certifying it: %w", err)
	}
	return certificate, nil
}
