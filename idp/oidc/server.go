package oidc

import (
	"context"
	"encoding/json"
	"net/http"

	spec "github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// server is the front as package op calls it. What it does not implement answers
// "not supported".
type server struct {
	op.UnimplementedServer
	front *Front
}

var _ op.Server = (*server)(nil)

// VerifyClient gives the client that the gate has authenticated.
func (s *server) VerifyClient(ctx context.Context, _ *op.Request[op.ClientCredentials]) (op.Client, error) {
	c := callOf(ctx).client
	if c == nil {
		return nil, op.NewStatusError(spec.ErrInvalidClient(), http.StatusUnauthorized) // no gate stood in front
	}
	return opClient{c}, nil
}

// answer is a response of package op. A refusal is written by the gate.
func answer(ctx context.Context, data any, refused *Refusal) (*op.Response, error) {
	if refused != nil {
		callOf(ctx).refused = refused
		return op.NewResponse(nil), nil
	}
	return op.NewResponse(data), nil
}

// CodeExchange redeems an authorization code.
// Source: OpenID Connect Core 1.0, section 3.1.3.
func (s *server) CodeExchange(ctx context.Context, r *op.ClientRequest[spec.AccessTokenRequest]) (*op.Response, error) {
	tokens, refused := s.front.redeem(ctx, callOf(ctx).client, r.Data)
	return answer(ctx, tokens, refused)
}

// RefreshToken gives new tokens for a refresh token.
// Source: OpenID Connect Core 1.0, section 12.
func (s *server) RefreshToken(ctx context.Context, r *op.ClientRequest[spec.RefreshTokenRequest]) (*op.Response, error) {
	tokens, refused := s.front.refresh(ctx, callOf(ctx).client, r.Data)
	return answer(ctx, tokens, refused)
}

// UserInfo says the claims of an access token's scope.
func (s *server) UserInfo(ctx context.Context, _ *op.Request[spec.UserInfoRequest]) (*op.Response, error) {
	info, refused := s.front.userinfo(ctx, callOf(ctx).bearer)
	return answer(ctx, info, refused)
}

// Introspect tells a client about a token of its own.
func (s *server) Introspect(ctx context.Context, r *op.Request[op.IntrospectionRequest]) (*op.Response, error) {
	said, refused := s.front.introspect(ctx, callOf(ctx).client, r.Data.Token)
	return answer(ctx, said, refused)
}

// Revocation revokes a token of the client.
func (s *server) Revocation(ctx context.Context, r *op.ClientRequest[spec.RevocationRequest]) (*op.Response, error) {
	return answer(ctx, nil, s.front.revoke(ctx, callOf(ctx).client, r.Data.Token))
}

// Discovery says all that we can do.
func (s *server) Discovery(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	return op.NewResponse(json.RawMessage(s.front.discovery)), nil
}

// Keys publishes what our tokens are verified with.
func (s *server) Keys(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	return op.NewResponse(s.front.keySet()), nil
}
