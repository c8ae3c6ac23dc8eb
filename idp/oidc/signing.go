package oidc

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/cryptosigner"
	"github.com/zitadel/oidc/v3/pkg/crypto"
)

// The typ header of our tokens: what one is, so that none passes for another.
// Sources: RFC 7519, section 5.1; RFC 9068, section 2.1.
const (
	typIDToken     = "JWT"
	typAccessToken = "at+jwt"
)

// signing signs tokens. It keeps what go-jose makes of a key for as long as the
// key is active.
type signing struct {
	keys    Signers
	mu      sync.RWMutex
	signers map[signerOf]prepared
}

type signerOf struct{ alg, typ string }

type prepared struct {
	keyID  string
	signer jose.Signer
}

func newSigning(keys Signers) *signing {
	return &signing{keys: keys, signers: map[signerOf]prepared{}}
}

// sign writes claims as a JWT.
func (s *signing) sign(alg jose.SignatureAlgorithm, typ string, claims any) (string, error) {
	signer, err := s.signer(string(alg), typ)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encoding claims: %w", err)
	}
	token, err := crypto.SignPayload(payload, signer)
	if err != nil {
		return "", fmt.Errorf("signing a token with %s: %w", alg, err)
	}
	return token, nil
}

func (s *signing) signer(alg, typ string) (jose.Signer, error) {
	key, err := s.keys.Active(alg)
	if err != nil {
		return nil, fmt.Errorf("looking for the signing key: %w", err)
	}
	place := signerOf{alg, typ}
	s.mu.RLock()
	ready := s.signers[place]
	s.mu.RUnlock()
	if ready.keyID == key.ID {
		return ready.signer, nil
	}
	options := (&jose.SignerOptions{}).WithType(jose.ContentType(typ)).WithHeader("kid", key.ID)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: cryptosigner.Opaque(key.Signer)}, options)
	if err != nil {
		return nil, fmt.Errorf("preparing key %s to sign with %s: %w", key.ID, alg, err)
	}
	s.mu.Lock()
	s.signers[place] = prepared{key.ID, signer}
	s.mu.Unlock()
	return signer, nil
}
