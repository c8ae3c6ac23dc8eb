package oidc_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"clave/broker"
	"clave/identity"

	"github.com/google/go-cmp/cmp"
)

func TestALoginFromAuthorizeToUserinfo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.login(params("acr_values", identity.Low.URI(), "ui_locales", "ca es"))
	req := w.broker.last(t)
	if req.Front != "oidc" || req.RelyingParty != "town" || req.Level != identity.Low || len(req.Attributes) != 7 {
		t.Errorf("the broker was asked for %+v", req)
	}

	recorder := httptest.NewRecorder()
	w.front.Answer(recorder, httptest.NewRequest(http.MethodGet, issuer+"/login/x", nil), req, []byte(code), broker.ByPage)
	back := sentBack(t, recorder.Result())
	want := url.Values{"code": {code}, "iss": {issuer}, "state": {"state-1"}, "tenant": {"1"}}
	if diff := cmp.Diff(want, back); diff != "" {
		t.Error(diff)
	}

	answer := w.redeem(code)
	if got := answer.Header.Get("Cache-Control") + answer.Header.Get("Pragma"); got != "no-storeno-cache" {
		t.Errorf("caching: %q", got)
	}
	got := w.tokens(answer)
	if got.TokenType != "Bearer" || got.ExpiresIn != 300 || got.Scope != "openid profile document registration" || got.RefreshToken != "" {
		t.Errorf("got %+v", got)
	}
	header, claims := claimsOf(t, got.IDToken)
	if header["alg"] != "ES256" || header["typ"] != "JWT" || header["kid"] == nil {
		t.Errorf("header %v", header)
	}
	now := float64(w.clock.Now().Unix())
	for name, want := range map[string]any{
		"iss": issuer, "sub": "pairwise-1", "aud": "town-web", "iat": now, "exp": now + 300, "nonce": "nonce-1",
		"acr": identity.Substantial.URI(), "method": "pin", "registration_level": "advanced", "registration_channel": "office",
		"auth_time": now - 60, "amr": []any{"otp", "sms", "mfa"},
	} {
		if diff := cmp.Diff(want, claims[name]); diff != "" {
			t.Errorf("claim %s: %s", name, diff)
		}
	}
	for _, name := range []string{"given_name", "document_number", "birthdate"} {
		if _, there := claims[name]; there {
			t.Errorf("the ID token holds %s", name)
		}
	}

	var info map[string]string
	if err := json.Unmarshal([]byte(readAll(t, w.userinfo(got.AccessToken))), &info); err != nil {
		t.Fatal(err)
	}
	wantInfo := map[string]string{
		"sub": "pairwise-1", "given_name": "Ana", "family_name": "García Ruiz", "first_surname": "García", "second_surname": "Ruiz",
		"birthdate": "1980-02-03", "document_number": "12345678Z", "document_kind": "dni",
		"registration_level": "advanced", "registration_channel": "office",
	}
	if diff := cmp.Diff(wantInfo, info); diff != "" {
		t.Error(diff)
	}
}

func TestAPostedRequestComesBackByGetOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.postFromElsewhere("/authorize", params())
	where := got.Header.Get("Location")
	if got.StatusCode != http.StatusSeeOther || !strings.HasPrefix(where, "/authorize?resume=") {
		t.Fatalf("answered %d %s", got.StatusCode, where)
	}
	if len(w.broker.opened) != 0 {
		t.Error("the login was opened without our cookies")
	}
	if got := w.do(httptest.NewRequest(http.MethodGet, issuer+where, nil)); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("resuming answered %d", got.StatusCode)
	}
	if req := w.broker.last(t); req.RelyingParty != "town" {
		t.Errorf("opened %+v", req)
	}
	if got := w.do(httptest.NewRequest(http.MethodGet, issuer+where, nil)); got.StatusCode != http.StatusBadRequest {
		t.Errorf("the handle worked twice: %d", got.StatusCode)
	}
}
