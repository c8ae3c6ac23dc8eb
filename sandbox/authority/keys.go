package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// keyFor derives the key of a certificate of the kind: RSA where it says so, as most
// real ones have, else one on a curve.
func (c *CA) keyFor(kind Kind, of string) (crypto.Signer, error) {
	switch kind {
	case CitizenRSA:
		return c.rsaKey(of, 2048)
	case WeakKey:
		return c.rsaKey(of, 1024)
	case CitizenP384:
		return c.curveKey(of, elliptic.P384())
	}
	return c.curveKey(of, elliptic.P256())
}

// derive derives bytes from the root's key.
func (c *CA) derive(of string, try, size int) ([]byte, error) {
	secret, err := secretOf(c.root)
	if err != nil {
		return nil, err
	}
	bytes, err := hkdf.Key(sha256.New, secret, []byte{byte(try)}, of, size)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	return bytes, nil
}

func secretOf(root crypto.Signer) ([]byte, error) {
	switch key := root.(type) {
	case *ecdsa.PrivateKey:
		return key.Bytes()
	case *rsa.PrivateKey:
		return key.D.Bytes(), nil
	}
	return nil, errors.New("the root's key is none of ours")
}

func (c *CA) curveKey(of string, curve elliptic.Curve) (*ecdsa.PrivateKey, error) {
	for try := 0; ; try++ {
		scalar, err := c.derive(of, try, curve.Params().BitSize/8)
		if err != nil {
			return nil, err
		}
		// A number beyond the curve's order, one in 2^32, is no key.
		key, err := ecdsa.ParseRawPrivateKey(curve, scalar)
		if err == nil || try == 255 {
			return key, err
		}
	}
}

// rsaKey derives two primes and makes a key of them. It is for trying out: nobody has
// looked at how well such primes are spread.
func (c *CA) rsaKey(of string, bits int) (*rsa.PrivateKey, error) {
	const exponent = 65537
	one, e := big.NewInt(1), big.NewInt(exponent)
	var primes []*big.Int
	for _, side := range []string{"p", "q"} {
		start, err := c.derive(of+"\n"+side, 0, bits/16)
		if err != nil {
			return nil, err
		}
		start[0] |= 0xc0 // so that the product has all its bits
		start[len(start)-1] |= 1
		p := new(big.Int).SetBytes(start)
		for !p.ProbablyPrime(20) || new(big.Int).Mod(new(big.Int).Sub(p, one), e).Sign() == 0 {
			p.Add(p, big.NewInt(2))
		}
		primes = append(primes, p)
	}
	slices.SortFunc(primes, func(a, b *big.Int) int { return b.Cmp(a) })
	p, q := primes[0], primes[1]
	totient := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: exponent},
		D:         new(big.Int).ModInverse(e, totient), Primes: primes,
	}
	key.Precompute()
	if err := key.Validate(); err != nil {
		return nil, fmt.Errorf("deriving an RSA key: %w", err)
	}
	return key, nil
}

// keyID names a key in certificates. Source: RFC 7093, section 2, method 1.
func keyID(key crypto.Signer) []byte {
	bits, err := publicBits(key.Public())
	if err != nil {
		panic("authority: " + err.Error()) // the key is one of ours
	}
	sum := sha256.Sum256(bits)
	return sum[:20]
}
