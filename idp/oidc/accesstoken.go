package oidc

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"clave/internal/onetime"

	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// accessClaims is an access token for clients that are registered for at+jwt.
// Its audience is us, for userinfo, and the client, whose own services may check
// it; resource indicators are not supported.
// Source: RFC 9068, sections 2.2 and 3.
type accessClaims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience []string `json:"aud"`
	ClientID string   `json:"client_id"`
	Expires  int64    `json:"exp"`
	IssuedAt int64    `json:"iat"`
	JWTID    string   `json:"jti"`
	Scope    string   `json:"scope"`
	assurance
}

// newAccessToken makes an access token: random, or signed for clients that are
// registered so. Both are stored, so that both can be revoked.
func (f *Front) newAccessToken(c *client, g Grant, scope string, now time.Time) (string, Token, error) {
	value := onetime.NewToken()
	t := Token{
		Hash: onetime.Hash(value), Grant: g.ID, Kind: AccessToken, Scope: scope,
		CreatedAt: now, ExpiresAt: soonest(now.Add(f.Lifetimes.AccessToken), g.EndsAt),
	}
	if !c.jwtAccess {
		return value, t, nil
	}
	t.Hash = hashJWTID(value)
	signed, err := f.signing.sign(c.alg, typAccessToken, accessClaims{
		Issuer: f.Issuer, Subject: g.Frozen.Outcome.Subject, Audience: []string{f.Issuer, c.ClientID}, ClientID: c.ClientID,
		Expires: t.ExpiresAt.Unix(), IssuedAt: now.Unix(), JWTID: value, Scope: scope, assurance: assuranceOf(g),
	})
	return signed, t, err
}

// hashJWTID is how a signed access token is stored. The prefix keeps its jti,
// which other services see and log, from passing as an opaque token.
func hashJWTID(jti string) []byte { return onetime.Hash("at+jwt " + jti) }

// presentedHash is under which hash a token that somebody presents is stored:
// an opaque one, or a signed one if it is ours. An ID token is neither.
func (f *Front) presentedHash(token string) ([]byte, bool) {
	if len(token) > maxTokenBytes {
		return nil, false
	}
	if strings.Count(token, ".") == 0 {
		return onetime.Hash(token), true
	}
	payload, err := f.verifyOwn(token, typAccessToken)
	if err != nil {
		return nil, false
	}
	var claims struct {
		Issuer   string        `json:"iss"`
		Audience spec.Audience `json:"aud"`
		JWTID    string        `json:"jti"`
	}
	if json.Unmarshal(payload, &claims) != nil || claims.Issuer != f.Issuer || !slices.Contains(claims.Audience, f.Issuer) || claims.JWTID == "" {
		return nil, false
	}
	return hashJWTID(claims.JWTID), true
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func soonest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// hasScope tells whether a scope is among those granted.
func hasScope(granted, scope string) bool { return slices.Contains(words(granted), scope) }
