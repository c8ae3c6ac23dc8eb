package oidc

import (
	"encoding/json"
	"net/url"
	"slices"
	"sync/atomic"

	"clave/broker/registry"
	"clave/identity"
	"clave/keys"

	"github.com/go-jose/go-jose/v4"
	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// client is a registration, read once for each revision of the register.
type client struct {
	*registry.OIDCClient
	party *registry.RelyingParty

	authMethod spec.AuthMethod
	pkceDemand bool
	refresh    bool
	jwtAccess  bool
	alg        jose.SignatureAlgorithm
	scopes     []string // that it may ask for
	origins    []string
	grantTypes []spec.GrantType
	assertions []jose.JSONWebKey // inline keys for private_key_jwt
	keysBroken bool
}

// clients gives registrations by client_id.
type clients struct {
	parties Parties
	current atomic.Pointer[revision]
}

// revision is what was made of one snapshot. It never changes.
type revision struct {
	snapshot *registry.Snapshot
	byID     map[string]*client
	origins  map[string]bool
	loopback bool // some client takes any loopback redirect URI
}

func newClients(parties Parties) *clients { return &clients{parties: parties} }

func (c *clients) now() *revision {
	snapshot := c.parties.Snapshot()
	if r := c.current.Load(); r != nil && r.snapshot == snapshot {
		return r
	}
	r := newRevision(snapshot)
	c.current.Store(r)
	return r
}

func (c *clients) find(clientID string) (*client, bool) {
	found, ok := c.now().byID[clientID]
	return found, ok
}

func newRevision(snapshot *registry.Snapshot) *revision {
	r := &revision{snapshot: snapshot, byID: map[string]*client{}, origins: map[string]bool{}}
	for _, party := range snapshot.Parties() {
		for i := range party.OIDC {
			one := newClient(party, &party.OIDC[i])
			r.byID[one.ClientID] = one
			r.loopback = r.loopback || one.LoopbackRedirects
			for _, origin := range one.origins {
				r.origins[origin] = true
			}
		}
	}
	return r
}

func newClient(party *registry.RelyingParty, c *registry.OIDCClient) *client {
	one := &client{
		OIDCClient: c,
		party:      party,
		authMethod: spec.AuthMethod(c.TokenEndpointAuthMethod),
		jwtAccess:  c.AccessTokenFormat == formatJWT,
		alg:        jose.SignatureAlgorithm(c.IDTokenSignedResponseAlg),
		scopes:     c.Scopes,
	}
	if one.authMethod == "" {
		one.authMethod = spec.AuthMethodBasic // OpenID Connect Registration 1.0, section 2
	}
	if one.alg == "" {
		one.alg = keys.ES256
	}
	if len(one.scopes) == 0 {
		one.scopes = allScopes()
	}
	one.pkceDemand = one.public() || c.PKCE != "optional"
	for _, grantType := range c.GrantTypes {
		one.grantTypes = append(one.grantTypes, spec.GrantType(grantType))
	}
	if len(one.grantTypes) == 0 {
		one.grantTypes = []spec.GrantType{spec.GrantTypeCode} // OpenID Connect Registration 1.0, section 2
	}
	one.refresh = slices.Contains(one.grantTypes, spec.GrantTypeRefreshToken)
	one.origins = c.AllowedOrigins
	if len(one.origins) == 0 {
		one.origins = originsOf(c.RedirectURIs)
	}
	if len(c.JWKS) > 0 {
		var set jose.JSONWebKeySet
		one.keysBroken = json.Unmarshal(c.JWKS, &set) != nil
		one.assertions = set.Keys
	}
	return one
}

// formatJWT is the registered access token format of RFC 9068.
const formatJWT = "at+jwt"

// public tells whether the client has no secret to prove itself with.
func (c *client) public() bool { return c.authMethod == spec.AuthMethodNone }

// originsOf are the web origins of addresses, each once.
func originsOf(uris []string) []string {
	var origins []string
	for _, uri := range uris {
		u, err := url.Parse(uri)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			continue
		}
		if origin := u.Scheme + "://" + u.Host; !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	return origins
}

// attributes are the personal data behind the granted scopes, bounded by what
// the relying party may receive.
func (c *client) attributes(scopes []string) []identity.Attribute {
	var asked []identity.Attribute
	for _, scope := range scopes {
		for _, a := range scopeAttributes(scope) {
			if slices.Contains(c.party.Attributes, a) {
				asked = append(asked, a)
			}
		}
	}
	return asked
}
