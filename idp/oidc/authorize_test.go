package oidc_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/idp/oidc"

	"github.com/google/go-cmp/cmp"
)

func TestRefusalsGoToTheRelyingPartyOnceItsAddressIsProven(t *testing.T) {
	t.Parallel()
	many := func(name string, values ...string) url.Values {
		v := params()
		v[name] = values
		return v
	}
	for _, c := range []struct {
		name    string
		request url.Values
		want    string
	}{
		{"no response type", params("response_type", ""), "invalid_request"},
		{"the implicit flow", params("response_type", "id_token"), "unsupported_response_type"},
		{"the hybrid flow", params("response_type", "code id_token"), "unsupported_response_type"},
		{"a token in the browser", params("response_type", "token"), "unsupported_response_type"},
		{"the answer in a fragment", params("response_mode", "fragment"), "invalid_request"},
		{"an unknown response mode", params("response_mode", "web_message"), "invalid_request"},
		{"no scope", params("scope", ""), "invalid_scope"},
		{"no openid", params("scope", "profile"), "invalid_scope"},
		{"openid as a part of a word", params("scope", "openidx profile"), "invalid_scope"},
		{"no challenge", params("code_challenge", "", "code_challenge_method", ""), "invalid_request"},
		{"a method without a challenge", params("code_challenge", ""), "invalid_request"},
		{"the method plain", params("code_challenge_method", "plain"), "invalid_request"},
		{"no method, which means plain", params("code_challenge_method", ""), "invalid_request"},
		{"the method in lower case", params("code_challenge_method", "s256"), "invalid_request"},
		{"a challenge that is no hash", params("code_challenge", "short"), "invalid_request"},
		{"a padded challenge", params("code_challenge", challenge()+"="), "invalid_request"},
		{"an unknown prompt", params("prompt", "create"), "invalid_request"},
		{"none with login", params("prompt", "none login"), "invalid_request"},
		{"none twice", params("prompt", "none none"), "invalid_request"},
		{"a negative max_age", params("max_age", "-1"), "invalid_request"},
		{"a max_age with a fraction", params("max_age", "1.5"), "invalid_request"},
		{"a max_age in words", params("max_age", "soon"), "invalid_request"},
		{"a request object", params("request", "e30.e30."), "request_not_supported"},
		{"a request by reference", params("request_uri", "https://town.example/r"), "request_uri_not_supported"},
		{"a registration", params("registration", "{}"), "registration_not_supported"},
		{"claims that are no JSON", params("claims", "{"), "invalid_request"},
		{"claims that are a list", params("claims", "[]"), "invalid_request"},
		{"claims that are null", params("claims", "null"), "invalid_request"},
		{"claims with a text as member", params("claims", `{"id_token":"acr"}`), "invalid_request"},
		{"an essential acr that nobody knows", params("claims", `{"id_token":{"acr":{"essential":true,"values":["gold"]}}}`), "unmet_authentication_requirements"},
		{"an essential method that nobody knows", params("claims", `{"id_token":{"method":{"essential":true,"value":"magic"}}}`), "unmet_authentication_requirements"},
		{"an essential registration level that nobody knows", params("claims", `{"id_token":{"registration_level":{"essential":true,"value":"gold"}}}`), "unmet_authentication_requirements"},
		{"a hint that is no token", params("id_token_hint", "x.y.z"), "invalid_request"},
		{"a repeated scope", many("scope", "openid", "openid profile"), "invalid_request"},
		{"a repeated nonce", many("nonce", "a", "b"), "invalid_request"},
		{"a repeated challenge", many("code_challenge", challenge(), challenge()), "invalid_request"},
		{"a repeated unknown parameter", many("x", "1", "2"), "invalid_request"},
		{"a nonce that is too long", params("nonce", strings.Repeat("n", 1025)), "invalid_request"},
		{"a nonce with a control character", params("nonce", "a\x00b"), "invalid_request"},
		{"a nonce that is not UTF-8", params("nonce", "a\xffb"), "invalid_request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			got := w.get("/authorize", c.request)
			if got.StatusCode != http.StatusSeeOther {
				t.Fatalf("answered %d", got.StatusCode)
			}
			back := sentBack(t, got)
			if back.Get("error") != c.want || back.Get("error_description") == "" || back.Get("state") != "state-1" || back.Get("iss") != issuer || back.Has("code") {
				t.Errorf("sent back %v", back)
			}
			if len(w.broker.opened) != 0 {
				t.Error("a login was opened")
			}
		})
	}
}

func TestStateComesBackAsItWasSentOrNotAtAll(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		state []string
		want  string
	}{
		{"2 kB", []string{strings.Repeat("s", 2048)}, strings.Repeat("s", 2048)},
		{"4 kB", []string{strings.Repeat("s", 4096)}, strings.Repeat("s", 4096)},
		{"more than 4 kB", []string{strings.Repeat("s", 4097)}, ""},
		{"signs that addresses escape", []string{`&code=x#"<ñ+ %`}, `&code=x#"<ñ+ %`},
		{"two", []string{"a", "b"}, ""},
		{"a line break", []string{"a\r\nSet-Cookie: x"}, ""},
		{"none", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			v := params("response_type", "token")
			delete(v, "state")
			if c.state != nil {
				v["state"] = c.state
			}
			if got := sentBack(t, w.get("/authorize", v)); got.Get("state") != c.want || got.Has("state") != (c.want != "") {
				t.Errorf("got %q", got.Get("state"))
			}
		})
	}
}

func TestARequestWithoutAProvenAddressGetsAPage(t *testing.T) {
	t.Parallel()
	two := params()
	two["redirect_uri"] = []string{redirect, redirect}
	twoClients := params()
	twoClients["client_id"] = []string{"town-web", "town-web"}
	large := params()
	for range 10 {
		large.Add("x", strings.Repeat("y", 4000))
	}
	for _, c := range []struct {
		name    string
		request url.Values
		want    string
	}{
		{"nothing at all", url.Values{}, "missing_client_id"},
		{"no client", params("client_id", ""), "missing_client_id"},
		{"two clients", twoClients, "missing_client_id"},
		{"an unknown client", params("client_id", "village-web"), "unknown_client_id"},
		{"another case", params("client_id", "Town-Web"), "unknown_client_id"},
		{"no redirect URI", params("redirect_uri", ""), "missing_redirect_uri"},
		{"two redirect URIs", two, "missing_redirect_uri"},
		{"a foreign redirect URI", params("redirect_uri", "https://evil.example/callback"), "unregistered_redirect_uri"},
		{"too much of everything", large, "unreadable_request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, got := range []*http.Response{w.get("/authorize", c.request), w.postFromElsewhere("/authorize", c.request)} {
				body := readAll(t, got)
				if got.StatusCode != http.StatusBadRequest || got.Header.Get("Location") != "" {
					t.Errorf("answered %d %s", got.StatusCode, got.Header.Get("Location"))
				}
				if !strings.Contains(body, c.want) || strings.Contains(body, "http-equiv") || strings.Contains(body, `"https://evil.example`) {
					t.Errorf("the page does not say %s, or leads away", c.want)
				}
			}
		})
	}
}

// TestOpenRedirects holds what attackers try against a comparison of addresses.
func TestOpenRedirects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, uri := range []string{
		"https://town.example/callback", "https://town.example/callback?tenant=2", "https://town.example/callback?tenant=1&x=2",
		"https://town.example/callback?tenant=1#", "https://town.example/callback?tenant=1#x", "https://town.example/callback?tenant=%31",
		"https://TOWN.example/callback?tenant=1", "HTTPS://town.example/callback?tenant=1", "http://town.example/callback?tenant=1",
		"https://town.example:443/callback?tenant=1", "https://town.example/Callback?tenant=1", "https://town.example/callback/?tenant=1",
		"https://town.example/x/../callback?tenant=1", "https://town.example/./callback?tenant=1", "https://town.example//callback?tenant=1",
		"https://town.example/%63allback?tenant=1", "https://town.example%2ecallback?tenant=1", "https://town.example.evil.example/callback?tenant=1",
		"https://evil.example/https://town.example/callback?tenant=1", "https://town.example@evil.example/callback?tenant=1",
		"https://evil.example\\@town.example/callback?tenant=1", "https://town.example\\evil.example/callback?tenant=1",
		"//town.example/callback?tenant=1", "/callback?tenant=1", "javascript:alert(1)//https://town.example/callback?tenant=1",
		"data:text/html,x", " https://town.example/callback?tenant=1", "https://town.example/callback?tenant=1 ",
		"https://town.example/callback?tenant=1\t", "https://town.example/callback?tenant=1\n", "https://town.example/callback?tenant=1%0d%0aX:y",
		"https://town.example/callback?tenant=1&", "https://town.example/callback?", "https://town.example", "*", "https://*/callback?tenant=1",
		"http://127.0.0.1/callback", "http://localhost:3000/callback", "https%3A%2F%2Ftown.example%2Fcallback%3Ftenant%3D1",
	} {
		got := w.get("/authorize", params("redirect_uri", uri))
		if got.StatusCode != http.StatusBadRequest || got.Header.Get("Location") != "" {
			t.Errorf("%q: answered %d %s", uri, got.StatusCode, got.Header.Get("Location"))
		}
	}
}

func TestLoopbackRedirects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(withClient(func(c *registry.OIDCClient) { publicClient(c); c.LoopbackRedirects, c.RedirectURIs = true, nil }))
	good := []string{
		"http://127.0.0.1/", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb?x=1", "http://[::1]:8080/cb", "http://localhost:3000/a/b",
		"http://localhost", "http://127.0.0.1?x",
	}
	bad := []string{
		"https://127.0.0.1/cb", "http://127.0.0.2/cb", "http://127.1/cb", "http://2130706433/cb", "http://0x7f.0.0.1/", "http://0.0.0.0/",
		"http://localhost.evil.example/", "http://127.0.0.1.evil.example/", "http://evil.example/?http://127.0.0.1/", "http://127.0.0.1:80@evil.example/",
		"http://user@127.0.0.1/", "http://localhost:/cb", "http://localhost:0/", "http://localhost:65536/", "http://localhost:8080x/", "http://localhost:80:80/",
		"http://127.0.0.1\\@evil.example/", "http://127.0.0.1#@evil.example/", "http://localhost%2eevil.example/", "http://[::1].evil.example/",
		"http://[::ffff:127.0.0.1]/", "http://LOCALHOST/", "HTTP://localhost/", "http:/localhost/", "http:localhost", "//localhost/", "http://localhost/\n",
		"http://localhost /", "http://localhost/<script>", `http://localhost/"`, "http://localhóst/",
	}
	for _, uri := range good {
		if got := w.get("/authorize", params("redirect_uri", uri)); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%q is refused with %d", uri, got.StatusCode)
		}
	}
	for _, uri := range bad {
		if got := w.get("/authorize", params("redirect_uri", uri)); got.StatusCode != http.StatusBadRequest {
			t.Errorf("%q is accepted with %d", uri, got.StatusCode)
		}
	}
}

func TestWhatTheBrokerIsAskedFor(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	zero := time.Duration(0)
	low, substantial, high := identity.Low.URI(), identity.Substantial.URI(), identity.High.URI()
	for _, c := range []struct {
		name string
		with []string
		want broker.Request
	}{
		{"nothing more", nil, broker.Request{}},
		{"no page", []string{"prompt", "none"}, broker.Request{Passive: true}},
		{"a new proof", []string{"prompt", "login"}, broker.Request{Fresh: true}},
		{"consent", []string{"prompt", "consent"}, broker.Request{Ask: true}},
		{"a choice of person with a new proof", []string{"prompt", "select_account login"}, broker.Request{Ask: true, Fresh: true}},
		{"a proof of today", []string{"max_age", "86400"}, broker.Request{MaxAge: &day}},
		{"a proof of now", []string{"max_age", "0"}, broker.Request{MaxAge: &zero}},
		{"one level", []string{"acr_values", substantial}, broker.Request{Level: identity.Substantial}},
		{"the lowest of several levels", []string{"acr_values", high + " gold " + substantial}, broker.Request{Level: identity.Substantial}},
		{"unknown levels only", []string{"acr_values", "gold silver http://eidas.europa.eu/LoA/HIGH"}, broker.Request{}},
		{"an essential level", []string{"claims", `{"id_token":{"acr":{"essential":true,"value":"` + high + `"}}}`}, broker.Request{Level: identity.High}},
		{"levels by both ways", []string{"acr_values", low, "claims", `{"id_token":{"acr":{"values":["` + substantial + `"]}}}`}, broker.Request{Level: identity.Substantial}},
		{"claims that are only named", []string{"claims", `{"id_token":{"acr":null,"given_name":{"essential":true}},"userinfo":{"x":{"value":1}},"other":7}`}, broker.Request{}},
		{"a registration in person", []string{"claims", `{"id_token":{"registration_level":{"essential":true,"value":"advanced"}}}`}, broker.Request{Registration: identity.Advanced}},
		{"a wish for a registration", []string{"claims", `{"id_token":{"registration_level":{"value":"advanced"}}}`}, broker.Request{}},
		{"certain methods", []string{"claims", `{"id_token":{"method":{"essential":true,"values":["pin","magic","certificate"]}}}`}, broker.Request{Methods: []identity.Method{identity.PIN, identity.Certificate}}},
		{"a certain person", []string{"claims", `{"id_token":{"sub":{"value":"pairwise-9"}}}`}, broker.Request{Subject: "pairwise-9"}},
		{"languages", []string{"ui_locales", "ca-valencia eu <script> en"}, broker.Request{Languages: []string{"ca-valencia", "eu", "en"}}},
		{"a hint, which only the sandbox keeps", []string{"login_hint", "test:12345678Z"}, broker.Request{}},
		{"a display, which changes nothing", []string{"display", "wap"}, broker.Request{}},
		{"a repeated resource, as RFC 8707 allows", []string{"resource", "x"}, broker.Request{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if got := w.get("/authorize", params(c.with...)); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/login/") {
				t.Fatalf("answered %d %s", got.StatusCode, got.Header.Get("Location"))
			}
			got := w.broker.last(t)
			c.want.Front, c.want.RelyingParty, c.want.ID = "oidc", "town", got.ID
			got.Return, got.Attributes = nil, nil
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheSandboxKeepsTheLoginHint(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *oidc.Config) { c.Sandbox = true })
	w.get("/authorize", params("login_hint", "test:12345678Z"))
	if got := w.broker.last(t).Hint; got != "test:12345678Z" {
		t.Errorf("got %q", got)
	}
}

func TestAttributesFollowScopesAndRegistration(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, scope string
		allowed     []identity.Attribute
		want        []identity.Attribute
	}{
		{"openid alone", "openid", identity.AllAttributes(), nil},
		{"profile", "openid profile", identity.AllAttributes(), []identity.Attribute{identity.GivenName, identity.FamilyName, identity.FirstSurname, identity.SecondSurname, identity.BirthDate}},
		{"document", "openid document", identity.AllAttributes(), []identity.Attribute{identity.DocumentNumber, identity.DocumentType}},
		{"no more than registered", "openid profile document", []identity.Attribute{identity.GivenName, identity.DocumentNumber}, []identity.Attribute{identity.GivenName, identity.DocumentNumber}},
		{"unknown scopes", "openid email phone address", identity.AllAttributes(), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			party := town()
			party.Attributes = c.allowed
			w.register(party)
			w.get("/authorize", params("scope", c.scope))
			if diff := cmp.Diff(c.want, w.broker.last(t).Attributes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestScopesThatAreNotRegisteredAreNotGranted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(withClient(func(c *registry.OIDCClient) { c.Scopes = []string{"openid", "profile"} }))
	got := w.tokens(w.redeem(w.login(params("scope", "openid profile document offline_access"))))
	if got.Scope != "openid profile" || got.RefreshToken != "" {
		t.Errorf("granted %q", got.Scope)
	}
}

func TestAHintNamesTheSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(town(), other())
	token := w.tokens(w.redeem(w.login(params()))).IDToken
	w.clock.Pass(30 * 24 * time.Hour) // expired long ago
	w.get("/authorize", params("id_token_hint", token))
	if got := w.broker.last(t).Subject; got != "pairwise-1" {
		t.Errorf("asked for %q", got)
	}
	refused := func(name string, v url.Values) {
		t.Helper()
		opened := len(w.broker.opened)
		got := w.get("/authorize", v)
		where, err := url.Parse(got.Header.Get("Location"))
		if err != nil || where.Query().Get("error") != "invalid_request" || len(w.broker.opened) != opened {
			t.Errorf("%s: %d %s", name, got.StatusCode, where)
		}
	}
	refused("a hint of another client", with(params("id_token_hint", token), "client_id", "other-web", "redirect_uri", "https://other.example/cb"))
	refused("two subjects", params("id_token_hint", token, "claims", `{"id_token":{"sub":{"value":"somebody"}}}`))
	refused("a changed hint", params("id_token_hint", token[:len(token)-6]+"AAAAAA"))
}

// other is a relying party beside town.
func other() *registry.RelyingParty {
	party := withClient(func(c *registry.OIDCClient) {
		c.ClientID, c.RedirectURIs, c.PostLogoutRedirectURIs = "other-web", []string{"https://other.example/cb"}, nil
	})
	party.ID, party.Sector = "other", "other"
	return party
}

func TestFormPostAnswersByAFormToExactlyTheTarget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.login(params("response_mode", "form_post", "state", `"><script>`))
	recorder := httptest.NewRecorder()
	w.front.Answer(recorder, httptest.NewRequest(http.MethodGet, issuer+"/login/x", nil), w.broker.last(t), []byte(code), broker.ByRedirect)
	got := recorder.Result()
	body := readAll(t, got)
	for _, want := range []string{`action="https://town.example/callback?tenant=1"`, `name="code" value="` + code + `"`, `name="iss" value="` + issuer + `"`, `value="&#34;&gt;&lt;script&gt;"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if csp := got.Header.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "form-action 'self' https://town.example/callback") {
		t.Errorf("policy %q", csp)
	}
	refused := w.get("/authorize", params("response_mode", "form_post", "response_type", "token"))
	if body := readAll(t, refused); !strings.Contains(body, `name="error" value="unsupported_response_type"`) || !strings.Contains(body, `name="state" value="state-1"`) {
		t.Errorf("a refusal ignores form_post: %d", refused.StatusCode)
	}
}

func TestReasonsOfTheBrokerAreSaidInTheProtocol(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.get("/authorize", params())
	for _, reason := range broker.Reasons() {
		for _, via := range []broker.Via{broker.ByPage, broker.ByRedirect} {
			recorder := httptest.NewRecorder()
			w.front.Refuse(recorder, httptest.NewRequest(http.MethodGet, issuer+"/login/x", nil), w.broker.last(t), reason, via)
			back := sentBack(t, recorder.Result())
			if back.Get("error") != reason.Meaning().OIDC || back.Get("error_description") == "" || back.Get("state") != "state-1" || back.Get("iss") != issuer {
				t.Errorf("%s: %v", reason, back)
			}
		}
	}
}

func TestAPostedRequestIsCheckedBeforeItIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.postFromElsewhere("/authorize", params("response_type", "token"))
	if got.StatusCode != http.StatusOK || sentBack(t, got).Get("error") != "unsupported_response_type" {
		t.Errorf("answered %d", got.StatusCode)
	}
	r := httptest.NewRequest(http.MethodPost, issuer+"/authorize?"+params().Encode(), strings.NewReader(params().Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if got := w.do(r); got.StatusCode != http.StatusBadRequest {
		t.Errorf("parameters in both places: answered %d", got.StatusCode)
	}
}

func TestAHandleOfAuthorizeDoesNotOpenLogout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	where := w.postFromElsewhere("/authorize", params()).Header.Get("Location")
	where = strings.Replace(where, "/authorize", "/end_session", 1)
	if got := w.do(httptest.NewRequest(http.MethodGet, issuer+where, nil)); got.StatusCode != http.StatusBadRequest {
		t.Errorf("answered %d", got.StatusCode)
	}
	w.clock.Pass(5 * time.Minute)
	late := w.postFromElsewhere("/authorize", params()).Header.Get("Location")
	w.clock.Pass(5 * time.Minute)
	if got := w.do(httptest.NewRequest(http.MethodGet, issuer+late, nil)); got.StatusCode != http.StatusBadRequest {
		t.Errorf("a late handle answered %d", got.StatusCode)
	}
}

func TestAnswersAreForRegisteredAlgorithmsAndLevels(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{"ES256", "RS256", "PS256", "EdDSA"} {
		t.Run(alg, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(withClient(func(c *registry.OIDCClient) { c.IDTokenSignedResponseAlg = alg; c.ClaimsInIDToken = true }))
			high := `{"id_token":{"acr":{"essential":true,"values":["` + identity.Low.URI() + `","` + identity.High.URI() + `"]}}}`
			header, claims := claimsOf(t, w.tokens(w.redeem(w.login(params("claims", high)))).IDToken)
			if header["alg"] != alg {
				t.Errorf("signed with %v", header["alg"])
			}
			if claims["acr"] != identity.Low.URI() {
				t.Errorf("substantial was reached, low or high asked: answered %v", claims["acr"])
			}
			if claims["document_number"] != "12345678Z" || claims["birthdate"] != "1980-02-03" {
				t.Errorf("registered for claims in the ID token: %v", claims)
			}
		})
	}
}

func TestTheUnregisteredHaveNoRegistrationLevel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.login(params(), func(o *broker.Outcome) {
		o.Method, o.Registration, o.Channel = identity.Certificate, identity.NoRegistration, ""
	})
	_, claims := claimsOf(t, w.tokens(w.redeem(code)).IDToken)
	for _, name := range []string{"registration_level", "registration_channel"} {
		if slices.Contains(keysOf(claims), name) {
			t.Errorf("the ID token has %s %v", name, claims[name])
		}
	}
}

func keysOf(m map[string]any) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	return names
}
