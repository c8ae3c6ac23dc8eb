package clave

import (
	"context"
	"errors"
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
	choose := func() (keys.SigningKey, error) { return f.Signers.Active(keys.RS256) }
	if old != "" {
		choose = func() (keys.SigningKey, error) { return f.Signers.Kept(old) }
	} else if err := f.ensure(ctx); err != nil {
		return nil, err
	}
	key, err := choose()
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return &xmlsig.Signer{Key: key.Signer, Method: xmlsig.RSASHA512, Digest: xmlsig.SHA512, Certificate: key.Certificate}, nil
}

// ensure makes the first key.
func (f *Front) ensure(ctx context.Context) error {
	if _, err := f.Signers.Active(keys.RS256); !errors.Is(err, keys.ErrNoKey) {
		return err
	}
	if err := f.Signers.Ensure(ctx, keys.RS256); err != nil {
		return fmt.Errorf("making the first key: %w", err)
	}
	return nil
}
