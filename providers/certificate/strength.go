package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"slices"

	"clave/providers/certificate/trust"
)

// minRSABits is the shortest RSA key that counts.
// Source: ETSI TS 119 312, section 8.4, takes no shorter ones; CCN-STIC 807 neither.
const minRSABits = 2048

// weak tells whether a certificate's key or its issuer's signature protects too
// little, or is of a kind that we do not know. The zero value is.
func weak(c *x509.Certificate) bool { return weakKey(c) || weakSignature(c) }

func weakKey(c *x509.Certificate) bool {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() < minRSABits
	case *ecdsa.PublicKey:
		return !slices.Contains([]elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()}, key.Curve)
	}
	return true
}

// weakSignature tells SHA-1 and older ones, with which somebody else may have made the
// issuer's signature fit (Shattered, 2017), from those that count.
func weakSignature(c *x509.Certificate) bool {
	return !slices.Contains([]x509.SignatureAlgorithm{
		x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
		x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512,
	}, c.SignatureAlgorithm)
}

// weakBetween tells whether an authority that the browser sent along is what keeps a
// certificate from being anybody's whom we trust.
func weakBetween(shown []*x509.Certificate) bool {
	return slices.ContainsFunc(shown[1:], func(c *x509.Certificate) bool { return !trust.Anchor(c) && weak(c) })
}

// weakChain tells whether anything that a verified chain rests on is weak. What the
// anchor signed itself with proves nothing, and may be as old as it likes.
func weakChain(chain []*x509.Certificate) bool {
	anchor := len(chain) - 1
	return slices.ContainsFunc(chain[:anchor], weak) || weakKey(chain[anchor])
}
