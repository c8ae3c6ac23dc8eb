package oidc_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"clave/broker/registry"
	"clave/identity"
	"clave/idp/oidc"
	"clave/web/route"

	"github.com/gorilla/mux"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// served is a world that answers on the network, as the sandbox does.
func served(t *testing.T, change func(*registry.OIDCClient)) (*world, *httptest.Server) {
	t.Helper()
	router := mux.NewRouter()
	server := httptest.NewServer(router)
	t.Cleanup(server.Close)
	w := newWorld(t, func(c *oidc.Config) { c.Issuer, c.Sandbox = server.URL, true })
	w.register(withClient(change))
	open := func(next http.Handler) http.Handler { return next }
	err := route.Mount(router, w.front.Routes(), route.Guards{
		RelyingParty: open, Fail: enginePages().ErrorPage, Log: quiet(), Origins: []string{server.URL},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, server
}

// TestAStockClientWorks drives a whole login with somebody else's client
// library, which checks what we say.
func TestAStockClientWorks(t *testing.T) {
	t.Parallel()
	const inParams = 1 // oauth2.AuthStyleInParams
	for _, c := range []struct {
		name, secret string
		change       func(*registry.OIDCClient)
		alg          string
	}{
		{"confidential, ES256", secret, func(c *registry.OIDCClient) {
			c.TokenEndpointAuthMethod, c.GrantTypes = "client_secret_post", []string{"authorization_code", "refresh_token"}
		}, "ES256"},
		{"public, EdDSA, signed access tokens", "", func(c *registry.OIDCClient) {
			publicClient(c)
			c.IDTokenSignedResponseAlg, c.AccessTokenFormat = "EdDSA", "at+jwt"
		}, "EdDSA"},
		{"confidential, RS256", secret, func(c *registry.OIDCClient) {
			c.TokenEndpointAuthMethod, c.GrantTypes = "client_secret_post", []string{"authorization_code", "refresh_token"}
			c.IDTokenSignedResponseAlg = "RS256"
		}, "RS256"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, server := served(t, c.change)
			w.clock.Pass(time.Since(w.clock.Now()).Truncate(time.Microsecond)) // the library looks at its own clock
			ctx, nonce := context.Background(), "n-1"
			party, err := rp.NewRelyingPartyOIDC(ctx, server.URL, "town-web", c.secret, redirect, []string{"openid", "profile", "offline_access"},
				rp.WithHTTPClient(&http.Client{}), // the library writes into the one it shares
				rp.WithAuthStyle(inParams), rp.WithVerifierOpts(rp.WithSupportedSigningAlgorithms(c.alg), rp.WithNonce(func(context.Context) string { return nonce })))
			if err != nil {
				t.Fatal(err)
			}
			address, err := url.Parse(rp.AuthURL("state-1", party, rp.WithCodeChallenge(challenge())))
			if err != nil {
				t.Fatal(err)
			}
			q := address.Query()
			q.Set("nonce", nonce)
			if got := w.get(address.Path, q); got.StatusCode != http.StatusSeeOther {
				t.Fatalf("authorize answered %d %s", got.StatusCode, got.Header.Get("Location"))
			}
			code := w.finish(w.broker.last(t))

			got, err := rp.CodeExchange[*spec.IDTokenClaims](ctx, code, party, rp.WithCodeVerifier(verifier))
			if err != nil {
				t.Fatal(err)
			}
			if got.IDTokenClaims.Subject != "pairwise-1" || got.IDTokenClaims.AuthenticationContextClassReference != identity.Substantial.URI() {
				t.Errorf("claims %+v", got.IDTokenClaims)
			}
			info, err := rp.Userinfo[*spec.UserInfo](ctx, got.AccessToken, "Bearer", got.IDTokenClaims.Subject, party)
			if err != nil || info.GivenName != "Ana" || info.Birthdate != "1980-02-03" {
				t.Errorf("userinfo %+v, %v", info, err)
			}
			nonce = "" // Core 12.2: a refreshed ID token has none
			again, err := rp.RefreshTokens[*spec.IDTokenClaims](ctx, party, got.RefreshToken, "", "")
			if err != nil {
				t.Fatal(err)
			}
			refresh := again.RefreshToken
			if refresh == "" {
				refresh = got.RefreshToken
			}
			if err := rp.RevokeToken(ctx, party, refresh, "refresh_token"); err != nil {
				t.Error(err)
			}
			if _, err := rp.Userinfo[*spec.UserInfo](ctx, again.AccessToken, "Bearer", "pairwise-1", party); err == nil {
				t.Error("after the revocation userinfo still answers")
			}
			w.broker.session = "session-1"
			where, err := rp.EndSession(ctx, party, got.IDToken, postLogout, "bye", "", nil)
			if err != nil {
				t.Fatal(err)
			}
			answer := w.get(where.Path, where.Query()) // what came by POST comes back by GET
			if answer.Header.Get("Location") != postLogout+"?state=bye" || w.broker.ended != 1 {
				t.Errorf("logout leads to %s, ended %d", answer.Header.Get("Location"), w.broker.ended)
			}
		})
	}
}
