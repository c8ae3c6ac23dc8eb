package saml

import (
	"context"
	"fmt"

	"clave/broker/registry"
	"clave/internal/xmlsig"
	"clave/keys"
)

// signer signs for a service: with the active key of its algorithm, or with an old one
// that its registration names. What is for all, such as metadata, has no service. All
// services read RSA with SHA-256; PS256 and ECDSA many do not.
// Source: SAML V2.0 Implementation Profile for Federation Interoperability 1.0, IIP-ALG01.
//
// The first key is made when it is first needed: an RSA key takes up to seconds, and not
// every installation speaks SAML.
func (f *Front) signer(ctx context.Context, of *registry.SAMLProvider) (*xmlsig.Signer, error) {
	if of == nil {
		of = &registry.SAMLProvider{}
	}
	if old := of.Key(f.Now()); old != "" {
		key, err := f.Signers.Kept(old)
		return signerOf(key, of.SigningAlg, err)
	}
	alg := of.SigningAlg.Key()
	if err := f.Signers.Ensure(ctx, alg); err != nil {
		return nil, fmt.Errorf("making the first key: %w", err)
	}
	key, err := f.Signers.Active(alg)
	return signerOf(key, of.SigningAlg, err)
}

// signerOf signs as the key can: one that is kept need not fit what was asked for since.
func signerOf(key keys.SigningKey, alg registry.SigningAlg, err error) (*xmlsig.Signer, error) {
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	s := &xmlsig.Signer{Key: key.Signer, Certificate: key.Certificate, Method: xmlsig.RSASHA256, Digest: xmlsig.SHA256}
	switch {
	case key.Alg == keys.ES256:
		s.Method = xmlsig.ECDSASHA256
	case alg == registry.RS384:
		s.Method, s.Digest = xmlsig.RSASHA384, xmlsig.SHA384
	case alg == registry.RS512:
		s.Method, s.Digest = xmlsig.RSASHA512, xmlsig.SHA512
	}
	return s, nil
}
