package oidc_test

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/broker/registry"
)

func sha256Of(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// refreshing is town with refresh tokens.
func refreshing() *registry.RelyingParty {
	return withClient(func(c *registry.OIDCClient) { c.GrantTypes = []string{"authorization_code", "refresh_token"} })
}

func (w *world) refresh(token string, pairs ...string) *http.Response {
	return w.call("/token", with(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}, pairs...), basic)
}

// publicly is a public client with its first tokens.
func publicly(t *testing.T, scope string) (*world, tokens) {
	t.Helper()
	w := newWorld(t)
	w.register(withClient(publicClient))
	return w, w.tokens(w.call("/token", codeForm(w.login(params("scope", scope)), "client_id", "town-web")))
}

func (w *world) refreshPublicly(token string) *http.Response {
	return w.call("/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"town-web"}})
}

func TestAConfidentialClientRefreshesWithOneToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(refreshing())
	first := w.tokens(w.redeem(w.login(params("scope", "openid profile offline_access"))))
	for range 3 {
		w.clock.Pass(time.Hour)
		got := w.tokens(w.refresh(first.RefreshToken))
		if got.RefreshToken != "" || got.AccessToken == first.AccessToken || got.Scope != "openid profile offline_access" {
			t.Errorf("got %+v", got)
		}
		_, before := claimsOf(t, first.IDToken)
		_, claims := claimsOf(t, got.IDToken)
		for _, name := range []string{"iss", "sub", "aud", "auth_time", "acr", "sid"} {
			if before[name] != claims[name] {
				t.Errorf("%s was %v and is %v", name, before[name], claims[name])
			}
		}
		if _, there := claims["nonce"]; there || claims["iat"] != float64(w.clock.Now().Unix()) {
			t.Errorf("nonce %v, iat %v", claims["nonce"], claims["iat"])
		}
	}
	w.clock.Pass(30 * 24 * time.Hour)
	wantError(t, w.refresh(first.RefreshToken), 400, "invalid_grant")
}

func TestRefreshingMayNarrowTheScopeAndNeverWidenIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(refreshing())
	first := w.tokens(w.redeem(w.login(params("scope", "openid profile"))))
	got := w.tokens(w.refresh(first.RefreshToken, "scope", "openid"))
	if info := readAll(t, w.userinfo(got.AccessToken)); strings.TrimSpace(info) != `{"sub":"pairwise-1"}` {
		t.Errorf("the narrow token says %s", info)
	}
	wantError(t, w.refresh(first.RefreshToken, "scope", "openid document"), 400, "invalid_scope")
	if got := w.tokens(w.refresh(first.RefreshToken)); got.Scope != "openid profile" {
		t.Errorf("afterwards %q", got.Scope)
	}
}

func TestARefreshTokenBelongsToItsClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stranger := other()
	stranger.OIDC[0].GrantTypes = []string{"authorization_code", "refresh_token"}
	w.register(refreshing(), stranger)
	first := w.tokens(w.redeem(w.login(params())))
	got := w.call("/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.RefreshToken}}, func(r *http.Request) { r.SetBasicAuth("other-web", secret) })
	wantError(t, got, 400, "invalid_grant")
	wantError(t, w.refresh(first.AccessToken), 400, "invalid_grant")
	w.tokens(w.refresh(first.RefreshToken))
}

func TestRefreshEndsWithTheSessionUnlessOffline(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, scope string
		end         func(t *testing.T, w *world)
		want        int
	}{
		{"logged out", "openid", func(t *testing.T, w *world) {
			if err := w.front.EndSession(context.Background(), "session-1"); err != nil {
				t.Fatal(err)
			}
		}, 400},
		{"idle for too long", "openid", func(_ *testing.T, w *world) { w.clock.Pass(2 * time.Hour) }, 400},
		{"the session is gone", "openid", func(_ *testing.T, w *world) { w.store.SetSession("session-1", time.Time{}) }, 400},
		{"logged out, offline", "openid offline_access", func(t *testing.T, w *world) {
			w.store.SetSession("session-1", time.Time{})
			if err := w.front.EndSession(context.Background(), "session-1"); err != nil {
				t.Fatal(err)
			}
		}, 200},
		{"a week later, offline", "openid offline_access", func(_ *testing.T, w *world) { w.clock.Pass(7 * 24 * time.Hour) }, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.register(refreshing())
			first := w.tokens(w.redeem(w.login(params("scope", c.scope))))
			c.end(t, w)
			if got := w.refresh(first.RefreshToken); got.StatusCode != c.want {
				t.Errorf("answered %d %s", got.StatusCode, readAll(t, got))
			}
		})
	}
}

func TestAPublicClientsTokenIsRotated(t *testing.T) {
	t.Parallel()
	w, first := publicly(t, "openid offline_access")
	second := w.tokens(w.refreshPublicly(first.RefreshToken))
	if second.RefreshToken == "" || second.RefreshToken == first.RefreshToken {
		t.Fatal("the token was not rotated")
	}
	third := w.tokens(w.refreshPublicly(second.RefreshToken))
	wantError(t, w.refreshPublicly(first.RefreshToken), 400, "invalid_grant")
	// That was theft by somebody: nothing works any more.
	wantError(t, w.refreshPublicly(third.RefreshToken), 400, "invalid_grant")
	if got := w.userinfo(third.AccessToken); got.StatusCode != 401 {
		t.Errorf("userinfo answers %d", got.StatusCode)
	}
}

func TestALostAnswerIsGivenAgainWithinAMinute(t *testing.T) {
	t.Parallel()
	w, first := publicly(t, "openid offline_access")
	second := w.tokens(w.refreshPublicly(first.RefreshToken))
	w.clock.Pass(time.Minute)
	again := w.tokens(w.refreshPublicly(first.RefreshToken))
	if again.RefreshToken != second.RefreshToken {
		t.Error("a second line of tokens grows")
	}
	w.clock.Pass(time.Second)
	wantError(t, w.refreshPublicly(first.RefreshToken), 400, "invalid_grant")
	wantError(t, w.refreshPublicly(second.RefreshToken), 400, "invalid_grant")
}

// TestRefreshRace: two tabs send the same token at once. Both go on with the same
// successor, and a third use after it is theft.
func TestRefreshRace(t *testing.T) {
	t.Parallel()
	w, first := publicly(t, "openid offline_access")
	successors := make([]string, 8)
	var wg sync.WaitGroup
	for i := range successors {
		wg.Go(func() {
			if got := w.refreshPublicly(first.RefreshToken); got.StatusCode == 200 {
				successors[i] = w.tokens(got).RefreshToken
			}
		})
	}
	wg.Wait()
	for _, one := range successors {
		if one == "" || one != successors[0] {
			t.Fatalf("different successors: %d of them", len(successors))
		}
	}
	w.tokens(w.refreshPublicly(successors[0]))
	wantError(t, w.refreshPublicly(first.RefreshToken), 400, "invalid_grant")
	wantError(t, w.refreshPublicly(successors[0]), 400, "invalid_grant")
}

func TestARotatedTokenLivesNoLongerThanItsGrant(t *testing.T) {
	t.Parallel()
	w, got := publicly(t, "openid offline_access")
	for range 29 {
		w.clock.Pass(24 * time.Hour)
		got = w.tokens(w.refreshPublicly(got.RefreshToken))
	}
	w.clock.Pass(24 * time.Hour)
	wantError(t, w.refreshPublicly(got.RefreshToken), 400, "invalid_grant")
}

func TestOfflineAccessNeedsARegistrationForRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.tokens(w.redeem(w.login(params("scope", "openid offline_access", "prompt", "consent"))))
	if got.RefreshToken != "" || strings.Contains(got.Scope, "offline") {
		t.Errorf("got %+v", got)
	}
}
