package keys

import (
	"bytes"
	"crypto"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"
)

// idSize is the length of a key's ID in bytes; sealed values and sums begin with it.
const idSize = 4

// key is a record that was opened and is ready to use. It never changes.
type key struct {
	Record
	id     [idSize]byte
	signer crypto.Signer // ES256, RS256, PS256, EdDSA
	// certificate is that of signer, where the use has one.
	certificate *x509.Certificate
	aead        cipher.AEAD // A256GCM
	mac         *hasher     // HS256
}

// making is how keys are made.
type making struct {
	rsaBits, certifiedBits int    // of RSA keys without and with a certificate
	issuer                 string // in certificates
}

func (o Options) making() making {
	m := making{o.RSABits, o.CertifiedRSABits, o.Issuer}
	if m.rsaBits == 0 {
		m.rsaBits = defaultRSABits
	}
	if m.certifiedBits == 0 {
		m.certifiedBits = defaultCertifiedRSABits
	}
	if m.issuer == "" {
		m.issuer = "clave"
	}
	return m
}

// bits is the size of RSA keys of a use.
func (m making) bits(use Use) int {
	if use.certified() {
		return m.certifiedBits
	}
	return m.rsaBits
}

// newRecord makes a fresh random key.
func newRecord(m *Master, use Use, alg string, state State, created, activates time.Time, how making) (Record, error) {
	secret, public, err := generate(alg, how.bits(use))
	if err == nil && use.certified() {
		public, err = certify(secret, how.issuer, created)
	}
	if err != nil {
		return Record{}, fmt.Errorf("making a key %s of use %s: %w", alg, use, err)
	}
	id := make([]byte, idSize)
	_, _ = rand.Read(id) // never fails, see crypto/rand
	r := Record{
		ID: hex.EncodeToString(id), Use: use, Alg: alg, State: state, Public: public,
		CreatedAt: created, ActivatesAt: activates,
	}
	r.Sealed = m.seal(r, secret)
	return r, nil
}

// generate returns the secret of a new key and, of a signing key, its public half.
func generate(alg string, rsaBits int) (secret, public []byte, err error) {
	var signer crypto.Signer
	switch alg {
	case A256GCM, HS256:
		secret = make([]byte, 32)
		_, _ = rand.Read(secret) // never fails, see crypto/rand
		return secret, nil, nil
	case ES256:
		signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case EdDSA:
		_, signer, err = ed25519.GenerateKey(rand.Reader)
	case RS256, PS256:
		signer, err = rsa.GenerateKey(rand.Reader, rsaBits)
	default:
		return nil, nil, fmt.Errorf("unknown algorithm %q", alg)
	}
	if err != nil {
		return nil, nil, err
	}
	if secret, err = x509.MarshalPKCS8PrivateKey(signer); err != nil {
		return nil, nil, err
	}
	if public, err = x509.MarshalPKIXPublicKey(signer.Public()); err != nil {
		return nil, nil, err
	}
	return secret, public, nil
}

// open unseals a record and makes it ready to use.
func open(m *Master, r Record) (*key, error) {
	secret, err := m.open(r)
	if err != nil {
		return nil, fmt.Errorf("opening key %s of use %s: %w", r.ID, r.Use, err)
	}
	k := &key{Record: r}
	id, err := hex.DecodeString(r.ID)
	if err != nil || len(id) != idSize {
		return nil, fmt.Errorf("opening key %s of use %s: its id is not %d hexadecimal digits", r.ID, r.Use, 2*idSize)
	}
	copy(k.id[:], id)
	switch r.Alg {
	case A256GCM:
		k.aead, err = randomNonceGCM(secret)
	case HS256:
		k.mac = newHasher(secret)
	default:
		k.signer, k.certificate, err = parseSigner(r, secret)
	}
	if err != nil {
		return nil, fmt.Errorf("opening key %s of use %s: %w", r.ID, r.Use, err)
	}
	return k, nil
}

// parseSigner reads a private key and checks that it is of the algorithm that
// the record names, and that the public half is its own.
func parseSigner(r Record, secret []byte) (crypto.Signer, *x509.Certificate, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(secret)
	if err != nil {
		return nil, nil, err
	}
	fits := false
	switch private := parsed.(type) {
	case *ecdsa.PrivateKey:
		fits = r.Alg == ES256 && private.Curve == elliptic.P256()
	case *rsa.PrivateKey:
		fits = r.Alg == RS256 || r.Alg == PS256
	case ed25519.PrivateKey:
		fits = r.Alg == EdDSA
	}
	signer, ok := parsed.(crypto.Signer)
	if !fits || !ok {
		return nil, nil, fmt.Errorf("it is not a key for %s", r.Alg)
	}
	public, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return nil, nil, err
	}
	if !r.Use.certified() {
		if !bytes.Equal(public, r.Public) {
			return nil, nil, ErrMaster
		}
		return signer, nil, nil
	}
	certificate, err := x509.ParseCertificate(r.Public)
	if err != nil || !bytes.Equal(public, certificate.RawSubjectPublicKeyInfo) {
		return nil, nil, ErrMaster
	}
	return signer, certificate, nil
}
