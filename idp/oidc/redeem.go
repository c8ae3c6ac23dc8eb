package oidc

import (
	"context"
	"errors"
	"time"

	"clave/audit"
	"clave/internal/onetime"

	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// tokenType is how an access token is to be presented (RFC 6750).
const tokenType = "Bearer"

// redeem gives tokens for a code: one transaction, one signature. Nothing is spent
// unless client, redirect URI and verifier all fit, so that somebody who merely
// got hold of a code cannot burn it.
func (f *Front) redeem(ctx context.Context, c *client, asked *spec.AccessTokenRequest) (*spec.AccessTokenResponse, *Refusal) {
	challenge := ""
	if asked.CodeVerifier != "" {
		var ok bool
		if challenge, ok = challengeOf(asked.CodeVerifier); !ok {
			return nil, refuse(invalidGrant, "code_verifier has to have 43 to 128 characters of A-Z a-z 0-9 - . _ ~")
		}
	}
	now := f.Now()
	attempt := Redemption{CodeHash: onetime.Hash(asked.Code), Client: c.ClientID, RedirectURI: asked.RedirectURI, Challenge: challenge, At: now}
	var tokens *spec.AccessTokenResponse
	err := f.decided(ctx, func(ctx context.Context) (*revocation, error) {
		err := f.Codes.Redeem(ctx, attempt, func(g Grant) (stored []Token, err error) {
			tokens, stored, err = f.firstTokens(c, g, now)
			return stored, err
		})
		var replayed *Replayed
		if !errors.As(err, &replayed) {
			return nil, err
		}
		return &revocation{
			replayed.Grant, replayed.RelyingParty, replayed.Person, audit.Client(c.ClientID),
			audit.CodeReplayed{Client: c.ClientID, Grant: replayed.Grant},
		}, err
	})
	if err != nil {
		return nil, f.codeRefusal(ctx, c, err)
	}
	return tokens, nil
}

// firstTokens makes what a code is redeemed for.
func (f *Front) firstTokens(c *client, g Grant, now time.Time) (*spec.AccessTokenResponse, []Token, error) {
	access, stored, err := f.newAccessToken(c, g, g.Frozen.Scope, now)
	if err != nil {
		return nil, nil, err
	}
	tokens := []Token{stored}
	response := tokenResponse(access, stored, now)
	if g.Refresh != NoRefresh {
		value, refresh := newRefreshToken(g, now)
		response.RefreshToken = value
		tokens = append(tokens, refresh)
	}
	if response.IDToken, err = f.idToken(c, g, g.Frozen.Scope, access, g.Frozen.Nonce, now); err != nil {
		return nil, nil, err
	}
	return response, tokens, nil
}

func tokenResponse(access string, stored Token, now time.Time) *spec.AccessTokenResponse {
	return &spec.AccessTokenResponse{
		AccessToken: access, TokenType: tokenType, Scope: words(stored.Scope),
		ExpiresIn: uint64(stored.ExpiresAt.Sub(now) / time.Second),
	}
}

// codeRefusal says why a code was not redeemed.
func (f *Front) codeRefusal(ctx context.Context, c *client, err error) *Refusal {
	switch {
	case errors.Is(err, ErrReplayed):
		f.Log.WarnContext(ctx, "code replayed, grant revoked", "relying_party", c.party.ID)
		return refuse(invalidGrant, "the code was redeemed before; what it gave is revoked now")
	case errors.Is(err, ErrUnknownCode):
		return refuse(invalidGrant, "the code is unknown, was replaced, or was given to another client")
	case errors.Is(err, ErrExpiredCode):
		return refuse(invalidGrant, "the code has expired; redeem it as soon as it arrives")
	case errors.Is(err, ErrOtherRedirect):
		return refuse(invalidGrant, "redirect_uri is not the one of the authorization request")
	case errors.Is(err, ErrWrongVerifier):
		return refuse(invalidGrant, "code_verifier does not fit the code_challenge of the authorization request")
	}
	return f.internal(ctx, "code not redeemed", err)
}
