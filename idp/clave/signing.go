package clave

import (
	"context"
	"fmt"

	"clave/internal/xmlsig"
	"clave/keys"
)

// signer signs with the active key, or with an old one that a registration names, as
// Cl@ve 2 does: RSA with SHA-512, and SHA-512 for digests.
//
// The first key is made when it is first needed: an RSA key takes up to seconds, and not
// every installation speaks the dialect.
func (f *Front) signer(ctx context.Context, old string) (*xmlsig.Signer, error) {
	key, err := f.key(ctx, old)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return &xmlsig.Signer{Key: key.Signer, Method: xmlsig.RSASHA512, Digest: xmlsig.SHA512, Certificate: key.Certificate}, nil
}

func (f *Front) key(ctx context.Context, old string) (keys.SigningKey, error) {
	if old != "" {
		return f.Signers.Kept(old)
	}
	if err := f.Signers.Ensure(ctx, keys.RS256); err != nil {
		return keys.SigningKey{}, fmt.Errorf("making the first key: %w", err)
	}
	return f.Signers.Active(keys.RS256)
}
