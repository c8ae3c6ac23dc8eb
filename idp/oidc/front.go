package oidc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/broker/logout"
	"clave/broker/registry"
	"clave/keys"
	"clave/web/page"
	"clave/web/route"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// Name is the front's name in a broker.Request.
const Name = "oidc"

// Broker takes requests from here.
type Broker interface {
	// Open takes the request and sends the browser on; it answers r.
	Open(w http.ResponseWriter, r *http.Request, req broker.Request)
}

// Sessions is what logout needs of the broker.
type Sessions interface {
	// Current is the live session of this browser; false when there is none.
	Current(r *http.Request) (broker.SessionID, bool)
}

// Logouts end sessions and tell the services that can be told.
type Logouts interface {
	// Start ends the session of this browser, if it has one, and comes back by
	// LoggedOut; it answers r.
	Start(w http.ResponseWriter, r *http.Request, after logout.After)
}

// Parties finds relying parties as they are registered now.
type Parties interface {
	Snapshot() *registry.Snapshot
}

// Transactor runs a transaction that travels in the context.
type Transactor interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
}

// Signers are the keys that sign tokens.
type Signers interface {
	// Active is the key that signs with the algorithm now; keys.ErrNoKey without one.
	Active(alg string) (keys.SigningKey, error)
	// Published are all keys that verifiers must know. The slice is the same one
	// until the ring changes.
	Published() []keys.PublicKey
	// Public finds a published key by its ID.
	Public(id string) (keys.PublicKey, bool)
}

// Config is what a Front needs. Every field is required, except where it says.
type Config struct {
	// Issuer is our name and address: an origin without a path or a slash at the
	// end, such as https://clave.example. Plain http is for the sandbox.
	Issuer   string
	Parties  Parties
	Signers  Signers
	Tx       Transactor
	Trail    audit.Trail
	Codes    Codes
	Tokens   Tokens
	Once     Once
	Broker   Broker
	Sessions Sessions
	Logouts  Logouts
	Pages    *page.Engine
	Log      *slog.Logger
	Now      func() time.Time
	// Lifetimes are those of codes and tokens; the zero value is DefaultLifetimes.
	Lifetimes Lifetimes
	// Sandbox keeps login_hint, and lets jwks_uri be plain http at a loopback
	// address.
	Sandbox bool
	// Documentation, Policy and Terms are addresses for the discovery document:
	// documentation for integrators, the policy on the use of the data, the terms
	// of service. Each may be empty.
	Documentation, Policy, Terms string
}

// Front is the OpenID Connect front. It implements broker.Front, broker.SessionEnder and
// logout.Asker.
type Front struct {
	Config
	clients   *clients
	signing   *signing
	keySets   *keySets
	endpoints http.Handler // of package op, behind our own checks
	discovery []byte
	published atomic.Pointer[publishedKeys]
	templates templates
}

// New makes a front. It fails when the issuer is not an origin.
func New(c Config) (*Front, error) {
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || strings.ContainsAny(c.Issuer, "?#") {
		return nil, errors.New("the issuer has to be an origin, such as https://clave.example, without a path or a slash at the end")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && c.Sandbox) {
		return nil, errors.New("the issuer has to begin with https:// outside the sandbox")
	}
	if c.Lifetimes == (Lifetimes{}) {
		c.Lifetimes = DefaultLifetimes()
	}
	f := &Front{
		Config:    c,
		clients:   newClients(c.Parties),
		signing:   newSigning(c.Signers),
		keySets:   newKeySets(c.Sandbox, c.Now),
		templates: parseTemplates(c.Pages),
	}
	if f.discovery, err = f.describe(); err != nil {
		return nil, fmt.Errorf("writing the discovery document: %w", err)
	}
	// No CORS of its own, which would reflect any origin with credentials, and no
	// decoder by reflection.
	f.endpoints = op.RegisterServer(&server{front: f}, endpoints(),
		op.WithServerCORSOptions(nil), op.WithDecoder(formDecoder{}))
	return f, nil
}

// The addresses of the front, below the issuer.
const (
	pathDiscovery  = "/.well-known/openid-configuration"
	pathAuthorize  = "/authorize"
	pathToken      = "/token"
	pathUserinfo   = "/userinfo"
	pathRevoke     = "/revoke"
	pathIntrospect = "/introspect"
	pathKeys       = "/jwks.json"
	pathEndSession = "/end_session"
	pathLogOut     = "/end_session/confirm"
	pathLoggedOut  = "/end_session/done"
)

// endpoints are those that package op routes. Its own list is a global variable
// that anybody may change. Authorization and EndSession are ours alone.
func endpoints() op.Endpoints {
	return op.Endpoints{
		Token:         op.NewEndpoint(pathToken),
		Userinfo:      op.NewEndpoint(pathUserinfo),
		Revocation:    op.NewEndpoint(pathRevoke),
		Introspection: op.NewEndpoint(pathIntrospect),
		JwksURI:       op.NewEndpoint(pathKeys),
	}
}

// metadataCache is how long discovery and keys may be kept: an hour, a fraction
// of the day that a key is published before it signs.
const metadataCache = "public, max-age=3600"

// Routes are the addresses of the front, each by name: package op would serve
// health checks of its own beside them.
func (f *Front) Routes() []route.Route {
	public := f.forAnyOrigin(f.endpoints)
	routes := []route.Route{
		{Method: http.MethodGet, Path: pathDiscovery, Access: route.Public, Handler: public, Cache: metadataCache},
		{Method: http.MethodGet, Path: pathKeys, Access: route.Public, Handler: public, Cache: metadataCache},
		{Method: http.MethodOptions, Path: pathDiscovery, Access: route.RelyingParty, Handler: preflightAny},
		{Method: http.MethodOptions, Path: pathKeys, Access: route.RelyingParty, Handler: preflightAny},

		{Method: http.MethodGet, Path: pathAuthorize, Access: route.Peer, Handler: f.authorize},
		{Method: http.MethodPost, Path: pathAuthorize, Access: route.Peer, Handler: f.authorizePosted},

		{Method: http.MethodGet, Path: pathEndSession, Access: route.Peer, Handler: f.endSession},
		{Method: http.MethodPost, Path: pathEndSession, Access: route.Peer, Handler: f.endSessionPosted},
		{Method: http.MethodPost, Path: pathLogOut, Access: route.Public, Handler: f.endSessionConfirmed},
		{Method: http.MethodGet, Path: pathLoggedOut, Access: route.Public, Handler: f.loggedOut},
	}
	for _, one := range []struct {
		method, path string
		handler      http.HandlerFunc
	}{
		{http.MethodPost, pathToken, f.byClient(f.endpoints)},
		{http.MethodPost, pathRevoke, f.byClient(f.endpoints)},
		{http.MethodPost, pathIntrospect, f.byClient(f.endpoints)},
		{http.MethodGet, pathUserinfo, f.byBearer(f.endpoints)},
		{http.MethodPost, pathUserinfo, f.byBearer(f.endpoints)},
	} {
		routes = append(routes, route.Route{
			Method: one.method, Path: one.path, Access: route.RelyingParty, Handler: f.forRegisteredOrigins(one.handler),
		})
	}
	for _, path := range []string{pathToken, pathRevoke, pathIntrospect, pathUserinfo} {
		routes = append(routes, route.Route{
			Method: http.MethodOptions, Path: path, Access: route.RelyingParty, Handler: f.preflight,
		})
	}
	return routes
}

// Name implements broker.Front.
func (f *Front) Name() string { return Name }

// EndSession implements broker.SessionEnder: it revokes what the session gave,
// but for offline access.
func (f *Front) EndSession(ctx context.Context, session broker.SessionID) error {
	return f.Tokens.RevokeSession(ctx, session, f.Now())
}
