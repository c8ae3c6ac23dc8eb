package movil

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
)

// ErrKey says that a device key or its signature proves nothing.
var ErrKey = errors.New("the device key proves nothing")

// Sizes of device keys and signatures, in bytes.
const (
	mostKey       = 128 // a P-256 key has 91
	signatureSize = 64
)

// ReadKey reads the public half of a device key, and refuses what is no point on
// P-256.
func ReadKey(spki []byte) (*ecdsa.PublicKey, error) {
	if len(spki) > mostKey {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrKey, len(spki))
	}
	parsed, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be read", ErrKey)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("%w: it is not on P-256", ErrKey)
	}
	return key, nil
}

// VerifyKey checks a signature by a device key: ECDSA with SHA-256, r ‖ s, as
// browsers make it. ErrKey when it is none.
// Source: W3C Web Cryptography API, section 23.7.1.
func VerifyKey(spki, challenge, sig []byte) error {
	key, err := ReadKey(spki)
	if err != nil {
		return err
	}
	if len(sig) != signatureSize {
		return fmt.Errorf("%w: the signature has %d bytes", ErrKey, len(sig))
	}
	digest := sha256.Sum256(challenge)
	r, s := new(big.Int).SetBytes(sig[:signatureSize/2]), new(big.Int).SetBytes(sig[signatureSize/2:])
	if !ecdsa.Verify(key, digest[:], r, s) {
		return fmt.Errorf("%w: it did not sign this", ErrKey)
	}
	return nil
}

// sumOf is the SHA-256 of parts, the length of each before it, so that no two lists of
// parts have the same one. The first part says what is signed: a signature for one
// purpose is never one for another.
func sumOf(parts ...string) []byte {
	var b []byte
	for _, part := range parts {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(part))), part...)
	}
	sum := sha256.Sum256(b)
	return sum[:]
}
