package xmlsig

import (
	"crypto"
	"fmt"
	"slices"
)

// SignOctets signs bytes as they are, without XML around them, with the signer's key
// and method. Source: SAML 2.0 Bindings, section 3.4.4.1.
func (s Signer) SignOctets(octets []byte) ([]byte, error) {
	scheme, hash, ok := methodOf(s.Method)
	if !ok {
		return nil, fmt.Errorf("signing: unknown method %q", s.Method)
	}
	h := hash.New()
	h.Write(octets)
	raw, err := s.raw(scheme, hash, h.Sum(nil))
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return raw, nil
}

// VerifyOctets checks a signature over bytes as they are, which one of the keys has to
// have made by that method. Errors: ErrForm, ErrUntrusted.
func VerifyOctets(octets, signature []byte, method string, keys []crypto.PublicKey) error {
	scheme, hash, ok := methodOf(method)
	if !ok {
		return fmt.Errorf("%w: an algorithm that is not taken", ErrForm)
	}
	h := hash.New()
	h.Write(octets)
	digest := h.Sum(nil)
	if !slices.ContainsFunc(keys, func(k crypto.PublicKey) bool { return holds(k, scheme, hash, digest, signature) }) {
		return fmt.Errorf("%w: no trusted key made it", ErrUntrusted)
	}
	return nil
}
