package oidc_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/keys"
)

func TestClientsProveThemselvesInTheOneWayTheyAreRegisteredFor(t *testing.T) {
	t.Parallel()
	inHeader := func(id, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(id, password) }
	}
	nothing := func(*http.Request) {}
	const assertion = "x.y.z"
	for _, c := range []struct {
		name, method string
		header       func(*http.Request)
		form         []string
		status       int
	}{
		{"basic as registered", "client_secret_basic", basic, nil, 400},
		{"basic with the same client_id in the body", "client_secret_basic", basic, []string{"client_id", "town-web"}, 400},
		{"basic with another client_id in the body", "client_secret_basic", basic, []string{"client_id", "other-web"}, 400},
		{"basic and the secret in the body", "client_secret_basic", basic, []string{"client_id", "town-web", "client_secret", secret}, 400},
		{"basic and an assertion", "client_secret_basic", basic, []string{"client_assertion_type", assertionType, "client_assertion", assertion}, 400},
		{"a secret in the body of a basic client", "client_secret_basic", nothing, []string{"client_id", "town-web", "client_secret", secret}, 401},
		{"nothing from a basic client", "client_secret_basic", nothing, []string{"client_id", "town-web"}, 401},
		{"an empty secret", "client_secret_basic", inHeader("town-web", ""), nil, 401},
		{"post as registered", "client_secret_post", nothing, []string{"client_id", "town-web", "client_secret", secret}, 400},
		{"post with a wrong secret", "client_secret_post", nothing, []string{"client_id", "town-web", "client_secret", secret + "x"}, 401},
		{"basic from a post client", "client_secret_post", basic, nil, 401},
		{"none as registered", "none", nothing, []string{"client_id", "town-web"}, 400},
		{"a secret from a public client", "none", nothing, []string{"client_id", "town-web", "client_secret", secret}, 401},
		{"basic from a public client", "none", inHeader("town-web", ""), nil, 401},
		{"a secret from a key client", "private_key_jwt", basic, nil, 401},
		{"nothing from a key client", "private_key_jwt", nothing, []string{"client_id", "town-web"}, 401},
		{"an assertion without its type", "private_key_jwt", nothing, []string{"client_id", "town-web", "client_assertion", assertion}, 401},
		{"a type without an assertion", "private_key_jwt", nothing, []string{"client_id", "town-web", "client_assertion_type", assertionType}, 401},
		{"a type we do not know", "private_key_jwt", nothing, []string{"client_assertion_type", "saml", "client_assertion", assertion}, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(withClient(func(r *registry.OIDCClient) {
				r.TokenEndpointAuthMethod = c.method
				if c.method == "none" || c.method == "private_key_jwt" {
					r.SecretHash = nil
				}
			}), other())
			got := w.call("/token", codeForm("unknown", c.form...), c.header)
			if body := readAll(t, got); got.StatusCode != c.status {
				t.Errorf("answered %d %s", got.StatusCode, body)
			}
		})
	}
}

func TestBasicIsFormEncodedBeforeItIsBase64(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const odd = "a:b+c%d é&="
	w.register(withClient(func(c *registry.OIDCClient) { c.ClientID = "town:web"; c.SecretHash = sha256Of(odd) }))
	header := func(text string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", "basic "+base64.StdEncoding.EncodeToString([]byte(text)))
		}
	}
	wantError(t, w.call("/token", codeForm("x"), header(url.QueryEscape("town:web")+":"+url.QueryEscape(odd))), 400, "invalid_grant")
	wantError(t, w.call("/token", codeForm("x"), header(url.QueryEscape("town:web")+":"+strings.ReplaceAll(url.PathEscape(odd), "+", "%2B"))), 400, "invalid_grant")
	wantError(t, w.call("/token", codeForm("x"), header("town:web:"+odd)), 401, "invalid_client")
	wantError(t, w.call("/token", codeForm("x"), header("town%3Aweb:%zz")), 401, "invalid_client")
	wantError(t, w.call("/token", codeForm("x"), func(r *http.Request) { basic(r); r.Header.Add("Authorization", "Basic eDp5") }), 401, "invalid_client")
}

func TestWhatIsWrongWithAFormIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	two := codeForm("x")
	two["code"] = []string{"x", "y"}
	twoTypes := codeForm("x")
	twoTypes["grant_type"] = []string{"authorization_code", "refresh_token"}
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"no grant type":                    {url.Values{}, "invalid_request"},
		"an unknown grant type":            {url.Values{"grant_type": {"magic"}}, "unsupported_grant_type"},
		"the password grant":               {url.Values{"grant_type": {"password"}, "username": {"u"}, "password": {"p"}}, "unsupported_grant_type"},
		"client credentials":               {url.Values{"grant_type": {"client_credentials"}}, "unsupported_grant_type"},
		"a JWT as grant":                   {url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {"x"}}, "unsupported_grant_type"},
		"a refresh that is not registered": {url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}}, "unauthorized_client"},
		"no code":                          {codeForm("x", "code", ""), "invalid_request"},
		"no redirect URI":                  {codeForm("x", "redirect_uri", ""), "invalid_request"},
		"an unknown code":                  {codeForm("x"), "invalid_grant"},
		"a short verifier":                 {codeForm("x", "code_verifier", "short"), "invalid_grant"},
		"two codes":                        {two, "invalid_request"},
		"two grant types":                  {twoTypes, "invalid_request"},
		"a code with a control character":  {codeForm("x\x00"), "invalid_request"},
	} {
		if text := wantError(t, w.call("/token", c.form, basic), http.StatusBadRequest, c.want); text == "" {
			t.Errorf("%s: nothing is explained", name)
		}
	}
	large := codeForm(strings.Repeat("x", 70<<10))
	if got := w.call("/token", large, basic); got.StatusCode != http.StatusRequestEntityTooLarge && got.StatusCode != http.StatusBadRequest {
		t.Errorf("a large body: %d", got.StatusCode)
	}
}

// TestAStolenCodeIsWorthNothingAndStaysGood: neither another client nor somebody
// without the verifier can redeem a code, or burn it.
func TestAStolenCodeIsWorthNothingAndStaysGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(), other())
	code := w.login(params())
	asOther := func(r *http.Request) { r.SetBasicAuth("other-web", secret) }
	wantError(t, w.call("/token", codeForm(code), asOther), 400, "invalid_grant")
	wantError(t, w.call("/token", codeForm(code, "redirect_uri", "https://other.example/cb"), asOther), 400, "invalid_grant")
	wantError(t, w.call("/token", codeForm(code, "code_verifier", strings.Repeat("v", 64)), basic), 400, "invalid_grant")
	wantError(t, w.call("/token", codeForm(code, "redirect_uri", "https://town.example/callback"), basic), 400, "invalid_grant")
	w.tokens(w.redeem(code))
	wantError(t, w.call("/token", codeForm(code), asOther), 400, "invalid_grant")
}

func TestACodeExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.login(params())
	w.clock.Pass(time.Minute)
	if text := wantError(t, w.redeem(code), 400, "invalid_grant"); !strings.Contains(text, "expired") {
		t.Error(text)
	}
}

func TestAReissuedAnswerReplacesTheCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.login(params())
	req := w.broker.last(t)
	fresh, err := w.front.Reissue(context.Background(), req, []byte(code))
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, w.redeem(code), 400, "invalid_grant")
	w.tokens(w.redeem(string(fresh)))
	if _, err := w.front.Reissue(context.Background(), req, fresh); !errors.Is(err, broker.ErrRedeemed) {
		t.Errorf("after redemption: %v", err)
	}
}

func TestTheWayBackLeadsToTheSiteOfARegisteredRedirectURI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.login(params())
	req := w.broker.last(t)
	if got, want := w.front.Home(req), "https://town.example/"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w.register(withClient(func(c *registry.OIDCClient) { c.RedirectURIs = []string{"https://new.town.example/callback"} }))
	if got := w.front.Home(req); got != "" {
		t.Errorf("got %q for a redirect URI that is registered no more", got)
	}
	w.register()
	if got := w.front.Home(req); got != "" {
		t.Errorf("got %q for a client that is gone", got)
	}
}

func TestTwoRedemptionsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.login(params())
	var won atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if w.redeem(code).StatusCode == http.StatusOK {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won", won.Load())
	}
}

func TestKeysMayRotateBetweenCodeAndToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rotate := func() {
		t.Helper()
		if _, err := w.ring.Rotate(context.Background(), keys.UseOIDC); err != nil {
			t.Fatal(err)
		}
	}
	rotate() // publishes the next keys
	w.clock.Pass(25 * time.Hour)
	first := w.tokens(w.redeem(w.login(params()))).IDToken
	code := w.login(params())
	rotate() // makes them active
	second := w.tokens(w.redeem(code)).IDToken
	before, _ := claimsOf(t, first)
	after, _ := claimsOf(t, second)
	if before["kid"] == after["kid"] {
		t.Fatal("the key is the same")
	}
	body := readAll(t, w.get("/jwks.json", nil))
	for _, kid := range []any{before["kid"], after["kid"]} {
		if !strings.Contains(body, `"`+kid.(string)+`"`) {
			t.Errorf("key %s is not published", kid)
		}
	}
	w.get("/authorize", params("id_token_hint", first))
	if got := w.broker.last(t).Subject; got != "pairwise-1" {
		t.Errorf("a hint under the retired key asks for %q", got)
	}
}

func TestWhoCanNoLongerBeIdentifiedIsNotSpokenAbout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state  identity.State
		method identity.Method
		want   int
	}{
		{identity.Registered, identity.PIN, 200},
		{identity.Registered, identity.Certificate, 200},
		{identity.Withdrawn, identity.PIN, 401},
		{identity.PhoneRevoked, identity.Movil, 401},
		{identity.Unregistered, identity.Permanente, 401},
		{identity.Withdrawn, identity.Certificate, 200},
		{identity.Unregistered, identity.Certificate, 200},
		{identity.Unregistered, identity.EIDAS, 200},
		{identity.Revoked, identity.Certificate, 401},
		{identity.Deceased, identity.Certificate, 401},
		{identity.Deceased, identity.PIN, 401},
		{"", identity.PIN, 401},
		{"something new", identity.Certificate, 401},
	} {
		t.Run(string(c.state)+" by "+string(c.method), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(refreshing())
			got := w.tokens(w.redeem(w.login(params(), func(o *broker.Outcome) { o.Method = c.method })))
			w.store.SetState("person-1", c.state)
			if answer := w.userinfo(got.AccessToken); answer.StatusCode != c.want {
				t.Errorf("userinfo answers %d", answer.StatusCode)
			}
			active := strings.Contains(readAll(t, w.call("/introspect", url.Values{"token": {got.AccessToken}}, basic)), `"active":true`)
			if active != (c.want == 200) {
				t.Errorf("introspection says %t", active)
			}
			refreshed := w.refresh(got.RefreshToken).StatusCode
			if (refreshed == 200) != (c.want == 200) {
				t.Errorf("refreshing answers %d", refreshed)
			}
		})
	}
}

func TestUserinfoSaysNoMoreThanIsAllowedNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	access := w.tokens(w.redeem(w.login(params("scope", "openid profile")))).AccessToken
	party := town()
	party.Attributes = []identity.Attribute{identity.GivenName, identity.DocumentNumber}
	w.register(party)
	if got := readAll(t, w.userinfo(access)); strings.TrimSpace(got) != `{"sub":"pairwise-1","given_name":"Ana"}` {
		t.Errorf("got %s", got)
	}
	w.register(other())
	if got := w.userinfo(access); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("after the client left: %d", got.StatusCode)
	}
}

func TestUserinfoTakesTheTokenFromTheHeaderOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	access := w.tokens(w.redeem(w.login(params()))).AccessToken
	form := url.Values{"access_token": {access}}
	got := w.get("/userinfo", form)
	if got.StatusCode != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("in the address: %d %s", got.StatusCode, got.Header.Get("WWW-Authenticate"))
	}
	if got := w.call("/userinfo", form); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("in the body: %d", got.StatusCode)
	}
	if got := w.call("/userinfo", nil, func(r *http.Request) { r.Header.Set("Authorization", "bearer "+access) }); got.StatusCode != http.StatusOK {
		t.Errorf("by POST with the header: %d", got.StatusCode)
	}
	for _, header := range []string{"Bearer", "Bearer ", "Basic " + access, "Bearer " + access + "x", "Bearer  x.y.z", access} {
		r := httptest.NewRequest(http.MethodGet, issuer+"/userinfo", nil)
		r.Header.Set("Authorization", header)
		got := w.do(r)
		if got.StatusCode != http.StatusUnauthorized || !strings.Contains(got.Header.Get("WWW-Authenticate"), "invalid_token") {
			t.Errorf("%q: %d %s", header, got.StatusCode, got.Header.Get("WWW-Authenticate"))
		}
	}
	w.clock.Pass(5 * time.Minute)
	if got := w.userinfo(access); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("expired: %d", got.StatusCode)
	}
}

func TestRefreshTokensDoNotOpenUserinfo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(refreshing())
	got := w.tokens(w.redeem(w.login(params())))
	if got := w.userinfo(got.RefreshToken); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("answered %d", got.StatusCode)
	}
}

func TestIntrospectionTellsAClientAboutItsOwnTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(refreshing(), other())
	got := w.tokens(w.redeem(w.login(params())))
	ask := func(token string, who func(*http.Request)) map[string]any {
		t.Helper()
		answer := w.call("/introspect", url.Values{"token": {token}}, who)
		var said map[string]any
		if err := json.Unmarshal([]byte(readAll(t, answer)), &said); err != nil || answer.StatusCode != 200 {
			t.Fatalf("%d, %v", answer.StatusCode, err)
		}
		return said
	}
	said := ask(got.AccessToken, basic)
	if said["active"] != true || said["client_id"] != "town-web" || said["sub"] != "pairwise-1" || said["token_type"] != "Bearer" ||
		said["acr"] != identity.Substantial.URI() || said["iss"] != issuer || said["exp"] != float64(w.clock.Now().Unix()+300) {
		t.Errorf("said %v", said)
	}
	for _, name := range []string{"given_name", "username", "document_number"} {
		if _, there := said[name]; there {
			t.Errorf("introspection says %s", name)
		}
	}
	if said := ask(got.RefreshToken, basic); said["active"] != true {
		t.Errorf("refresh token: %v", said)
	}
	for name, token := range map[string]string{"foreign": got.AccessToken, "unknown": "x", "ID token": got.IDToken} {
		if said := ask(token, func(r *http.Request) { r.SetBasicAuth("other-web", secret) }); len(said) != 1 || said["active"] != false {
			t.Errorf("%s: %v", name, said)
		}
	}
	w.register(withClient(publicClient))
	wantError(t, w.call("/introspect", url.Values{"token": {got.AccessToken}, "client_id": {"town-web"}}), 401, "invalid_client")
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(refreshing(), other())
	revoke := func(token string, who func(*http.Request)) *http.Response {
		return w.call("/revoke", url.Values{"token": {token}, "token_type_hint": {"access_token"}}, who)
	}
	got := w.tokens(w.redeem(w.login(params())))
	wantError(t, revoke(got.AccessToken, func(r *http.Request) { r.SetBasicAuth("other-web", secret) }), 400, "unauthorized_client")
	if answer := revoke("unknown", basic); answer.StatusCode != 200 || readAll(t, answer) != "" {
		t.Errorf("an unknown token: %d", answer.StatusCode)
	}
	if answer := revoke(got.AccessToken, basic); answer.StatusCode != 200 {
		t.Errorf("answered %d", answer.StatusCode)
	}
	if answer := w.userinfo(got.AccessToken); answer.StatusCode != 401 {
		t.Errorf("the revoked token answers %d", answer.StatusCode)
	}
	again := w.tokens(w.refresh(got.RefreshToken)) // an access token takes only itself
	if answer := revoke(got.RefreshToken, basic); answer.StatusCode != 200 {
		t.Errorf("answered %d", answer.StatusCode)
	}
	if answer := w.userinfo(again.AccessToken); answer.StatusCode != 401 {
		t.Errorf("with its refresh token revoked an access token answers %d", answer.StatusCode)
	}
	wantError(t, w.refresh(got.RefreshToken), 400, "invalid_grant")
	wantError(t, w.call("/revoke", url.Values{}, basic), 400, "invalid_request")
}

func TestAPublicClientRevokesItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(withClient(publicClient))
	code := w.login(params())
	got := w.tokens(w.call("/token", codeForm(code, "client_id", "town-web")))
	if answer := w.call("/revoke", url.Values{"token": {got.RefreshToken}, "client_id": {"town-web"}}); answer.StatusCode != 200 {
		t.Errorf("answered %d", answer.StatusCode)
	}
	if answer := w.userinfo(got.AccessToken); answer.StatusCode != 401 {
		t.Errorf("afterwards userinfo answers %d", answer.StatusCode)
	}
}
