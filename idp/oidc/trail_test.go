package oidc_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"clave/audit"
	"clave/identity"

	"github.com/google/go-cmp/cmp"
)

// TestWhatIsRevokedIsTold: once each, however often the same is tried.
func TestWhatIsRevokedIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(w *world, code string, got tokens)
		want audit.Data
	}{
		{"nothing happens", func(w *world, _ string, got tokens) { w.refresh(got.RefreshToken) }, nil},
		{"a replayed code", func(w *world, code string, _ tokens) { w.redeem(code) }, audit.CodeReplayed{Client: "town-web", Grant: "login"}},
		{"a revoked refresh token", func(w *world, _ string, got tokens) {
			w.call("/revoke", url.Values{"token": {got.RefreshToken}}, basic)
		}, audit.GrantRevoked{Client: "town-web", Grant: "login", Reason: "by_client"}},
		{"a revoked access token, which the client gets again by refreshing", func(w *world, _ string, got tokens) {
			w.call("/revoke", url.Values{"token": {got.AccessToken}}, basic)
		}, nil},
		{"a session that is over", func(w *world, _ string, got tokens) {
			w.clock.Pass(2 * time.Hour)
			w.refresh(got.RefreshToken)
		}, audit.GrantRevoked{Client: "town-web", Grant: "login", Reason: "session_over"}},
		{"a citizen who withdrew", func(w *world, _ string, got tokens) {
			w.store.SetState("person-1", identity.Withdrawn)
			w.refresh(got.RefreshToken)
		}, audit.GrantRevoked{Client: "town-web", Grant: "login", Reason: "no_longer_identifiable"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(refreshing())
			code := w.login(params())
			got := w.tokens(w.redeem(code))
			c.do(w, code, got)
			c.do(w, code, got)
			var want []audit.Event
			if c.want != nil {
				want = []audit.Event{{Actor: audit.Client("town-web"), Person: "person-1", RelyingParty: "town", Login: "login", Data: c.want}}
			}
			if diff := cmp.Diff(want, w.trail.Events(), cmp.Comparer(func(a, b audit.Personal) bool { return a == b })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAReusedRefreshTokenIsTold(t *testing.T) {
	t.Parallel()
	w, first := publicly(t, "openid offline_access")
	second := w.tokens(w.refreshPublicly(first.RefreshToken))
	w.tokens(w.refreshPublicly(second.RefreshToken))
	wantError(t, w.refreshPublicly(first.RefreshToken), http.StatusBadRequest, "invalid_grant")
	wantError(t, w.refreshPublicly(first.RefreshToken), http.StatusBadRequest, "invalid_grant")
	if got := w.trail.Events(); len(got) != 1 || got[0].Data.Kind() != audit.KindRefreshReused {
		t.Errorf("got the events %v", got)
	}
}
