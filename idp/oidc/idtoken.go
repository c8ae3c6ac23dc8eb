package oidc

import (
	"crypto/sha256"
	"fmt"
	"time"

	"clave/identity"

	"github.com/zitadel/oidc/v3/pkg/crypto"
	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// assurance are the claims that say how sure we are. They name nobody.
// Sources: OpenID Connect Core 1.0, section 2; RFC 8176 for amr; the last three
// are ours.
type assurance struct {
	ACR                 string   `json:"acr,omitempty"`
	AMR                 []string `json:"amr,omitempty"`
	AuthTime            int64    `json:"auth_time"`
	RegistrationLevel   string   `json:"registration_level,omitempty"`
	RegistrationChannel string   `json:"registration_channel,omitempty"`
	Method              string   `json:"method,omitempty"`
}

// idClaims is the ID token of OpenID Connect Core 1.0, section 2.
type idClaims struct {
	Issuer          string `json:"iss"`
	Subject         string `json:"sub"`
	Audience        string `json:"aud"`
	Expires         int64  `json:"exp"`
	IssuedAt        int64  `json:"iat"`
	Nonce           string `json:"nonce,omitempty"`
	AccessTokenHash string `json:"at_hash,omitempty"`
	SessionID       string `json:"sid,omitempty"`
	assurance
	*identity.Attributes
}

// idToken writes the ID token of a grant. nonce is left out when refreshing, as
// Core 12.2 advises.
func (f *Front) idToken(c *client, g Grant, scope, accessToken, nonce string, now time.Time) (string, error) {
	out := g.Frozen.Outcome
	hash, err := spec.ClaimHash(accessToken, c.alg)
	if err != nil {
		return "", fmt.Errorf("hashing an access token for %s: %w", c.alg, err)
	}
	claims := idClaims{
		Issuer: f.Issuer, Subject: out.Subject, Audience: c.ClientID,
		IssuedAt: now.Unix(), Expires: now.Add(f.Lifetimes.IDToken).Unix(),
		Nonce: nonce, AccessTokenHash: hash, SessionID: sessionName(g),
		assurance: assuranceOf(g),
	}
	if c.ClaimsInIDToken {
		released := released(c, g, scope)
		claims.Attributes = &released
	}
	return f.signing.sign(c.alg, typIDToken, claims)
}

func assuranceOf(g Grant) assurance {
	out := g.Frozen.Outcome
	a := assurance{
		ACR: g.Frozen.ACR.URI(), AMR: out.Factors, AuthTime: out.AuthTime.Unix(), Method: string(out.Method),
	}
	if out.Registration != identity.NoRegistration {
		a.RegistrationLevel, a.RegistrationChannel = out.Registration.String(), string(out.Channel)
	}
	return a
}

// released are the personal data behind a scope: never more than was frozen at
// login, nor than the relying party may receive now.
func released(c *client, g Grant, scope string) identity.Attributes {
	return g.Frozen.Outcome.Attributes.Only(c.attributes(words(scope)))
}

// sessionName is the sid claim: each client knows a session by another name, or
// clients could join their records by it in spite of pairwise subjects.
// Source: OpenID Connect Front-Channel Logout 1.0, section 3, leaves it opaque.
func sessionName(g Grant) string { return sessionNameFor(string(g.Session), g.Client) }

func sessionNameFor(session, clientID string) string {
	return crypto.HashString(sha256.New(), session+" "+clientID, true)
}
