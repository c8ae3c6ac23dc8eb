package oidc

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// authenticate finds out which client calls. A client proves itself in the one
// way it is registered for, and never in two ways at once: else a stolen weaker
// credential would do beside a strong one.
// Source: RFC 6749, section 2.3; OpenID Connect Core 1.0, section 9.
func (f *Front) authenticate(ctx context.Context, r *http.Request, p params) (*client, *Refusal) {
	shown, refused := shownBy(r, p)
	if refused != nil {
		return nil, refused
	}
	if shown.method == spec.AuthMethodPrivateKeyJWT && shown.clientID == "" {
		shown.clientID = assertionIssuer(shown.assertion) // not trusted before the signature is checked
	}
	if shown.clientID == "" {
		return nil, refuse(invalidClient, "client_id is missing")
	}
	c, ok := f.clients.find(shown.clientID)
	if !ok {
		return nil, refuse(invalidClient, "client_id is not registered")
	}
	if c.authMethod != shown.method {
		return nil, refuse(invalidClient, "the client is registered for "+string(c.authMethod)+" and used "+string(shown.method))
	}
	switch shown.method {
	case spec.AuthMethodNone:
		return c, nil
	case spec.AuthMethodBasic, spec.AuthMethodPost:
		sum := sha256.Sum256([]byte(shown.secret))
		if len(c.SecretHash) != len(sum) || subtle.ConstantTimeCompare(sum[:], c.SecretHash) != 1 {
			return nil, refuse(invalidClient, "the client secret is wrong")
		}
		return c, nil
	case spec.AuthMethodPrivateKeyJWT:
		if refused := f.checkAssertion(ctx, c, shown.assertion); refused != nil {
			return nil, refused
		}
		return c, nil
	}
	return nil, refuse(invalidClient, "the client is registered for a method that is not supported")
}

// shown is what a caller shows to prove who it is.
type shown struct {
	method                      spec.AuthMethod
	clientID, secret, assertion string
}

func shownBy(r *http.Request, p params) (shown, *Refusal) {
	s := shown{method: spec.AuthMethodNone, clientID: p.get("client_id")}
	ways := 0
	if headers := r.Header.Values("Authorization"); len(headers) > 0 {
		id, secret, ok := parseBasic(headers[0])
		if !ok || len(headers) > 1 {
			return s, refuse(invalidClient, "the Authorization header is not Basic with client_id and secret, both form-encoded, in Base64")
		}
		if s.clientID != "" && s.clientID != id {
			return s, refuse(invalidRequest, "client_id differs between header and body")
		}
		s = shown{method: spec.AuthMethodBasic, clientID: id, secret: secret}
		ways++
	}
	if secret := p.get("client_secret"); secret != "" {
		s.method, s.secret = spec.AuthMethodPost, secret
		ways++
	}
	if p.values.Has("client_assertion") || p.values.Has("client_assertion_type") {
		if p.get("client_assertion_type") != spec.ClientAssertionTypeJWTAssertion || p.get("client_assertion") == "" {
			return s, refuse(invalidClient, "client_assertion has to come with client_assertion_type "+spec.ClientAssertionTypeJWTAssertion)
		}
		s.method, s.assertion = spec.AuthMethodPrivateKeyJWT, p.get("client_assertion")
		ways++
	}
	if ways > 1 {
		return s, refuse(invalidRequest, "the client proved itself in more than one way")
	}
	return s, nil
}
