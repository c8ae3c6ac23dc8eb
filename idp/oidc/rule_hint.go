package oidc

import (
	"encoding/json"
	"errors"
	"slices"

	"clave/keys"

	"github.com/go-jose/go-jose/v4"
	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// ruleIDTokenHint names who has to be logged in: the subject of an ID token that
// we gave to this client. An expired one will do, a foreign one will not.
// Source: OpenID Connect Core 1.0, section 3.1.2.1.
func ruleIDTokenHint(a *ask) *Refusal {
	token := a.get("id_token_hint")
	if token == "" {
		return nil
	}
	hint, err := a.front.readHint(token)
	if err != nil || !slices.Contains(hint.Audience, a.client.ClientID) {
		return refuse(invalidRequest, "id_token_hint is not an ID token that was given to this client, or its key is gone")
	}
	if a.subject != "" && a.subject != hint.Subject {
		return refuse(invalidRequest, "claims and id_token_hint ask for different subjects")
	}
	a.subject = hint.Subject
	return nil
}

// hint is what an ID token of ours says about whose it is.
type hint struct {
	Issuer   string        `json:"iss"`
	Subject  string        `json:"sub"`
	Audience spec.Audience `json:"aud"`
	Session  string        `json:"sid"`
}

// signatureAlgs are the algorithms that our keys sign with; "none" and the
// symmetric ones are none of them.
func signatureAlgs() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{keys.ES256, keys.RS256, keys.PS256, keys.EdDSA}
}

var errNotOurs = errors.New("the token is not one of ours")

// readHint reads an ID token of ours, whatever its age.
func (f *Front) readHint(token string) (hint, error) {
	var h hint
	payload, err := f.verifyOwn(token, typIDToken)
	if err != nil {
		return hint{}, err
	}
	if err := json.Unmarshal(payload, &h); err != nil || h.Issuer != f.Issuer || h.Subject == "" {
		return hint{}, errNotOurs
	}
	return h, nil
}

// verifyOwn checks a token that one of our keys signed: the key is found by its
// ID, its algorithm is the key's and not the token's to choose, and the type
// says which kind of token it is.
func (f *Front) verifyOwn(token, typ string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(token, signatureAlgs())
	if err != nil {
		return nil, errNotOurs
	}
	header := signed.Signatures[0].Protected
	key, ok := f.Signers.Public(header.KeyID)
	if !ok || key.Alg != header.Algorithm || header.ExtraHeaders[jose.HeaderType] != typ {
		return nil, errNotOurs
	}
	payload, err := signed.Verify(key.Key)
	if err != nil {
		return nil, errNotOurs
	}
	return payload, nil
}
