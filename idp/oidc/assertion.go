package oidc

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"clave/internal/onetime"
	"clave/keys"

	"github.com/go-jose/go-jose/v4"
)

// Limits of a client assertion. Our choice: libraries make them for one to ten
// minutes; clocks differ by seconds.
const (
	assertionLifetime = 10 * time.Minute
	clockSkew         = 30 * time.Second
	maxJTIBytes       = 256
	minRSABits        = 2048 // RFC 7518, section 3.3
)

// assertionClaims are the claims of a client assertion that count.
type assertionClaims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  audience `json:"aud"`
	JWTID     string   `json:"jti"`
	Expires   *float64 `json:"exp"`
	IssuedAt  *float64 `json:"iat"`
	NotBefore *float64 `json:"nbf"`
}

// audience is the aud claim, a text or a list.
type audience []string

// UnmarshalJSON reads a text as a list of one.
func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

// checkAssertion checks a client's assertion: signed by one of its keys, made for
// us and nobody else, fresh, and never seen before.
// Source: OpenID Connect Core 1.0, section 9; RFC 7523, section 3. That the
// audience names us alone follows draft-ietf-oauth-rfc7523bis: an assertion made
// for several could be carried from one to the other.
func (f *Front) checkAssertion(ctx context.Context, c *client, assertion string) *Refusal {
	signed, err := jose.ParseSignedCompact(assertion, signatureAlgs())
	if err != nil {
		return refuse(invalidClient, "client_assertion is not a JWT signed with ES256, RS256, PS256 or EdDSA")
	}
	payload, refused := f.verifyAssertion(ctx, c, signed)
	if refused != nil {
		return refused
	}
	var claims assertionClaims
	if err := json.Unmarshal(payload, &claims); err != nil {
		return refuse(invalidClient, "the claims of client_assertion cannot be read")
	}
	now := f.Now()
	expires, refused := f.checkAssertionClaims(c, claims, now)
	if refused != nil {
		return refused
	}
	err = f.Once.SpendAssertion(ctx, onetime.Hash(c.ClientID+" "+claims.JWTID), expires.Add(clockSkew))
	if errors.Is(err, ErrSeen) {
		return refuse(invalidClient, "client_assertion was used before; make a new one with a new jti for each request")
	}
	if err != nil {
		return f.internal(ctx, "client assertion not remembered", err)
	}
	return nil
}

func (f *Front) checkAssertionClaims(c *client, claims assertionClaims, now time.Time) (time.Time, *Refusal) {
	switch {
	case claims.Issuer != c.ClientID || claims.Subject != c.ClientID:
		return now, refuse(invalidClient, "iss and sub of client_assertion have to be the client_id")
	case len(claims.Audience) != 1 || claims.Audience[0] != f.Issuer && claims.Audience[0] != f.Issuer+pathToken:
		return now, refuse(invalidClient, "aud of client_assertion has to be the issuer or the token endpoint, and nothing else")
	case claims.JWTID == "" || len(claims.JWTID) > maxJTIBytes:
		return now, refuse(invalidClient, "client_assertion needs a jti of at most 256 bytes")
	case claims.Expires == nil:
		return now, refuse(invalidClient, "client_assertion needs exp")
	}
	expires := numericDate(*claims.Expires)
	switch {
	case !now.Before(expires.Add(clockSkew)):
		return now, refuse(invalidClient, "client_assertion has expired")
	case expires.After(now.Add(assertionLifetime + clockSkew)):
		return now, refuse(invalidClient, "exp of client_assertion is more than 10 minutes away")
	case claims.NotBefore != nil && numericDate(*claims.NotBefore).After(now.Add(clockSkew)):
		return now, refuse(invalidClient, "client_assertion is not valid yet")
	case claims.IssuedAt != nil && numericDate(*claims.IssuedAt).After(now.Add(clockSkew)):
		return now, refuse(invalidClient, "client_assertion was issued in the future")
	}
	return expires, nil
}

// numericDate reads seconds since 1970. What no time can hold becomes the far
// past or the far future, which both are refused.
func numericDate(seconds float64) time.Time {
	const limit = 1 << 40
	return time.Unix(int64(max(-limit, min(limit, seconds))), 0)
}

// verifyAssertion tries the client's keys: those that its kid names, or all that
// fit the algorithm. The key decides which algorithms it verifies.
func (f *Front) verifyAssertion(ctx context.Context, c *client, signed *jose.JSONWebSignature) ([]byte, *Refusal) {
	header := signed.Signatures[0].Protected
	if typ, there := header.ExtraHeaders[jose.HeaderType].(string); there && !isAssertionType(typ) {
		return nil, refuse(invalidClient, "typ of client_assertion has to be JWT or client-authentication+jwt")
	}
	set, refused := f.keysOf(ctx, c, header.KeyID)
	if refused != nil {
		return nil, refused
	}
	for _, key := range set {
		if header.KeyID != "" && key.KeyID != "" && key.KeyID != header.KeyID || !fits(key, header.Algorithm) {
			continue
		}
		if payload, err := signed.Verify(key.Key); err == nil {
			return payload, nil
		}
	}
	return nil, refuse(invalidClient, "no registered key of the client verifies client_assertion")
}

// isAssertionType lets the types pass that an assertion may have; one of our own
// tokens, sent back to us, has another.
func isAssertionType(typ string) bool {
	return strings.EqualFold(typ, "JWT") || strings.EqualFold(typ, "client-authentication+jwt")
}

// fits tells whether a public key may verify signatures of an algorithm. Shared
// secrets, private keys and encryption keys never do.
func fits(key jose.JSONWebKey, alg string) bool {
	if key.Use != "" && key.Use != "sig" || key.Algorithm != "" && key.Algorithm != alg {
		return false
	}
	switch k := key.Key.(type) {
	case *ecdsa.PublicKey:
		return alg == keys.ES256 && k.Curve == elliptic.P256()
	case *rsa.PublicKey:
		return (alg == keys.RS256 || alg == keys.PS256) && k.N.BitLen() >= minRSABits
	case ed25519.PublicKey:
		return alg == keys.EdDSA
	}
	return false
}

// assertionIssuer is the client that an unchecked assertion names, to find the
// keys that check it.
func assertionIssuer(assertion string) string {
	signed, err := jose.ParseSignedCompact(assertion, signatureAlgs())
	if err != nil {
		return ""
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &claims) != nil {
		return ""
	}
	return claims.Issuer
}
