package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// The relying parties of OpenID Connect have a client each, named after what its logins
// are by.
const (
	clientSecret = "load-secret-that-is-long-enough-to-pass-for-random"
	callback     = home + "callback"
	scope        = "openid profile document registration"
)

// oidcClient is what a service is registered with.
func oidcClient(s service) string {
	return fmt.Sprintf(`  oidc:
    - client_id: %s
      client_secret: %s
      token_endpoint_auth_method: client_secret_basic
      redirect_uris: [%q]
      grant_types: [authorization_code]
      scope: openid profile document registration
      id_token_signed_response_alg: ES256
      pkce: required
`, s.name, clientSecret, callback)
}

// party is a relying party that has read discovery and the keys once, as
// libraries do.
type party struct {
	client, issuer             string
	authorize, token, userinfo *url.URL
	keys                       map[string]jose.JSONWebKey
}

func discover(ctx context.Context, b *browser, issuer string) (func(service) (relyingParty, error), error) {
	var said struct {
		Issuer        string `json:"issuer"`
		Authorization string `json:"authorization_endpoint"`
		Token         string `json:"token_endpoint"`
		Userinfo      string `json:"userinfo_endpoint"`
		JWKS          string `json:"jwks_uri"`
	}
	if err := fetch(ctx, b, issuer+"/.well-known/openid-configuration", &said); err != nil {
		return nil, err
	}
	var set jose.JSONWebKeySet
	if err := fetch(ctx, b, said.JWKS, &set); err != nil {
		return nil, err
	}
	p := &party{issuer: said.Issuer, keys: map[string]jose.JSONWebKey{}}
	for _, k := range set.Keys {
		p.keys[k.KeyID] = k
	}
	for text, into := range map[string]**url.URL{said.Authorization: &p.authorize, said.Token: &p.token, said.Userinfo: &p.userinfo} {
		u, err := url.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("reading discovery: %w", err)
		}
		*into = u
	}
	return func(s service) (relyingParty, error) {
		one := *p
		one.client = s.name
		return &one, nil
	}, nil
}

func fetch(ctx context.Context, b *browser, address string, into any) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	a, err := b.get(ctx, u)
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return fmt.Errorf("reading %s: status %d", u.Path, a.status)
	}
	return json.Unmarshal([]byte(a.body), into)
}

// secrets are what a relying party remembers while a citizen is away.
type secrets struct{ state, nonce, verifier string }

// begin implements relyingParty.
func (p *party) begin() (attempt, error) {
	t := secrets{rand.Text(), rand.Text(), rand.Text() + rand.Text()}
	challenge := sha256.Sum256([]byte(t.verifier))
	address := *p.authorize
	address.RawQuery = url.Values{
		"response_type": {"code"}, "client_id": {p.client}, "redirect_uri": {callback}, "scope": {scope},
		"state": {t.state}, "nonce": {t.nonce},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}.Encode()
	return attempt{request{to: &address}, func(ctx context.Context, b *browser, back request) error {
		return p.finish(ctx, b, t, back.to)
	}}, nil
}

// finish redeems what came back, checks the ID token and asks userinfo.
func (p *party) finish(ctx context.Context, web *browser, t secrets, back *url.URL) error {
	q := back.Query()
	if q.Get("error") != "" {
		return fmt.Errorf("the login was refused: %s %s", q.Get("error"), q.Get("error_description"))
	}
	if q.Get("state") != t.state || q.Get("iss") != p.issuer {
		return errors.New("state or issuer of the answer are not ours")
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {q.Get("code")}, "redirect_uri": {callback}, "code_verifier": {t.verifier},
	}
	var tokens struct {
		Access string `json:"access_token"`
		ID     string `json:"id_token"`
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(p.client+":"+clientSecret))
	if err := p.call(ctx, web, http.MethodPost, p.token, basic, form, &tokens); err != nil {
		return err
	}
	subject, err := p.verify(tokens.ID, t)
	if err != nil {
		return err
	}
	var person struct {
		Subject  string `json:"sub"`
		Document string `json:"document_number"`
	}
	if err := p.call(ctx, web, http.MethodGet, p.userinfo, "Bearer "+tokens.Access, nil, &person); err != nil {
		return err
	}
	if person.Subject != subject || person.Document == "" {
		return errors.New("userinfo is about somebody else, or nobody")
	}
	return nil
}

// verify checks an ID token as OpenID Connect Core 3.1.3.7 says.
func (p *party) verify(raw string, t secrets) (subject string, err error) {
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return "", fmt.Errorf("reading the ID token: %w", err)
	}
	key, found := p.keys[token.Headers[0].KeyID]
	if !found {
		return "", errors.New("reading the ID token: its key is not published")
	}
	var claims jwt.Claims
	var more struct {
		Nonce string `json:"nonce"`
		ACR   string `json:"acr"`
	}
	if err := token.Claims(key, &claims, &more); err != nil {
		return "", fmt.Errorf("verifying the ID token: %w", err)
	}
	if err := claims.Validate(jwt.Expected{Issuer: p.issuer, AnyAudience: jwt.Audience{p.client}, Time: time.Now()}); err != nil {
		return "", fmt.Errorf("verifying the ID token: %w", err)
	}
	if more.Nonce != t.nonce || !strings.HasPrefix(more.ACR, "http://eidas.europa.eu/LoA/") {
		return "", errors.New("verifying the ID token: nonce or acr are not what was asked for")
	}
	return claims.Subject, nil
}

func (p *party) call(ctx context.Context, web *browser, method string, at *url.URL, authorization string, form url.Values, into any) error {
	var body string
	if form != nil {
		body = form.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, at.String(), strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", authorization)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	started := time.Now()
	response, err := web.web.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, at.Path, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		var said struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
		}
		_ = json.NewDecoder(response.Body).Decode(&said) // the status alone is enough
		return fmt.Errorf("%s %s: status %d %s %s", method, at.Path, response.StatusCode, said.Error, said.Description)
	}
	err = json.NewDecoder(response.Body).Decode(into)
	web.timings.add(method+" "+at.Path, time.Since(started))
	return err
}
