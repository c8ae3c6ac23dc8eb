package saml

import (
	"context"
	"errors"
	"fmt"

	"clave/internal/xmlsig"
	"clave/keys"
)

// signer signs with the active key, or with an old one that a registration names. All
// services read RSA with SHA-256; PS256 and ECDSA many do not.
// Source: SAML V2.0 Implementation Profile for Federation Interoperability 1.0, IIP-ALG01.
//
// The first key is made when it is first needed: an RSA key takes up to seconds, and not
// every installation speaks SAML.
func (f *Front) signer(ctx context.Context, old string) (*xmlsig.Signer, error) {
	if old != "" {
		return signerOf(f.Signers.Kept(old))
	}
	key, err := f.Signers.Active(keys.RS256)
	if errors.Is(err, keys.ErrNoKey) {
		if err = f.Signers.Ensure(ctx, keys.RS256); err == nil {
			key, err = f.Signers.Active(keys.RS256)
		}
	}
	return signerOf(key, err)
}

func signerOf(key keys.SigningKey, err error) (*xmlsig.Signer, error) {
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	method := xmlsig.RSASHA256
	if key.Alg == keys.ES256 {
		method = xmlsig.ECDSASHA256
	}
	return &xmlsig.Signer{Key: key.Signer, Method: method, Certificate: key.Certificate}, nil
}
