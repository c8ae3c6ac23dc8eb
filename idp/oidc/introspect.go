package oidc

import (
	"context"
	"errors"

	"clave/audit"

	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// find looks up a token of any kind that a client sends about itself.
func (f *Front) find(ctx context.Context, token string) (Presented, error) {
	hash, ok := f.presentedHash(token)
	if !ok {
		return Presented{}, ErrNoToken
	}
	return f.Tokens.Token(ctx, hash, f.Now())
}

// introspect tells a client about a token that was given to it; any other token
// is not active, whatever the reason.
// Source: RFC 7662, section 2.2.
func (f *Front) introspect(ctx context.Context, c *client, token string) (*spec.IntrospectionResponse, *Refusal) {
	p, err := f.find(ctx, token)
	if errors.Is(err, ErrNoToken) {
		return &spec.IntrospectionResponse{}, nil
	}
	if err != nil {
		return nil, f.internal(ctx, "token not introspected", err)
	}
	g, t := p.Grant, p.Token
	ended := g.Refresh == RefreshSession && t.Kind == RefreshToken && !f.Now().Before(p.SessionEnds)
	if g.Client != c.ClientID || !t.RotatedAt.IsZero() || ended || !mayStill(g.Frozen.Outcome.Method, p.State) {
		return &spec.IntrospectionResponse{}, nil
	}
	said := &spec.IntrospectionResponse{
		Active: true, Scope: words(t.Scope), ClientID: g.Client, Issuer: f.Issuer, Subject: g.Frozen.Outcome.Subject,
		Expiration: spec.FromTime(t.ExpiresAt), IssuedAt: spec.FromTime(t.CreatedAt),
		AuthTime: spec.FromTime(g.Frozen.Outcome.AuthTime), AuthenticationMethodsReferences: g.Frozen.Outcome.Factors,
		Claims: map[string]any{"acr": g.Frozen.ACR.URI()},
	}
	if t.Kind == AccessToken {
		said.TokenType = tokenType
	}
	return said, nil
}

// revoke ends a token of the client. A refresh token takes the whole grant with
// it, an access token only itself, unless it is the grant's last. Unknown tokens
// are as good as revoked.
// Source: RFC 7009, sections 2.1 and 2.2.
func (f *Front) revoke(ctx context.Context, c *client, token string) *Refusal {
	p, err := f.find(ctx, token)
	if errors.Is(err, ErrNoToken) {
		return nil
	}
	if err == nil && p.Grant.Client != c.ClientID {
		return refuse(unauthorizedClient, "the token was given to another client")
	}
	switch {
	case err != nil:
	case p.Token.Kind == AccessToken && p.Grant.Refresh != NoRefresh:
		err = f.Tokens.DropToken(ctx, p.Token.Hash)
	default:
		err = f.decided(ctx, func(ctx context.Context) (*revocation, error) {
			if err := f.Tokens.RevokeGrant(ctx, p.Grant.ID, f.Now()); err != nil {
				return nil, err
			}
			return p.Grant.revoked(audit.Client(c.ClientID), audit.GrantRevoked{Client: c.ClientID, Grant: p.Grant.ID, Reason: revokedByClient}), nil
		})
	}
	if err != nil {
		return f.internal(ctx, "token not revoked", err)
	}
	return nil
}
