package oidc

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"clave/audit"
	"clave/identity"
	"clave/internal/onetime"

	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// rotationWindow is how long a rotated refresh token still works when its
// successor was not used: the answer may have been lost. Our choice.
const rotationWindow = 60 * time.Second

func newRefreshToken(g Grant, now time.Time) (string, Token) {
	value := onetime.NewToken()
	return value, Token{
		Hash: onetime.Hash(value), Grant: g.ID, Kind: RefreshToken, Scope: g.Frozen.Scope,
		CreatedAt: now, ExpiresAt: g.EndsAt,
	}
}

// refresh gives new tokens for a refresh token. The person's state is looked at
// again; what was frozen at login is not.
func (f *Front) refresh(ctx context.Context, c *client, asked *spec.RefreshTokenRequest) (*spec.AccessTokenResponse, *Refusal) {
	now := f.Now()
	var response *spec.AccessTokenResponse
	err := f.decided(ctx, func(ctx context.Context) (*revocation, error) {
		var revoked *revocation
		err := f.Tokens.Renew(ctx, onetime.Hash(asked.RefreshToken), now, func(p Presented) (Renewal, error) {
			revoked = nil
			why, refused := f.mayRefresh(c, p, asked.Scopes, now)
			switch {
			case why != nil:
				revoked = p.Grant.revoked(audit.Client(c.ClientID), why)
				return Renewal{Revoke: true}, refused
			case refused != nil:
				return Renewal{}, refused
			}
			renewal, tokens, err := f.renewal(c, p, asked, now)
			response = tokens
			return renewal, err
		})
		return revoked, err
	})
	var refused *Refusal
	switch {
	case errors.As(err, &refused):
		return nil, refused
	case errors.Is(err, ErrNoToken):
		return nil, refuse(invalidGrant, "the refresh token is unknown, has expired or was revoked")
	case err != nil:
		return nil, f.internal(ctx, "token not refreshed", err)
	}
	return response, nil
}

// renewal makes what a refresh token is good for.
func (f *Front) renewal(c *client, p Presented, asked *spec.RefreshTokenRequest, now time.Time) (Renewal, *spec.AccessTokenResponse, error) {
	scope := p.Grant.Frozen.Scope
	if len(asked.Scopes) > 0 {
		scope = strings.Join(asked.Scopes, " ")
	}
	access, stored, err := f.newAccessToken(c, p.Grant, scope, now)
	if err != nil {
		return Renewal{}, nil, err
	}
	response, renewal := tokenResponse(access, stored, now), Renewal{Tokens: []Token{stored}}
	if c.public() {
		rotate(&renewal, response, p, asked.RefreshToken, now)
	}
	response.IDToken, err = f.idToken(c, p.Grant, scope, access, "", now)
	return renewal, response, err
}

// mayRefresh decides whether a refresh token still works. What ends for good, or
// looks like theft, revokes the grant: then the trail's words for it come too.
func (f *Front) mayRefresh(c *client, p Presented, scopes []string, now time.Time) (audit.Data, *Refusal) {
	revoked := func(reason string) audit.Data {
		return audit.GrantRevoked{Client: c.ClientID, Grant: p.Grant.ID, Reason: reason}
	}
	switch {
	case p.Grant.Client != c.ClientID:
		return nil, refuse(invalidGrant, "the refresh token is unknown, has expired or was revoked")
	case reused(p, now):
		return audit.RefreshReused{Client: c.ClientID, Grant: p.Grant.ID}, refuse(invalidGrant, "the refresh token was used before; what the grant gave is revoked now")
	case !mayStill(p.Grant.Frozen.Outcome.Method, p.State):
		return revoked(revokedNoLonger), refuse(invalidGrant, "the citizen can no longer be identified this way; ask for a new login")
	case p.Grant.Refresh == RefreshSession && !now.Before(p.SessionEnds):
		return revoked(revokedSession), refuse(invalidGrant, "the citizen's session has ended; ask for a new login")
	}
	for _, scope := range scopes {
		if !slices.Contains(words(p.Grant.Frozen.Scope), scope) {
			return nil, refuse(invalidScope, "scope may only narrow what was granted")
		}
	}
	return nil, nil
}

// reused tells whether a refresh token is used that its holder must have
// replaced: two hold it, and one of them stole it.
// Source: RFC 9700, section 4.14.2.
func reused(p Presented, now time.Time) bool {
	return !p.Token.RotatedAt.IsZero() && (p.NextUsed || now.Sub(p.Token.RotatedAt) > rotationWindow)
}

// rotate replaces the refresh token of a public client, which cannot prove that
// it is the one who got it.
// Source: RFC 9700, section 2.2.2.
func rotate(renewal *Renewal, response *spec.AccessTokenResponse, p Presented, presented string, now time.Time) {
	used := p.Token
	if used.RotatedAt.IsZero() {
		used.RotatedAt, used.Seed = now, []byte(onetime.NewToken())
		next := successor(presented, used.Seed)
		used.Next = onetime.Hash(next)
		renewal.Rotate = &used
		renewal.Tokens = append(renewal.Tokens, Token{
			Hash: used.Next, Grant: p.Grant.ID, Kind: RefreshToken, Scope: used.Scope, CreatedAt: now, ExpiresAt: used.ExpiresAt,
		})
	}
	response.RefreshToken = successor(presented, used.Seed)
}

// successor is the next refresh token: whoever asks again, because the answer
// was lost or two tabs asked at once, gets the same one, so that no second line
// of tokens grows beside the first. It needs the token, which only its holder
// has, and the seed, which only we have.
func successor(presented string, seed []byte) string {
	mac := hmac.New(sha256.New, seed)
	mac.Write([]byte(presented))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// mayStill tells whether somebody who logged in by a method may still be spoken
// about: a method that rests on the registration works for the registered only,
// nothing works for the deceased and the revoked.
// Source: BOE-A-2015-14215, annex, sections 1 and 2.
func mayStill(m identity.Method, s identity.State) bool {
	switch s {
	case identity.Registered:
		return true
	case identity.Unregistered, identity.Withdrawn, identity.PhoneRevoked:
		return !m.NeedsRegistration()
	case identity.Revoked, identity.Deceased:
	}
	return false
}
