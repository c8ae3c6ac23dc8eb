package oidc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/broker/registry"
	"clave/idp/oidc"

	"github.com/go-jose/go-jose/v4"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// clientKey is a key of the relying party.
type clientKey struct {
	private any
	public  jose.JSONWebKey
	alg     jose.SignatureAlgorithm
}

func newClientKey(t testing.TB, alg jose.SignatureAlgorithm, kid string) clientKey {
	t.Helper()
	var private crypto.Signer
	var err error
	switch alg {
	case jose.ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return clientKey{private, jose.JSONWebKey{Key: private.Public(), KeyID: kid, Use: "sig"}, alg}
}

func (k clientKey) sign(t testing.TB, claims map[string]any, header ...any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", k.public.KeyID)
	for i := 0; i < len(header); i += 2 {
		options = options.WithHeader(jose.HeaderKey(header[i].(string)), header[i+1])
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: k.alg, Key: k.private}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func jwks(t testing.TB, keys ...jose.JSONWebKey) json.RawMessage {
	t.Helper()
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func byKey(set json.RawMessage) func(*registry.OIDCClient) {
	return func(c *registry.OIDCClient) {
		c.TokenEndpointAuthMethod, c.SecretHash, c.JWKS = "private_key_jwt", nil, set
	}
}

var assertionNumber atomic.Int64

// good are the claims of a good assertion, changed.
func (w *world) good(change map[string]any) map[string]any {
	claims := map[string]any{
		"iss": "town-web", "sub": "town-web", "aud": issuer, "exp": w.clock.Now().Add(time.Minute).Unix(),
		"iat": w.clock.Now().Unix(), "jti": "jti-" + time.Duration(assertionNumber.Add(1)).String(),
	}
	maps.Copy(claims, change)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

func (w *world) redeemBy(assertion string, pairs ...string) *http.Response {
	return w.call("/token", codeForm("some-code", append([]string{"client_assertion_type", assertionType, "client_assertion", assertion}, pairs...)...))
}

func TestDefect12AssertionsAreForUsFreshAndUsedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newClientKey(t, jose.ES256, "k1")
	w.register(withClient(byKey(jwks(t, key.public))))
	now := w.clock.Now()
	for _, c := range []struct {
		name   string
		change map[string]any
		accept bool
	}{
		{"a good one", nil, true},
		{"the token endpoint as audience", map[string]any{"aud": issuer + "/token"}, true},
		{"a list with one audience", map[string]any{"aud": []string{issuer}}, true},
		{"without iat", map[string]any{"iat": nil}, true},
		{"a clock that runs fast", map[string]any{"iat": now.Add(20 * time.Second).Unix(), "nbf": now.Add(20 * time.Second).Unix()}, true},
		{"a list with us and another", map[string]any{"aud": []string{issuer, "https://evil.example"}}, false},
		{"another audience", map[string]any{"aud": "https://evil.example/token"}, false},
		{"an audience that begins like us", map[string]any{"aud": issuer + ".evil.example"}, false},
		{"a slash more", map[string]any{"aud": issuer + "/"}, false},
		{"no audience", map[string]any{"aud": nil}, false},
		{"an empty list", map[string]any{"aud": []string{}}, false},
		{"another issuer", map[string]any{"iss": "village-web"}, false},
		{"another subject", map[string]any{"sub": "village-web"}, false},
		{"no subject", map[string]any{"sub": nil}, false},
		{"no exp", map[string]any{"exp": nil}, false},
		{"expired", map[string]any{"exp": now.Add(-time.Minute).Unix()}, false},
		{"for an hour", map[string]any{"exp": now.Add(time.Hour).Unix()}, false},
		{"for ever", map[string]any{"exp": 1e300}, false},
		{"not yet", map[string]any{"nbf": now.Add(5 * time.Minute).Unix()}, false},
		{"from the future", map[string]any{"iat": now.Add(5 * time.Minute).Unix()}, false},
		{"no jti", map[string]any{"jti": nil}, false},
		{"an endless jti", map[string]any{"jti": strings.Repeat("j", 257)}, false},
		{"exp as text", map[string]any{"exp": "soon"}, false},
	} {
		got := w.redeemBy(key.sign(t, w.good(c.change)))
		if c.accept { // the code is unknown, but the client is proven
			wantError(t, got, http.StatusBadRequest, "invalid_grant")
			continue
		}
		body := readAll(t, got)
		if got.StatusCode != http.StatusUnauthorized || !strings.Contains(body, "invalid_client") {
			t.Errorf("%s: answered %d %s", c.name, got.StatusCode, body)
		}
	}

	once := key.sign(t, w.good(nil))
	wantError(t, w.redeemBy(once), http.StatusBadRequest, "invalid_grant")
	wantError(t, w.redeemBy(once), http.StatusUnauthorized, "invalid_client")
	wantError(t, w.call("/introspect", url.Values{"token": {"x"}, "client_assertion_type": {assertionType}, "client_assertion": {once}}), http.StatusUnauthorized, "invalid_client")
	got := w.call("/introspect", url.Values{"token": {"x"}, "client_assertion_type": {assertionType}, "client_assertion": {key.sign(t, w.good(nil))}})
	if body := readAll(t, got); got.StatusCode != http.StatusOK || !strings.Contains(body, `"active":false`) {
		t.Errorf("introspection answered %d %s", got.StatusCode, body)
	}
}

func TestAnAssertionSentTwiceAtOnceWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := newClientKey(t, jose.EdDSA, "k1")
	w.register(withClient(byKey(jwks(t, key.public))))
	once := key.sign(t, w.good(nil))
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if w.redeemBy(once).StatusCode == http.StatusBadRequest {
				passed.Add(1)
			}
		})
	}
	wg.Wait()
	if passed.Load() != 1 {
		t.Errorf("it worked %d times", passed.Load())
	}
}

func TestAssertionsInEveryAlgorithm(t *testing.T) {
	t.Parallel()
	for _, alg := range []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.PS256, jose.EdDSA} {
		t.Run(string(alg), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			key := newClientKey(t, alg, "k1")
			w.register(withClient(byKey(jwks(t, key.public))))
			code := w.login(params())
			w.tokens(w.call("/token", codeForm(code, "client_assertion_type", assertionType, "client_assertion", key.sign(t, w.good(nil)))))
		})
	}
}

// TestAlgorithmConfusion signs with what is public, or with nothing.
func TestAlgorithmConfusion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rsaKey, ec := newClientKey(t, jose.RS256, "rsa"), newClientKey(t, jose.ES256, "ec")
	secretKey := jose.JSONWebKey{Key: []byte("0123456789abcdef0123456789abcdef"), KeyID: "oct"}
	forEncryption := newClientKey(t, jose.ES256, "enc")
	forEncryption.public.Use = "enc"
	onlyPS := newClientKey(t, jose.RS256, "ps")
	onlyPS.public.Algorithm = "PS256"
	w.register(withClient(byKey(jwks(t, rsaKey.public, ec.public, secretKey, forEncryption.public, onlyPS.public))))

	hmacWith := func(key any, kid string) string {
		return clientKey{private: key, public: jose.JSONWebKey{KeyID: kid}, alg: jose.HS256}.sign(t, w.good(nil))
	}
	none := func(alg string) string {
		header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"` + alg + `","typ":"JWT"}`))
		claims, err := json.Marshal(w.good(nil))
		if err != nil {
			t.Fatal(err)
		}
		return header + "." + base64.RawURLEncoding.EncodeToString(claims) + "."
	}
	public, err := json.Marshal(rsaKey.public)
	if err != nil {
		t.Fatal(err)
	}
	stranger := newClientKey(t, jose.ES256, "ec")
	typed := func(typ string) string { return ec.sign(t, w.good(nil), "typ", typ) }
	for name, assertion := range map[string]string{
		"none": none("none"), "None": none("None"), "no alg": none(""),
		"HS256 with the public key":        hmacWith(public, "rsa"),
		"HS256 with a registered secret":   hmacWith(secretKey.Key, "oct"),
		"a stranger's key of the same id":  stranger.sign(t, w.good(nil)),
		"a key for encryption":             forEncryption.sign(t, w.good(nil)),
		"a key registered for another alg": onlyPS.sign(t, w.good(nil)),
		"an access token's type":           typed("at+jwt"),
		"a key in the header": clientKey{stranger.private, jose.JSONWebKey{KeyID: "ec"}, jose.ES256}.
			sign(t, w.good(nil), "jwk", stranger.public),
		"an unknown critical header": ec.sign(t, w.good(nil), "crit", []string{"x"}, "x", true),
		"no signature":               strings.TrimSuffix(ec.sign(t, w.good(nil)), "x") + "x.",
		"an empty text":              "..",
	} {
		if got := w.redeemBy(assertion); got.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: answered %d %s", name, got.StatusCode, readAll(t, got))
		}
	}
	wantError(t, w.redeemBy(typed("client-authentication+jwt")), http.StatusBadRequest, "invalid_grant")
}

func TestOurOwnTokensAreNoAssertions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.tokens(w.redeem(w.login(params()))).IDToken
	published := w.ring.OIDC().Published()
	own := jose.JSONWebKey{Key: published[0].Key, KeyID: published[0].ID}
	w.register(withClient(byKey(jwks(t, own))))
	if got := w.redeemBy(token, "client_id", "town-web"); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("answered %d", got.StatusCode)
	}
}

// keyServer publishes a client's keys.
type keyServer struct {
	*httptest.Server
	mu     sync.Mutex
	body   []byte
	status int
	asked  int
}

func newKeyServer(t *testing.T) *keyServer {
	s := &keyServer{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked++
		if s.status == http.StatusFound {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		w.WriteHeader(s.status)
		_, _ = w.Write(s.body)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *keyServer) say(status int, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.body = status, body
}

func (s *keyServer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func TestKeysAreFetchedKeptAndFetchedAgainForANewOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *oidc.Config) { c.Sandbox = true })
	first, second := newClientKey(t, jose.ES256, "k1"), newClientKey(t, jose.ES256, "k2")
	s := newKeyServer(t)
	s.say(http.StatusOK, jwks(t, first.public))
	w.register(withClient(func(c *registry.OIDCClient) { byKey(nil)(c); c.JWKSURI = s.URL + "/keys" }))
	passes := func(key clientKey) {
		t.Helper()
		wantError(t, w.redeemBy(key.sign(t, w.good(nil))), http.StatusBadRequest, "invalid_grant")
	}
	refused := func(key clientKey) {
		t.Helper()
		wantError(t, w.redeemBy(key.sign(t, w.good(nil))), http.StatusUnauthorized, "invalid_client")
	}
	passes(first)
	passes(first)
	refused(second) // too soon after the last fetch to look again
	if got := s.count(); got != 1 {
		t.Errorf("fetched %d times", got)
	}
	s.say(http.StatusOK, jwks(t, first.public, second.public))
	w.clock.Pass(20 * time.Second)
	passes(second)
	if got := s.count(); got != 2 {
		t.Errorf("fetched %d times", got)
	}
	s.say(http.StatusInternalServerError, nil)
	w.clock.Pass(time.Hour)
	passes(first) // the last good answer serves for a day
	w.clock.Pass(25 * time.Hour)
	refused(first)
}

func TestFetchedKeysThatAreNotTrusted(t *testing.T) {
	t.Parallel()
	key := newClientKey(t, jose.ES256, "k1")
	for name, c := range map[string]struct {
		status int
		body   []byte
	}{
		"a redirect":       {http.StatusFound, jwks(t, key.public)},
		"an error":         {http.StatusNotFound, jwks(t, key.public)},
		"no JSON":          {http.StatusOK, []byte("<html>")},
		"more than enough": {http.StatusOK, append(jwks(t, key.public), strings.Repeat(" ", 300<<10)...)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *oidc.Config) { c.Sandbox = true })
			s := newKeyServer(t)
			s.say(c.status, c.body)
			w.register(withClient(func(c *registry.OIDCClient) { byKey(nil)(c); c.JWKSURI = s.URL + "/keys" }))
			wantError(t, w.redeemBy(key.sign(t, w.good(nil))), http.StatusUnauthorized, "invalid_client")
			if got := s.count(); got != 1 {
				t.Errorf("the server was asked %d times", got)
			}
		})
	}
}

// TestKeysAreNotFetchedFromOurOwnNetwork: outside the sandbox only https, and
// never from an address that only we can reach.
func TestKeysAreNotFetchedFromOurOwnNetwork(t *testing.T) {
	t.Parallel()
	key := newClientKey(t, jose.ES256, "k1")
	s := newKeyServer(t)
	s.say(http.StatusOK, jwks(t, key.public))
	tls := httptest.NewTLSServer(s.Config.Handler)
	t.Cleanup(tls.Close)
	for _, uri := range []string{s.URL, tls.URL, "https://localhost:" + tls.URL[strings.LastIndex(tls.URL, ":")+1:], "https://169.254.169.254/", "https://[::1]/", "https://0.0.0.0/", "https://[::ffff:127.0.0.1]/", "file:///etc/passwd", "gopher://x/"} {
		w := newWorld(t)
		w.register(withClient(func(c *registry.OIDCClient) { byKey(nil)(c); c.JWKSURI = uri }))
		wantError(t, w.redeemBy(key.sign(t, w.good(nil))), http.StatusUnauthorized, "invalid_client")
	}
	if got := s.count(); got != 0 {
		t.Errorf("the server was asked %d times", got)
	}
}
