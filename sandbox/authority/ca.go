package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"clave/internal/oid"
)

// Organisation is whom the sandbox's root belongs to. It is none of the real
// authorities, so that nobody takes one of these certificates for theirs.
const Organisation = "Cl@ve sandbox"

// lifetime is how long root and certificates last. Our choice: longer than anybody
// keeps a sandbox.
const lifetime = 20 * 365 * 24 * time.Hour

// CA is a root, an authority below it that issues, and a responder.
type CA struct {
	// Root is the trust anchor, Issuer signs certificates.
	Root, Issuer *x509.Certificate

	root, issuer, responder crypto.Signer
	responderCert           *x509.Certificate
	where                   Addresses
}

// Addresses stand in certificates: where to ask whether they were revoked. An
// empty one is left out.
type Addresses struct{ OCSP, CRL, RootCRL string }

// New makes an authority that begins a day before now.
func New(now time.Time, where Addresses) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the root's key: %w", err)
	}
	return newWith(key, now, where)
}

// NewRSA is New with RSA keys throughout, as most real authorities have.
func NewRSA(now time.Time, where Addresses) (*CA, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("making the root's key: %w", err)
	}
	return newWith(key, now, where)
}

func newWith(key crypto.Signer, now time.Time, where Addresses) (*CA, error) {
	begin := now.Add(-24 * time.Hour).Truncate(time.Second).UTC()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: begin, NotAfter: begin.Add(lifetime),
		RawSubject: name(country, organisation(Organisation), attribute{oid.CommonName, "Root of the Cl@ve sandbox, trust it nowhere else"}),
		IsCA:       true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		SubjectKeyId: keyID(key),
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("signing the root: %w", err)
	}
	return open(der, key, where)
}

// The names of the files in the sandbox's data folder.
const (
	RootFile = "ca.pem"
	keyFile  = "ca.key"
)

// Open reads the authority of a folder, and makes it when there is none.
func Open(folder string, now time.Time, where Addresses) (*CA, error) {
	certificate, err := os.ReadFile(filepath.Join(folder, RootFile))
	if errors.Is(err, fs.ErrNotExist) {
		return create(folder, now, where)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the sandbox's root: %w", err)
	}
	secret, err := os.ReadFile(filepath.Join(folder, keyFile))
	if err != nil {
		return nil, fmt.Errorf("reading the key of the sandbox's root: %w; delete %s to make another", err, RootFile)
	}
	block, _ := pem.Decode(certificate)
	private, _ := pem.Decode(secret)
	if block == nil || private == nil {
		return nil, fmt.Errorf("the sandbox's root is not PEM; delete %s to make another", RootFile)
	}
	key, err := x509.ParsePKCS8PrivateKey(private.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the key of the sandbox's root: %w", err)
	}
	curve, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the key of the sandbox's root is none of ours; delete %s to make another", RootFile)
	}
	return open(block.Bytes, curve, where)
}

func create(folder string, now time.Time, where Addresses) (*CA, error) {
	ca, err := New(now, where)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(ca.root)
	if err != nil {
		return nil, fmt.Errorf("encoding the root's key: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, keyFile), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600); err != nil {
		return nil, fmt.Errorf("keeping the root's key: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, RootFile), ca.RootPEM(), 0o644); err != nil {
		return nil, fmt.Errorf("keeping the root: %w", err)
	}
	return ca, nil
}

// open derives what is below the root.
func open(der []byte, key crypto.Signer, where Addresses) (*CA, error) {
	root, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the root: %w", err)
	}
	c := &CA{Root: root, root: key, where: where}
	if c.issuer, err = c.own("issuer"); err != nil {
		return nil, err
	}
	if c.responder, err = c.own("responder"); err != nil {
		return nil, err
	}
	c.Issuer, err = c.sign(&x509.Certificate{
		SerialNumber: serial("issuer"), NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		RawSubject: name(country, organisation(Organisation), attribute{oid.CommonName, "Citizens of the Cl@ve sandbox"}),
		IsCA:       true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: keyID(c.issuer),
		OCSPServer: listOf(where.OCSP), CRLDistributionPoints: listOf(where.RootCRL),
	}, root, c.root, c.issuer)
	if err != nil {
		return nil, err
	}
	if c.responderCert, err = c.Responder(c.responder); err != nil {
		return nil, err
	}
	return c, nil
}

// own derives a key of the authority itself, of the same sort as the root's.
func (c *CA) own(of string) (crypto.Signer, error) {
	if _, is := c.root.(*rsa.PrivateKey); is {
		return c.rsaKey(of, 2048)
	}
	return c.curveKey(of, elliptic.P256())
}

// Responder issues a certificate for a responder that may answer for Issuer.
// Source: RFC 6960, section 4.2.2.2.
func (c *CA) Responder(key crypto.Signer) (*x509.Certificate, error) {
	template := c.responderTemplate("responder")
	template.ExtraExtensions = []pkix.Extension{{Id: oid.NoCheck, Value: asn1.NullBytes}}
	return c.sign(template, c.Issuer, c.issuer, key)
}

// UnmarkedResponder issues one for a responder that may have been revoked itself, by
// the authority's list.
func (c *CA) UnmarkedResponder(key crypto.Signer) (*x509.Certificate, error) {
	template := c.responderTemplate("unmarked responder")
	template.CRLDistributionPoints = listOf(c.where.CRL)
	return c.sign(template, c.Issuer, c.issuer, key)
}

func (c *CA) responderTemplate(of string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: serial(of), NotBefore: c.Root.NotBefore, NotAfter: c.Root.NotAfter,
		RawSubject:  name(country, organisation(Organisation), attribute{oid.CommonName, "Responder of the Cl@ve sandbox"}),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning},
	}
}

// RootPEM is the root for a trust store.
func (c *CA) RootPEM() []byte { return encode(c.Root) }

// IssuerPEM is the authority that issues, for a trust store.
func (c *CA) IssuerPEM() []byte { return encode(c.Issuer) }

func encode(certificate *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
}

func (c *CA) sign(template, parent *x509.Certificate, signer, subject crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, subject.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("issuing a certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading a certificate of ours: %w", err)
	}
	return certificate, nil
}

// serial derives a serial number: positive and of 16 bytes at most.
func serial(of string) *big.Int {
	sum := sha256.Sum256([]byte(of))
	sum[0] = sum[0]&0x3f | 0x40
	return new(big.Int).SetBytes(sum[:16])
}

func listOf(address string) []string {
	if address == "" {
		return nil
	}
	return []string{address}
}
