package certificate_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"clave/providers/certificate"
	"clave/providers/certificate/certificatetest"
	"clave/providers/certificate/trust"
	"clave/providers/providertest"
	"clave/sandbox/authority"
)

func rsaKey(t *testing.T, bits int) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func curveKey(t *testing.T, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestWhichKeysCount(t *testing.T) {
	t.Parallel()
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		key  crypto.Signer
		want certificate.Cause
	}{
		{"RSA of 2048 bits", rsaKey(t, 2048), ""},
		{"RSA of 3072 bits", rsaKey(t, 3072), ""},
		{"RSA one bit too short", rsaKey(t, 2047), certificate.Weak},
		{"P-256", curveKey(t, elliptic.P256()), ""},
		{"P-384", curveKey(t, elliptic.P384()), ""},
		{"P-521", curveKey(t, elliptic.P521()), ""},
		{"P-224", curveKey(t, elliptic.P224()), certificate.Weak},
		{"Ed25519, which no issuer uses", edwards, certificate.Weak},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, _ := certificatetest.New(t)
			issued, err := w.CA.IssueFor(authority.DNIe, certificatetest.Juan, test.key)
			if err != nil {
				t.Fatal(err)
			}
			l := w.Broker().Open(providertest.Party())
			if err := w.Accept(t.Context(), l, w.Show(t, l, issued.Chain)); causeOf(err) != test.want {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if test.want != "" && w.CA.Asked("/ocsp")+w.CA.Asked("/list") > 0 {
				t.Error("an address in it was called")
			}
		})
	}
}

// A certificate that Go cannot read, for its curve say, has neither key nor names.
func TestAnUnreadableCertificateIsWeak(t *testing.T) {
	t.Parallel()
	w, _ := certificatetest.New(t)
	l := w.Broker().Open(providertest.Party())
	ticket := w.Show(t, l, []*x509.Certificate{{Raw: []byte{0x30, 0}}})
	if err := w.Accept(t.Context(), l, ticket); causeOf(err) != certificate.Weak {
		t.Errorf("got %v", err)
	}
}

// ladder is a root, an authority below it and a citizen, with what is weak in it.
type ladder struct {
	root, between crypto.Signer
	signature     x509.SignatureAlgorithm // of the root under the authority between
}

func (l ladder) build(t *testing.T) (root, between, citizen *x509.Certificate) {
	t.Helper()
	number := int64(0)
	issue := func(of, parent *x509.Certificate, key, signer crypto.Signer) *x509.Certificate {
		t.Helper()
		number++
		of.SerialNumber, of.BasicConstraintsValid = big.NewInt(number), true
		of.NotBefore, of.NotAfter = time.Unix(0, 0), time.Unix(1<<33, 0)
		if parent == nil {
			parent = of
		}
		der, err := x509.CreateCertificate(rand.Reader, of, parent, key.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	authorised := func(name string) *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, KeyUsage: x509.KeyUsageCertSign}
	}
	root = issue(authorised("root"), nil, l.root, l.root)
	below := authorised("between")
	below.SignatureAlgorithm = l.signature
	between = issue(below, root, l.between, l.root)
	key := curveKey(t, elliptic.P256())
	citizen = issue(&x509.Certificate{Subject: pkix.Name{CommonName: "citizen"}, KeyUsage: x509.KeyUsageDigitalSignature}, between, key, l.between)
	return root, between, citizen
}

// Who could forge an authority's signature could issue certificates for everybody.
func TestNoChainIsStrongerThanItsWeakestAuthority(t *testing.T) {
	t.Parallel()
	good := curveKey(t, elliptic.P256())
	tests := []struct {
		name string
		ladder
		want certificate.Cause
	}{
		{"all well, and a policy that nobody listed", ladder{good, curveKey(t, elliptic.P384()), 0}, "unlisted"},
		{"a short key between", ladder{good, rsaKey(t, 1024), 0}, certificate.Weak},
		{"a short key of the root", ladder{rsaKey(t, 1024), good, 0}, certificate.Weak},
		{"SHA-1 under the authority between", ladder{good, curveKey(t, elliptic.P256()), x509.ECDSAWithSHA1}, certificate.Weak},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root, between, citizen := test.build(t)
			w, _ := certificatetest.New(t, func(c *certificate.Config) { c.Trust = trust.New(root) })
			l := w.Broker().Open(providertest.Party())
			if err := w.Accept(t.Context(), l, w.Show(t, l, []*x509.Certificate{citizen, between})); causeOf(err) != test.want {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// Real authorities have RSA keys throughout: chain, answers and lists.
func TestAnAuthorityWithRSAKeys(t *testing.T) {
	t.Parallel()
	w := certificatetest.WithRSA(t)
	for kind, want := range map[authority.Kind]certificate.Cause{authority.CitizenRSA: "", authority.DNIe: "", authority.Revoked: certificate.Revoked, authority.WeakSignature: certificate.Weak} {
		l := w.Broker().Open(providertest.Party())
		if err := w.Accept(t.Context(), l, w.Show(t, l, w.CA.Good(t, kind, certificatetest.Juan).Chain)); causeOf(err) != want {
			t.Errorf("%s: got %v, want %q", kind, err, want)
		}
	}
}
