package oidc_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/audit/audittest"
	"clave/broker"
	"clave/broker/logout"
	"clave/broker/registry"
	"clave/identity"
	"clave/idp/oidc"
	"clave/idp/oidc/oidctest"
	"clave/internal/clocktest"
	"clave/keys"
	"clave/keys/keystest"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/route"

	"github.com/gorilla/mux"
)

const (
	issuer     = "https://clave.example"
	secret     = "town-secret-that-nobody-guesses"
	redirect   = "https://town.example/callback?tenant=1"
	verifier   = "a-verifier-of-more-than-forty-three-characters-0123"
	postLogout = "https://town.example/bye"
)

// world is a front with a broker that does what the test says.
type world struct {
	t       testing.TB
	front   *oidc.Front
	handler http.Handler
	store   *oidctest.Memory
	ring    *keys.Keyring
	parties *parties
	broker  *fakeBroker
	clock   *clocktest.Clock
	trail   *audittest.Trail
	after   logout.After // of the last logout
}

type parties struct {
	current atomic.Pointer[registry.Snapshot]
}

func (p *parties) Snapshot() *registry.Snapshot { return p.current.Load() }

// fakeBroker keeps the requests that it is given and is asked for one session.
type fakeBroker struct {
	mu      sync.Mutex
	opened  []broker.Request
	session broker.SessionID
	ended   int
}

func (b *fakeBroker) Open(w http.ResponseWriter, r *http.Request, req broker.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	req.ID = broker.LoginID("login" + strings.Repeat("x", len(b.opened)))
	b.opened = append(b.opened, req)
	http.Redirect(w, r, "/login/"+string(req.ID), http.StatusSeeOther)
}

func (b *fakeBroker) last(t testing.TB) broker.Request {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.opened) == 0 {
		t.Fatal("the broker was given no request")
	}
	return b.opened[len(b.opened)-1]
}

func (b *fakeBroker) Current(r *http.Request) (broker.SessionID, bool) {
	// As a Lax cookie: it does not come with a post from another site.
	if r.Method == http.MethodPost && r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		return "", false
	}
	return b.session, b.session != ""
}

// Start ends the session and answers at once, as where no other service can be told.
func (w *world) Start(rw http.ResponseWriter, r *http.Request, after logout.After) {
	if _, live := w.broker.Current(r); live {
		w.broker.ended++
		w.broker.session = ""
	}
	w.after = after
	via := broker.ByRedirect
	if r.Method == http.MethodPost {
		via = broker.ByPage
	}
	w.front.LoggedOut(rw, r, after.State, true, via)
}

// enginePages is one engine for all worlds: it never changes, and takes long to make.
var enginePages = sync.OnceValue(func() *page.Engine {
	texts, err := lang.Load()
	if err != nil {
		panic(err)
	}
	engine := page.New(texts, page.Frame{Secure: true, Log: quiet()})
	engine.Compare(func(err error) { panic(err) })
	return engine
})

func TestMain(m *testing.M) {
	slog.SetDefault(quiet()) // package op logs by the global logger
	m.Run()
}

func newWorld(t testing.TB, change ...func(*oidc.Config)) *world {
	t.Helper()
	w := &world{t: t, store: oidctest.NewMemory(), parties: &parties{}, broker: &fakeBroker{}, clock: clocktest.Noon(), trail: &audittest.Trail{}}
	ring, err := keys.Open(context.Background(), keystest.FixedStore(t), keystest.FixedMaster(t), w.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	w.ring = ring
	w.register(town())
	pages := enginePages()
	c := oidc.Config{
		Issuer: issuer, Parties: w.parties, Signers: w.ring.OIDC(), Tx: w.store, Trail: w.trail,
		Codes: w.store, Tokens: w.store, Once: w.store, Broker: w.broker, Sessions: w.broker, Logouts: w,
		Pages: pages, Log: quiet(), Now: w.clock.Now,
	}
	for _, f := range change {
		f(&c)
	}
	if w.front, err = oidc.New(c); err != nil {
		t.Fatal(err)
	}
	router := mux.NewRouter()
	open := func(next http.Handler) http.Handler { return next }
	err = route.Mount(router, w.front.Routes(), route.Guards{
		RelyingParty: open, Fail: pages.ErrorPage, Log: quiet(), Secure: true, Origins: []string{issuer},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.handler = router
	return w
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func (w *world) register(all ...*registry.RelyingParty) {
	w.parties.current.Store(registry.NewSnapshot(1, all))
}

// town is a relying party with a confidential client.
func town() *registry.RelyingParty {
	hash := sha256.Sum256([]byte(secret))
	return &registry.RelyingParty{
		ID: "town", Name: registry.Names{"es": "Ayuntamiento de Ejemplo"}, Sector: "town",
		Attributes: identity.AllAttributes(),
		OIDC: []registry.OIDCClient{{
			ClientID: "town-web", SecretHash: hash[:], TokenEndpointAuthMethod: "client_secret_basic",
			RedirectURIs: []string{redirect}, PostLogoutRedirectURIs: []string{postLogout},
			GrantTypes: []string{"authorization_code"}, PKCE: "required", IDTokenSignedResponseAlg: "ES256",
		}},
	}
}

// withClient is town with its client changed.
func withClient(change func(*registry.OIDCClient)) *registry.RelyingParty {
	party := town()
	change(&party.OIDC[0])
	return party
}

func publicClient(c *registry.OIDCClient) {
	c.SecretHash, c.TokenEndpointAuthMethod = nil, "none"
	c.GrantTypes = []string{"authorization_code", "refresh_token"}
}

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// params joins pairs of name and value with those of a good request; an empty
// value takes a parameter away.
func params(pairs ...string) url.Values {
	v := url.Values{
		"client_id": {"town-web"}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"openid profile document registration"},
		"state": {"state-1"}, "nonce": {"nonce-1"}, "code_challenge": {challenge()}, "code_challenge_method": {"S256"},
	}
	return with(v, pairs...)
}

func with(v url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			v.Del(pairs[i])
		} else {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v
}

func (w *world) do(r *http.Request) *http.Response {
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	return recorder.Result()
}

func (w *world) get(path string, v url.Values) *http.Response {
	address := issuer + path
	if len(v) > 0 {
		address += "?" + v.Encode()
	}
	return w.do(httptest.NewRequest(http.MethodGet, address, nil))
}

// postFromElsewhere is a form that a page of another site sends.
func (w *world) postFromElsewhere(path string, v url.Values) *http.Response {
	r := httptest.NewRequest(http.MethodPost, issuer+path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://town.example")
	return w.do(r)
}

// call is a call by the relying party's server.
func (w *world) call(path string, v url.Values, change ...func(*http.Request)) *http.Response {
	r := httptest.NewRequest(http.MethodPost, issuer+path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, f := range change {
		f(r)
	}
	return w.do(r)
}

func basic(r *http.Request) { r.SetBasicAuth("town-web", secret) }

func outcome(req broker.Request) broker.Outcome {
	return broker.Outcome{
		Login: req.ID, Session: "session-1", RelyingParty: req.RelyingParty, Person: "person-1", Subject: "pairwise-1",
		Level: identity.Substantial, Method: identity.PIN, Factors: []string{"otp", "sms", "mfa"},
		AuthTime: time.Date(2026, 11, 21, 11, 59, 0, 0, time.UTC), Registration: identity.Advanced, Channel: identity.ByOffice,
		Attributes: person().Only(req.Attributes),
	}
}

func person() identity.Attributes {
	return identity.Attributes{
		GivenName: "Ana", FamilyName: "García Ruiz", FirstSurname: "García", SecondSurname: "Ruiz",
		BirthDate: identity.Date{Year: 1980, Month: 2, Day: 3}, DocumentNumber: "12345678Z", DocumentKind: identity.DNI,
	}
}

// login walks from authorize to the code, as a citizen who succeeds.
func (w *world) login(v url.Values, change ...func(*broker.Outcome)) string {
	w.t.Helper()
	if got := w.get("/authorize", v); got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(got.Header.Get("Location"), "/login/") {
		w.t.Fatalf("authorize answered %d %s", got.StatusCode, got.Header.Get("Location"))
	}
	return w.finish(w.broker.last(w.t), change...)
}

func (w *world) finish(req broker.Request, change ...func(*broker.Outcome)) string {
	w.t.Helper()
	out := outcome(req)
	out.SessionEndsAt = w.clock.Now().Add(12 * time.Hour)
	for _, f := range change {
		f(&out)
	}
	w.store.SetState(out.Person, identity.Registered)
	w.store.SetSession(out.Session, w.clock.Now().Add(time.Hour))
	answer, err := w.front.Issue(context.Background(), req, out)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(answer)
}

func (w *world) redeem(code string, change ...func(*http.Request)) *http.Response {
	return w.call("/token", codeForm(code), append([]func(*http.Request){basic}, change...)...)
}

func codeForm(code string, pairs ...string) url.Values {
	return with(url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {verifier},
	}, pairs...)
}

type tokens struct {
	AccessToken  string `json:"access_token"`
	IDToken      string `json:"id_token"`
	RefreshToken string `json:"refresh_token"`
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope"`
	ExpiresIn    int    `json:"expires_in"`
}

func (w *world) tokens(got *http.Response) tokens {
	w.t.Helper()
	body := readAll(w.t, got)
	if got.StatusCode != http.StatusOK {
		w.t.Fatalf("token endpoint answered %d %s", got.StatusCode, body)
	}
	var all tokens
	if err := json.Unmarshal([]byte(body), &all); err != nil {
		w.t.Fatal(err)
	}
	return all
}

// wantError checks a JSON error and returns its description.
func wantError(t testing.TB, got *http.Response, status int, code string) string {
	t.Helper()
	body := readAll(t, got)
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal([]byte(body), &said); err != nil {
		t.Fatalf("status %d, body %q: %v", got.StatusCode, body, err)
	}
	if got.StatusCode != status || said.Error != code {
		t.Fatalf("answered %d %s (%s), want %d %s", got.StatusCode, said.Error, said.Description, status, code)
	}
	return said.Description
}

func readAll(t testing.TB, got *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// sentBack reads the parameters that the browser takes back to the relying party.
func sentBack(t testing.TB, got *http.Response) url.Values {
	t.Helper()
	where := got.Header.Get("Location")
	if got.StatusCode == http.StatusOK {
		found := regexp.MustCompile(`http-equiv="refresh" content="0;url=([^"]*)"`).FindStringSubmatch(readAll(t, got))
		if found == nil {
			t.Fatal("the page does not lead anywhere")
		}
		where = html.UnescapeString(found[1])
	}
	if !strings.HasPrefix(where, redirect+"&") {
		t.Fatalf("status %d, leads to %q", got.StatusCode, where)
	}
	u, err := url.Parse(where)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// claimsOf reads a token without checking it.
func claimsOf(t testing.TB, token string) (header, claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("the token has %d parts", len(parts))
	}
	for i, into := range []*map[string]any{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

func (w *world) userinfo(token string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, issuer+"/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return w.do(r)
}
