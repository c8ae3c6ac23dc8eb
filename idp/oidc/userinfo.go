package oidc

import (
	"context"
	"errors"

	"clave/identity"
)

// userInfo is what userinfo answers. It prints masked.
// Source: OpenID Connect Core 1.0, section 5.3.2.
type userInfo struct {
	Subject             string `json:"sub"`
	RegistrationLevel   string `json:"registration_level,omitempty"`
	RegistrationChannel string `json:"registration_channel,omitempty"`
	identity.Attributes
}

// userinfo says the claims that were frozen at login and that the scope of the
// token and the registration of the relying party still allow.
func (f *Front) userinfo(ctx context.Context, token string) (*userInfo, *Refusal) {
	p, c, refused := f.presented(ctx, token)
	if refused != nil {
		return nil, refused
	}
	info := &userInfo{Subject: p.Grant.Frozen.Outcome.Subject, Attributes: released(c, p.Grant, p.Token.Scope)}
	if hasScope(p.Token.Scope, scopeRegistration) {
		a := assuranceOf(p.Grant)
		info.RegistrationLevel, info.RegistrationChannel = a.RegistrationLevel, a.RegistrationChannel
	}
	return info, nil
}

// presented finds the grant behind an access token, and refuses it when the
// person can no longer be identified that way.
func (f *Front) presented(ctx context.Context, token string) (Presented, *client, *Refusal) {
	refused := refuse(invalidToken, "the access token is unknown, has expired or was revoked")
	hash, ok := f.presentedHash(token)
	if !ok {
		return Presented{}, nil, refused
	}
	p, err := f.Tokens.Token(ctx, hash, f.Now())
	if errors.Is(err, ErrNoToken) {
		return Presented{}, nil, refused
	}
	if err != nil {
		return Presented{}, nil, f.internal(ctx, "access token not read", err)
	}
	c, ok := f.clients.find(p.Grant.Client)
	if !ok || p.Token.Kind != AccessToken || !mayStill(p.Grant.Frozen.Outcome.Method, p.State) {
		return Presented{}, nil, refused
	}
	return p, c, nil
}
