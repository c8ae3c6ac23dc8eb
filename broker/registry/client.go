package registry

import (
	"cmp"
	"crypto/sha256"
	"regexp"
	"slices"
)

// The words of a client's registration.
// Source: RFC 7591 section 2; OpenID Connect Dynamic Client Registration 1.0
// section 2; RFC 9068 for at+jwt; pkce, access_token_format and
// claims_in_id_token are our choice, because no standard has them.
var (
	authMethods   = []string{"client_secret_basic", "client_secret_post", "private_key_jwt", "none"}
	grantTypes    = []string{"authorization_code", "refresh_token"}
	signatureAlgs = []string{"ES256", "RS256", "PS256", "EdDSA"}
	tokenFormats  = []string{"opaque", "at+jwt"}
	pkceChoices   = []string{"required", "optional"}
	scopes        = []string{"openid", "profile", "document", "registration", "offline_access"}
)

// clientIDShape keeps client ids to what passes through a form, a header and a
// log as it is. Source: RFC 6749 appendix A.1 allows more.
var clientIDShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~:/@-]{0,127}$`)

// client checks an OpenID Connect client, and fills in what the file leaves out.
func (c checker) client(at string, k *OIDCClient, secret string) {
	if !clientIDShape.MatchString(k.ClientID) {
		c.problem(at+".client_id", "wants an id of 1 to 128 letters, digits and . _ ~ : / @ -")
	}
	k.TokenEndpointAuthMethod = cmp.Or(k.TokenEndpointAuthMethod, "client_secret_basic")
	oneOf(c, at+".token_endpoint_auth_method", k.TokenEndpointAuthMethod, authMethods)
	c.proof(at, k, secret)
	c.pkce(at, k)
	c.addresses(at, k)
	c.grants(at, k)
	k.IDTokenSignedResponseAlg = cmp.Or(k.IDTokenSignedResponseAlg, "ES256")
	oneOf(c, at+".id_token_signed_response_alg", k.IDTokenSignedResponseAlg, signatureAlgs)
	k.AccessTokenFormat = cmp.Or(k.AccessTokenFormat, "opaque")
	oneOf(c, at+".access_token_format", k.AccessTokenFormat, tokenFormats)
}

// proof checks how the client proves itself: each method with what it needs and
// nothing else, so that nobody believes to be protected by a field that is idle.
func (c checker) proof(at string, k *OIDCClient, secret string) {
	hasSecret := secret != "" || k.SecretHash != nil
	switch k.TokenEndpointAuthMethod {
	case "client_secret_basic", "client_secret_post":
		if !hasSecret {
			c.problem(at, "has no client_secret, which %s needs; a client that cannot keep one says token_endpoint_auth_method: none", k.TokenEndpointAuthMethod)
		}
	case "private_key_jwt":
		if len(k.JWKS) == 0 && k.JWKSURI == "" {
			c.problem(at, "has neither jwks nor jwks_uri, which private_key_jwt needs: give the public keys")
		}
		if hasSecret {
			c.problem(at+".client_secret", "is not used by private_key_jwt; remove it")
		}
	case "none":
		if hasSecret {
			c.problem(at+".client_secret", "is given for a public client; remove it, or say token_endpoint_auth_method: client_secret_basic")
		}
	}
	if secret != "" {
		c.secret(at, k, secret)
		sum := sha256.Sum256([]byte(secret))
		k.SecretHash = sum[:]
	}
	c.keys(at, k)
}

// minSecret is how long a client secret is at least. Our choice: 32 characters
// of base64 are 192 random bits, so that a fast hash is enough; see RFC 6819
// section 5.1.4.2.2 for 128 as the least.
const (
	minSecret          = 32
	minSecretDifferent = 12
)

func (c checker) secret(at string, k *OIDCClient, secret string) {
	at += ".client_secret"
	different := map[rune]bool{}
	for _, r := range secret {
		different[r] = true
	}
	switch {
	case k.SecretHash != nil:
		c.problem(at, "and client_secret_hash are both given; keep one")
	case c.rules.Sandbox:
	case len(secret) < minSecret:
		c.problem(at, "is shorter than %d characters; make one with: openssl rand -base64 32", minSecret)
	case len(different) < minSecretDifferent:
		c.problem(at, "is not random; make one with: openssl rand -base64 32")
	}
}

func (c checker) pkce(at string, k *OIDCClient) {
	k.PKCE = cmp.Or(k.PKCE, "required")
	oneOf(c, at+".pkce", k.PKCE, pkceChoices)
	if k.PKCE == "optional" && k.TokenEndpointAuthMethod == "none" {
		c.problem(at+".pkce", "cannot be optional for a public client: whoever catches the code could use it (RFC 9700 section 2.1.1)")
	}
}

func (c checker) grants(at string, k *OIDCClient) {
	if len(k.GrantTypes) == 0 {
		k.GrantTypes = []string{"authorization_code"}
	}
	for i, g := range k.GrantTypes {
		oneOf(c, index(at+".grant_types", i), g, grantTypes)
	}
	if !slices.Contains(k.GrantTypes, "authorization_code") {
		c.problem(at+".grant_types", "lacks authorization_code, by which every login comes")
	}
	refresh := slices.Contains(k.GrantTypes, "refresh_token")
	if len(k.Scopes) == 0 {
		k.Scopes = slices.Clone(scopes[:4])
		if refresh {
			k.Scopes = slices.Clone(scopes)
		}
	}
	for _, s := range k.Scopes {
		oneOf(c, at+".scope", s, scopes)
	}
	switch {
	case !slices.Contains(k.Scopes, "openid"):
		c.problem(at+".scope", "lacks openid")
	case slices.Contains(k.Scopes, "offline_access") && !refresh:
		c.problem(at+".scope", "has offline_access, which needs grant_types: [authorization_code, refresh_token]")
	}
}
