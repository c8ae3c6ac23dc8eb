package oidc

import (
	"time"

	spec "github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// opClient shows a client to package op, which asks it for little more than its
// grant types.
type opClient struct{ *client }

var _ op.Client = opClient{}

func (c opClient) GetID() string                       { return c.ClientID }
func (c opClient) RedirectURIs() []string              { return c.OIDCClient.RedirectURIs }
func (c opClient) PostLogoutRedirectURIs() []string    { return c.OIDCClient.PostLogoutRedirectURIs }
func (c opClient) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }
func (c opClient) AuthMethod() spec.AuthMethod         { return c.authMethod }
func (c opClient) ResponseTypes() []spec.ResponseType {
	return []spec.ResponseType{spec.ResponseTypeCode}
}
func (c opClient) GrantTypes() []spec.GrantType                                 { return c.grantTypes }
func (c opClient) LoginURL(string) string                                       { return "" }
func (c opClient) AccessTokenType() op.AccessTokenType                          { return op.AccessTokenTypeBearer }
func (c opClient) IDTokenLifetime() time.Duration                               { return 0 } // we write them ourselves
func (c opClient) DevMode() bool                                                { return false }
func (c opClient) RestrictAdditionalIdTokenScopes() func([]string) []string     { return nil }
func (c opClient) RestrictAdditionalAccessTokenScopes() func([]string) []string { return nil }
func (c opClient) IsScopeAllowed(string) bool                                   { return false }
func (c opClient) IDTokenUserinfoClaimsAssertion() bool                         { return false }
func (c opClient) ClockSkew() time.Duration                                     { return 0 }
