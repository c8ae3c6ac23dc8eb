package saml

import (
	"fmt"

	"clave/internal/xmlsig"
	"clave/keys"
)

// signer signs with the active key, or with an old one that a registration names. All
// services read RSA with SHA-256; PS256 and ECDSA many do not.
// Source: SAML V2.0 Implementation Profile for Federation Interoperability 1.0, IIP-ALG01.
func (f *Front) signer(old string) (*xmlsig.Signer, error) {
	key, err := f.Signers.Active(keys.RS256)
	if old != "" {
		key, err = f.Signers.Kept(old)
	}
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	method := xmlsig.RSASHA256
	if key.Alg == keys.ES256 {
		method = xmlsig.ECDSASHA256
	}
	return &xmlsig.Signer{Key: key.Signer, Method: method, Certificate: key.Certificate}, nil
}
