package oidc_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"clave/broker/registry"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// The known gaps of github.com/zitadel/oidc v3.48.0, package op, each closed.

func TestDefect01PKCECannotBeDowngraded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.login(params())
	wantError(t, w.call("/token", codeForm(code, "code_verifier", ""), basic), http.StatusBadRequest, "invalid_grant")
	wantError(t, w.call("/token", codeForm(code, "code_verifier", strings.Repeat("x", 43)), basic), http.StatusBadRequest, "invalid_grant")
	wantError(t, w.call("/token", codeForm(code, "code_verifier", challenge()), basic), http.StatusBadRequest, "invalid_grant") // as plain would take it
	w.tokens(w.redeem(code))

	w.register(withClient(publicClient))
	if got := sentBack(t, w.get("/authorize", params("code_challenge", "", "code_challenge_method", ""))); got.Get("error") != "invalid_request" {
		t.Errorf("a public client without challenge: %v", got)
	}
	w.register(withClient(func(c *registry.OIDCClient) { publicClient(c); c.PKCE = "optional" }))
	if got := sentBack(t, w.get("/authorize", params("code_challenge", "", "code_challenge_method", ""))); got.Get("error") != "invalid_request" {
		t.Errorf("a public client registered as optional by mistake: %v", got)
	}

	w.register(withClient(func(c *registry.OIDCClient) { c.PKCE = "optional" }))
	code = w.login(params("code_challenge", "", "code_challenge_method", ""))
	wantError(t, w.redeem(code), http.StatusBadRequest, "invalid_grant") // a verifier nobody asked for: the code was injected
	w.tokens(w.call("/token", codeForm(code, "code_verifier", ""), basic))
}

func TestDefect02RefusalsAreRedirectsAndFollowFormPost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.get("/authorize", params("scope", "profile")); got.StatusCode != http.StatusSeeOther || sentBack(t, got).Get("error") != "invalid_scope" {
		t.Errorf("answered %d", got.StatusCode)
	}
	got := w.get("/authorize", params("scope", "profile", "response_mode", "form_post"))
	if body := readAll(t, got); got.StatusCode != http.StatusOK || !strings.Contains(body, `name="error" value="invalid_scope"`) {
		t.Errorf("form_post: answered %d", got.StatusCode)
	}
}

func TestDefect03TheTokenEndpointReadsABodyOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.login(params())
	r := httptest.NewRequest(http.MethodGet, issuer+"/token?"+codeForm(code).Encode(), nil)
	basic(r)
	if got := w.do(r); got.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(got.Header.Get("Allow"), "POST") {
		t.Errorf("GET answered %d", got.StatusCode)
	}
	for _, form := range []url.Values{codeForm(code, "client_id", "town-web", "client_secret", secret), {"client_secret": {secret}}, {"x": {"y"}}} {
		r = httptest.NewRequest(http.MethodPost, issuer+"/token?"+form.Encode(), strings.NewReader(codeForm(code).Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		basic(r)
		wantError(t, w.do(r), http.StatusBadRequest, "invalid_request")
	}
	for _, kind := range []string{"application/json", "multipart/form-data; boundary=x", "text/plain", ""} {
		wantError(t, w.redeem(code, func(r *http.Request) { r.Header.Set("Content-Type", kind) }), http.StatusBadRequest, "invalid_request")
	}
	w.tokens(w.redeem(code, func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	}))
}

func TestDefect04AClientThatIsNotProvenGets401WithAChallenge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/token", "/revoke", "/introspect"} {
		for name, change := range map[string]func(*http.Request){
			"a wrong secret":    func(r *http.Request) { r.SetBasicAuth("town-web", "wrong") },
			"an unknown client": func(r *http.Request) { r.SetBasicAuth("village", secret) },
			"no proof":          func(*http.Request) {},
			"a broken header":   func(r *http.Request) { r.Header.Set("Authorization", "Basic !") },
			"another scheme":    func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") },
		} {
			got := w.call(path, codeForm("x", "token", "x"), change)
			if header := got.Header.Get("WWW-Authenticate"); !strings.HasPrefix(header, "Basic ") {
				t.Errorf("%s, %s: challenge %q", path, name, header)
			}
			wantError(t, got, http.StatusUnauthorized, "invalid_client")
		}
	}
}

func TestDefect05AnswersWithSecretsAreNotStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.redeem(w.login(params()))
	access := w.tokens(got).AccessToken
	for name, got := range map[string]*http.Response{
		"tokens": got, "userinfo": w.userinfo(access), "a refusal": w.redeem("x"),
		"introspection":      w.call("/introspect", url.Values{"token": {access}}, basic),
		"a refused userinfo": w.userinfo("x"),
	} {
		if got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("Pragma") != "no-cache" {
			t.Errorf("%s: %q %q", name, got.Header.Get("Cache-Control"), got.Header.Get("Pragma"))
		}
	}
}

func TestDefect06OnlyRegisteredOriginsReadAnswersAndNeverWithCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, origin := range []string{"https://evil.example", "https://town.example.evil.example", "http://town.example", "https://town.example:444", "null", "https://TOWN.example"} {
		for _, method := range []string{http.MethodOptions, http.MethodPost} {
			r := httptest.NewRequest(method, issuer+"/token", nil)
			r.Header.Set("Origin", origin)
			r.Header.Set("Access-Control-Request-Method", "POST")
			got := w.do(r)
			if got.Header.Get("Access-Control-Allow-Origin") != "" || got.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %s is let in: %v", method, origin, got.Header)
			}
		}
	}
	for _, path := range []string{"/token", "/userinfo", "/revoke", "/introspect"} {
		r := httptest.NewRequest(http.MethodOptions, issuer+path, nil)
		r.Header.Set("Origin", "https://town.example")
		got := w.do(r)
		if got.StatusCode != http.StatusNoContent || got.Header.Get("Access-Control-Allow-Origin") != "https://town.example" ||
			got.Header.Get("Access-Control-Allow-Credentials") != "" || !strings.Contains(strings.Join(got.Header.Values("Vary"), ","), "Origin") {
			t.Errorf("%s: %d %v", path, got.StatusCode, got.Header)
		}
	}
	got := w.redeem(w.login(params()), func(r *http.Request) { r.Header.Set("Origin", "https://town.example") })
	if got.StatusCode != http.StatusOK || got.Header.Get("Access-Control-Allow-Origin") != "https://town.example" {
		t.Errorf("tokens: %d %v", got.StatusCode, got.Header)
	}
	for _, path := range []string{"/.well-known/openid-configuration", "/jwks.json"} {
		for _, method := range []string{http.MethodGet, http.MethodOptions} {
			r := httptest.NewRequest(method, issuer+path, nil)
			r.Header.Set("Origin", "https://anybody.example")
			got := w.do(r)
			if got.Header.Get("Access-Control-Allow-Origin") != "*" || got.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %s: %v", method, path, got.Header)
			}
		}
	}
}

func TestDefect07RedirectURIsAreComparedAsTheyStand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(withClient(func(c *registry.OIDCClient) { c.RedirectURIs = []string{"https://town.example/a%20b"} }))
	if got := w.get("/authorize", params("redirect_uri", "https://town.example/a b")); got.StatusCode != http.StatusBadRequest {
		t.Errorf("an address that equals the registered one after one more decoding: %d", got.StatusCode)
	}
	if got := w.get("/authorize", params("redirect_uri", "https://town.example/a%2520b")); got.StatusCode != http.StatusBadRequest {
		t.Errorf("an address that was encoded once more: %d", got.StatusCode)
	}
	if got := w.get("/authorize", params("redirect_uri", "https://town.example/a%20b")); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the registered address: %d", got.StatusCode)
	}
}

func TestDefect08EndpointsAreOurOwn(t *testing.T) {
	t.Parallel()
	before := *op.DefaultEndpoints
	w := newWorld(t)
	for _, path := range []string{"/oauth/token", "/oauth/introspect", "/keys", "/healthz", "/ready", "/device_authorization"} {
		if got := w.get(path, nil); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", path, got.StatusCode)
		}
	}
	if *op.DefaultEndpoints != before {
		t.Error("the library's global list was changed")
	}
}

func TestDefect09ACodeIsGoodOnceAndItsReplayRevokes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.login(params())
	access := w.tokens(w.redeem(code)).AccessToken
	wantError(t, w.redeem(code), http.StatusBadRequest, "invalid_grant")
	if got := w.userinfo(access); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("after the replay userinfo answers %d", got.StatusCode)
	}
}

func TestDefect10CodesAndTokensAreRandomAndNotStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(withClient(func(c *registry.OIDCClient) { c.GrantTypes = []string{"authorization_code", "refresh_token"} }))
	seen := map[string]bool{}
	for range 3 {
		code := w.login(params())
		got := w.tokens(w.redeem(code))
		for _, value := range []string{code, got.AccessToken, got.RefreshToken} {
			if len(value) != 43 || seen[value] || strings.Contains(value, ".") {
				t.Errorf("%q is no 256 random bits", value)
			}
			seen[value] = true
		}
		stored, err := json.Marshal(w.store.Grants())
		if err != nil || strings.Contains(string(stored), code) {
			t.Errorf("the code is stored in clear, %v", err)
		}
	}
}

func TestDefect11NoAddressFinishesALogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get("/authorize", params())
	id := string(w.broker.last(t).ID)
	for _, path := range []string{"/authorize/callback", "/login/" + id + "/callback", "/callback"} {
		if got := w.get(path, url.Values{"id": {id}}); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", path, got.StatusCode)
		}
	}
}

// TestDefect12 is in assertion_test.go.

func TestDefect13AccessTokensAreTypedAndAnIDTokenOpensNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(withClient(func(c *registry.OIDCClient) { c.AccessTokenFormat = "at+jwt" }))
	got := w.tokens(w.redeem(w.login(params())))
	header, claims := claimsOf(t, got.AccessToken)
	if header["typ"] != "at+jwt" || claims["client_id"] != "town-web" || claims["scope"] != "openid profile document registration" || claims["jti"] == "" || claims["sub"] != "pairwise-1" {
		t.Errorf("header %v, claims %v", header, claims)
	}
	if got := w.userinfo(got.AccessToken); got.StatusCode != http.StatusOK {
		t.Errorf("the access token answers %d", got.StatusCode)
	}
	if got := w.userinfo(got.IDToken); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("the ID token answers %d", got.StatusCode)
	}
	if got := w.userinfo(claims["jti"].(string)); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("the jti alone answers %d", got.StatusCode)
	}
	if back := sentBack(t, w.get("/authorize", params("id_token_hint", got.AccessToken))); back.Get("error") != "invalid_request" {
		t.Errorf("an access token as hint: %v", back)
	}
	w.clock.Pass(5 * time.Minute)
	if got := w.userinfo(got.AccessToken); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("the expired access token answers %d", got.StatusCode)
	}
}

func TestDefect14RequestObjectsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for parameter, want := range map[string]string{"request": "request_not_supported", "request_uri": "request_uri_not_supported", "registration": "registration_not_supported"} {
		if got := sentBack(t, w.get("/authorize", params(parameter, "https://town.example/x"))).Get("error"); got != want {
			t.Errorf("%s: %s", parameter, got)
		}
	}
}

func TestDefect15WhatIsAskedReachesTheBroker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.tokens(w.redeem(w.login(params()))).IDToken
	w.get("/authorize", params("prompt", "login", "max_age", "60", "acr_values", "http://eidas.europa.eu/LoA/high", "id_token_hint", token))
	got := w.broker.last(t)
	if !got.Fresh || got.MaxAge == nil || *got.MaxAge != time.Minute || got.Level.String() != "high" || got.Subject != "pairwise-1" {
		t.Errorf("asked for %+v", got)
	}
}

func TestDefect16DiscoveryTellsTheTruth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var said map[string]any
	if err := json.Unmarshal([]byte(readAll(t, w.get("/.well-known/openid-configuration", nil))), &said); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"subject_types_supported": "pairwise", "response_types_supported": "code", "grant_types_supported": "authorization_code refresh_token",
		"id_token_signing_alg_values_supported": "ES256 RS256 PS256 EdDSA", "code_challenge_methods_supported": "S256",
		"response_modes_supported": "query form_post",
	} {
		var got []string
		list, _ := said[name].([]any)
		for _, one := range list {
			got = append(got, one.(string))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
