package xmlsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha256" // the digests that are taken
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// Algorithms of signatures. Source: RFC 9231, sections 2.3.2, 2.3.6 and 2.3.10.
const (
	RSASHA256   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	RSASHA384   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
	RSASHA512   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
	PSSSHA256   = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"
	PSSSHA384   = "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1"
	PSSSHA512   = "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1"
	ECDSASHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	ECDSASHA384 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
	ECDSASHA512 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
)

// Digests. Source: XML Encryption 1.1 (W3C, 2013), section 5.8; RFC 9231, section 2.1.3.
const (
	SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
	SHA384 = "http://www.w3.org/2001/04/xmldsig-more#sha384"
	SHA512 = "http://www.w3.org/2001/04/xmlenc#sha512"
)

// minRSABits is the shortest RSA key that is taken.
// Source: SOG-IS, "Agreed Cryptographic Mechanisms", legacy until 2025 below 3000; lists
// and services still have keys of 2048 bits.
const minRSABits = 2048

// maxRSABits is the longest. Who checks with a key of hundreds of thousands needs ten
// seconds for a message that anybody may send. Our choice, as of crypto/tls.
const maxRSABits = 8192

// digestOf names a digest; ok is false for those that are not taken, such as SHA-1.
func digestOf(algorithm string) (h crypto.Hash, ok bool) {
	switch algorithm {
	case SHA256:
		return crypto.SHA256, true
	case SHA384:
		return crypto.SHA384, true
	case SHA512:
		return crypto.SHA512, true
	}
	return 0, false
}

// scheme is how a kind of key signs.
type scheme int

const (
	schemePKCS1 scheme = iota + 1
	schemePSS
	schemeECDSA
)

// methodOf names an algorithm; ok is false for those that are not taken, such as
// those with SHA-1 and HMAC, whose key would be everybody's.
func methodOf(algorithm string) (s scheme, h crypto.Hash, ok bool) {
	switch algorithm {
	case RSASHA256:
		return schemePKCS1, crypto.SHA256, true
	case RSASHA384:
		return schemePKCS1, crypto.SHA384, true
	case RSASHA512:
		return schemePKCS1, crypto.SHA512, true
	case PSSSHA256:
		return schemePSS, crypto.SHA256, true
	case PSSSHA384:
		return schemePSS, crypto.SHA384, true
	case PSSSHA512:
		return schemePSS, crypto.SHA512, true
	case ECDSASHA256:
		return schemeECDSA, crypto.SHA256, true
	case ECDSASHA384:
		return schemeECDSA, crypto.SHA384, true
	case ECDSASHA512:
		return schemeECDSA, crypto.SHA512, true
	}
	return 0, 0, false
}

// Usable tells why a key is none that signatures are checked with: for settings and
// registrations, so that operators hear of it before a citizen does.
func Usable(key crypto.PublicKey) error {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < minRSABits || k.E < 3 || k.E%2 == 0 {
			return fmt.Errorf("is an RSA key of less than %d bits, or with a weak exponent", minRSABits)
		}
		if k.N.BitLen() > maxRSABits {
			return fmt.Errorf("is an RSA key of more than %d bits", maxRSABits)
		}
		return nil
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() && k.Curve != elliptic.P384() && k.Curve != elliptic.P521() {
			return fmt.Errorf("is a key on another curve than P-256, P-384 and P-521")
		}
		return nil
	}
	return fmt.Errorf("is neither an RSA nor an ECDSA key")
}

// holds tells whether the signature over the digest is the key's.
func holds(key crypto.PublicKey, s scheme, h crypto.Hash, digest, signature []byte) bool {
	if Usable(key) != nil {
		return false
	}
	switch k := key.(type) {
	case *rsa.PublicKey:
		switch s {
		case schemePKCS1:
			return rsa.VerifyPKCS1v15(k, h, digest, signature) == nil
		case schemePSS:
			return rsa.VerifyPSS(k, h, digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		}
	case *ecdsa.PublicKey:
		size := (k.Curve.Params().BitSize + 7) / 8
		if s != schemeECDSA || len(signature) != 2*size {
			return false
		}
		// Two numbers of fixed length, and not the structure that everybody else uses.
		// Source: XML Signature 1.1, section 6.4.3.
		der, err := asn1.Marshal(pair{new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])})
		return err == nil && ecdsa.VerifyASN1(k, digest, der)
	}
	return false
}

// pair is an ECDSA signature in ASN.1.
type pair struct{ R, S *big.Int }

// keysOf are the certificates' keys.
func keysOf(certificates []*x509.Certificate) []crypto.PublicKey {
	keys := make([]crypto.PublicKey, len(certificates))
	for i, c := range certificates {
		keys[i] = c.PublicKey
	}
	return keys
}
