package e2e

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// reply is what an endpoint says to a relying party.
type reply struct {
	status int
	header http.Header
	body   map[string]any
}

// post calls an endpoint as the attempt's client, authenticated as it is
// registered, or as the script says.
func (w *world) post(path string, form url.Values, auth string) (reply, error) {
	p := w.attempt.party
	if auth == "" {
		auth = p.auth
	}
	switch auth {
	case "none":
		form.Set("client_id", p.id)
	case "post":
		form.Set("client_id", p.id)
		form.Set("client_secret", p.secret)
	case "key":
		if !form.Has("client_assertion") {
			proof, err := w.assertion(p.id)
			if err != nil {
				return reply{}, err
			}
			form.Set("client_assertion", proof)
		}
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	}
	r, err := http.NewRequest(http.MethodPost, w.origin+path, strings.NewReader(form.Encode()))
	if err != nil {
		return reply{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if auth == "basic" {
		r.SetBasicAuth(url.QueryEscape(p.id), url.QueryEscape(p.secret))
	}
	return w.call(r)
}

func (w *world) call(r *http.Request) (reply, error) {
	answer, err := w.client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return reply{}, err
	}
	got := reply{status: answer.StatusCode, header: answer.Header, body: map[string]any{}}
	if len(body) == 0 {
		return got, nil
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	if err := d.Decode(&got.body); err != nil {
		return got, fmt.Errorf("%s: status %d, and no JSON: %w", r.URL.Path, answer.StatusCode, err)
	}
	return got, nil
}

// wants compares a reply; an error is refused unless the script wants one.
func (r reply) wants(wanted url.Values) error {
	if code, failed := r.body["error"]; failed && !wanted.Has("error") {
		return fmt.Errorf("status %d, error %v: %v", r.status, code, r.body["error_description"])
	}
	if cache := r.header.Get("Cache-Control"); !strings.Contains(cache, "no-store") {
		return fmt.Errorf("the answer may be stored: Cache-Control is %q", cache)
	}
	if status := wanted.Get("status"); status != "" && status != fmt.Sprint(r.status) {
		return fmt.Errorf("the status is %d, not %s", r.status, status)
	}
	wanted.Del("status")
	return match(r.body, wanted)
}

// take moves a value that the script sets out of those that it wants.
func take(from url.Values, name, otherwise string) string {
	if values, set := from[name]; set {
		from.Del(name)
		return values[0]
	}
	return otherwise
}

// redeem gives the code for tokens.
func (w *world) redeem(words url.Values) error {
	a := w.attempt
	if a == nil {
		return errors.New("no login was begun")
	}
	form := url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {take(words, "code", a.answer.Get("code"))},
		"redirect_uri":  {take(words, "redirect_uri", a.redirect)},
		"code_verifier": {take(words, "code_verifier", a.verifier)},
	}
	if proof := take(words, "assertion", ""); proof != "" {
		form.Set("client_assertion", proof)
	}
	got, err := w.post("/token", form, take(words, "auth", ""))
	if err != nil {
		return err
	}
	if err := got.wants(words); err != nil || got.body["error"] != nil {
		return err
	}
	a.spent = form.Get("code")
	return w.keepTokens(got, true)
}

// refresh renews the tokens.
func (w *world) refresh(words url.Values) error {
	form := url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {take(words, "refresh_token", w.token("refresh_token"))},
	}
	if scope := take(words, "scope", ""); scope != "" {
		form.Set("scope", scope)
	}
	got, err := w.post("/token", form, take(words, "auth", ""))
	if err != nil {
		return err
	}
	if err := got.wants(words); err != nil || got.body["error"] != nil {
		return err
	}
	return w.keepTokens(got, false)
}

func (w *world) token(name string) string {
	if w.attempt == nil {
		return ""
	}
	value, _ := w.attempt.tokens[name].(string)
	return value
}

// keepTokens keeps what came, and checks the ID token as a relying party must.
func (w *world) keepTokens(got reply, first bool) error {
	a := w.attempt
	if a.tokens == nil {
		a.tokens = map[string]any{}
	}
	for name, value := range got.body {
		a.tokens[name] = value
	}
	claims, err := w.verify(a)
	if err != nil {
		return fmt.Errorf("checking the ID token: %w", err)
	}
	nonce, _ := claims["nonce"].(string)
	if first && nonce != a.nonce {
		return errors.New("the ID token has another nonce")
	}
	if old := a.claims["sub"]; old != nil && old != claims["sub"] {
		return errors.New("the ID token names another subject than before")
	}
	a.claims = claims
	return nil
}

// verify checks signature, issuer, audience, times and at_hash.
// Source: OpenID Connect Core 1.0, sections 3.1.3.7 and 3.1.3.8.
func (w *world) verify(a *attempt) (map[string]any, error) {
	signed, err := jose.ParseSignedCompact(w.token("id_token"), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(a.alg)})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodGet, w.origin+"/jwks.json", nil)
	if err != nil {
		return nil, err
	}
	answer, err := w.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var set jose.JSONWebKeySet
	if err := json.NewDecoder(answer.Body).Decode(&set); err != nil {
		return nil, err
	}
	found := set.Key(signed.Signatures[0].Protected.KeyID)
	if len(found) != 1 {
		return nil, fmt.Errorf("%d published keys have the token's kid", len(found))
	}
	payload, err := signed.Verify(found[0])
	if err != nil {
		return nil, err
	}
	var claims map[string]any
	d := json.NewDecoder(strings.NewReader(string(payload)))
	d.UseNumber()
	if err := d.Decode(&claims); err != nil {
		return nil, err
	}
	claims["kid"] = signed.Signatures[0].Protected.KeyID // for the scripts about rotation
	return claims, w.checkClaims(a, claims)
}

func (w *world) checkClaims(a *attempt, claims map[string]any) error {
	number := func(name string) time.Time {
		n, _ := claims[name].(json.Number)
		seconds, _ := n.Int64() // none is the epoch, which is too long ago
		return time.Unix(seconds, 0)
	}
	now := time.Now()
	hash := sha256.Sum256([]byte(w.token("access_token")))
	half := hash[:16]
	if a.alg == "EdDSA" {
		hash := sha512.Sum512([]byte(w.token("access_token")))
		half = hash[:32]
	}
	switch {
	case claims["iss"] != w.origin:
		return fmt.Errorf("iss is %v", claims["iss"])
	case claims["aud"] != a.id:
		return fmt.Errorf("aud is %v", claims["aud"])
	case claims["at_hash"] != base64.RawURLEncoding.EncodeToString(half):
		return errors.New("at_hash is not that of the access token")
	case !now.Before(number("exp")), now.Add(time.Minute).Before(number("iat")), now.Sub(number("iat")) > time.Hour:
		return errors.New("iat and exp do not include now")
	case now.Sub(number("auth_time")) > time.Hour:
		return errors.New("auth_time is long ago")
	}
	return nil
}

// userinfo asks who the citizen is.
func (w *world) userinfo(words url.Values) error {
	r, err := http.NewRequest(http.MethodGet, w.origin+"/userinfo", nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+take(words, "token", w.token("access_token")))
	got, err := w.call(r)
	if err != nil {
		return err
	}
	challenge := got.header.Get("WWW-Authenticate")
	if got.status == http.StatusUnauthorized && got.body["error"] == nil && strings.Contains(challenge, `error="invalid_token"`) {
		got.body["error"] = "invalid_token" // RFC 6750 says it in the header
	}
	if err := got.wants(words); err != nil || got.body["error"] != nil {
		return err
	}
	if got.body["sub"] != w.attempt.claims["sub"] {
		return errors.New("userinfo names another subject than the ID token")
	}
	return nil
}

// introspect asks about a token.
func (w *world) introspect(words url.Values) error {
	form := url.Values{"token": {take(words, "token", w.token("access_token"))}}
	got, err := w.post("/introspect", form, take(words, "auth", ""))
	if err != nil {
		return err
	}
	return got.wants(words)
}

// revoke ends a token.
func (w *world) revoke(words url.Values) error {
	form := url.Values{"token": {take(words, "token", w.token("access_token"))}}
	got, err := w.post("/revoke", form, take(words, "auth", ""))
	if err != nil {
		return err
	}
	return got.wants(words)
}
