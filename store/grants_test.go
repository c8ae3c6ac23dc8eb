package store_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/idp/oidc"
	"clave/idp/oidc/oidctest"
	"clave/internal/onetime"
	"clave/keys/keystest"
	"clave/store"
	"clave/store/storetest"
)

type grants struct {
	*store.Grants
	once *store.Once
	db   *store.DB
}

func newGrants(t testing.TB, db *store.DB) grants {
	ring := keystest.New(t, oidctest.At)
	return grants{store.NewGrants(db, ring.Columns()), store.NewOnce(db, ring.Columns()), db}
}

func TestGrants(t *testing.T) {
	t.Parallel()
	for engine, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			oidctest.Suite(t, func(t *testing.T) oidctest.Store {
				g := newGrants(t, storetest.Open(t, url(t)))
				return oidctest.Store{
					Codes: g, Tokens: g, Once: g.once,
					SetState: func(t testing.TB, person identity.PersonID, state identity.State) {
						if err := g.GrantsPerson(context.Background(), person, state); err != nil {
							t.Fatal(err)
						}
					},
					SetSession: func(t testing.TB, session broker.SessionID, ends time.Time) {
						if err := g.GrantsSession(context.Background(), session, ends); err != nil {
							t.Fatal(err)
						}
					},
				}
			})
		})
	}
}

func eachGrants(t *testing.T, test func(t *testing.T, ctx context.Context, g grants)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(t, context.Background(), newGrants(t, db)) })
}

// redeemed adds a grant and redeems its code.
func (g grants) redeemed(t *testing.T, id string, refresh oidc.RefreshKind) {
	t.Helper()
	ctx := context.Background()
	if err := g.AddGrant(ctx, oidctest.Sample(id, refresh)); err != nil {
		t.Fatal(err)
	}
	r := oidc.Redemption{
		CodeHash: onetime.Hash("code " + id), Client: "town-web", RedirectURI: "https://town.example/callback",
		Challenge: "challenge", At: oidctest.At(),
	}
	err := g.Redeem(ctx, r, func(made oidc.Grant) ([]oidc.Token, error) {
		return []oidc.Token{{
			Hash: onetime.Hash("token " + id), Grant: made.ID, Kind: oidc.AccessToken, Scope: "openid",
			CreatedAt: oidctest.At(), ExpiresAt: oidctest.At().Add(5 * time.Minute),
		}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFrozenClaimsAreErasedWhenTheGrantIsRevoked(t *testing.T) {
	t.Parallel()
	revoke := map[string]func(ctx context.Context, g grants) error{
		"alone":            func(ctx context.Context, g grants) error { return g.RevokeGrant(ctx, "a", oidctest.At()) },
		"with its session": func(ctx context.Context, g grants) error { return g.RevokeSession(ctx, "session-1", oidctest.At()) },
		"with its person":  func(ctx context.Context, g grants) error { return g.RevokePerson(ctx, "person-1", oidctest.At()) },
	}
	for name, revoke := range revoke {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachGrants(t, func(t *testing.T, ctx context.Context, g grants) {
				g.redeemed(t, "a", oidc.RefreshSession)
				if sealed, err := g.GrantsSealed(ctx, "a"); err != nil || len(sealed) == 0 {
					t.Fatalf("before: %d bytes, %v", len(sealed), err)
				}
				if err := revoke(ctx, g); err != nil {
					t.Fatal(err)
				}
				if sealed, err := g.GrantsSealed(ctx, "a"); err != nil || sealed != nil {
					t.Errorf("after: %d bytes, %v", len(sealed), err)
				}
			})
		})
	}
}

func TestRevokingAPersonTakesOfflineAccessToo(t *testing.T) {
	t.Parallel()
	eachGrants(t, func(t *testing.T, ctx context.Context, g grants) {
		g.redeemed(t, "a", oidc.RefreshOffline)
		if err := g.RevokePerson(ctx, "person-1", oidctest.At()); err != nil {
			t.Fatal(err)
		}
		if _, err := g.Token(ctx, onetime.Hash("token a"), oidctest.At()); !errors.Is(err, oidc.ErrNoToken) {
			t.Errorf("got %v", err)
		}
	})
}

func TestStoredGrantsNameNobody(t *testing.T) {
	t.Parallel()
	eachGrants(t, func(t *testing.T, ctx context.Context, g grants) {
		g.redeemed(t, "a", oidc.NoRefresh)
		sealed, err := g.GrantsSealed(ctx, "a")
		if err != nil || bytes.Contains(sealed, []byte("Ana")) || bytes.Contains(sealed, []byte("1980")) {
			t.Errorf("the claims lie open, %v", err)
		}
	})
}

func TestAGrantOfAnotherRowDoesNotOpen(t *testing.T) {
	t.Parallel()
	eachGrants(t, func(t *testing.T, ctx context.Context, g grants) {
		g.redeemed(t, "a", oidc.NoRefresh)
		g.redeemed(t, "b", oidc.NoRefresh)
		if err := g.GrantsSwap(ctx, "a", "b"); err != nil {
			t.Fatal(err)
		}
		if _, err := g.Token(ctx, onetime.Hash("token a"), oidctest.At()); err == nil {
			t.Error("claims that were moved to another row opened")
		}
	})
}

func TestSweepingLeavesWhatStillCounts(t *testing.T) {
	t.Parallel()
	eachGrants(t, func(t *testing.T, ctx context.Context, g grants) {
		g.redeemed(t, "plain", oidc.NoRefresh)
		g.redeemed(t, "offline", oidc.RefreshOffline)
		if err := g.AddGrant(ctx, oidctest.Sample("unredeemed", oidc.RefreshOffline)); err != nil {
			t.Fatal(err)
		}
		if err := g.once.SpendAssertion(ctx, onetime.Hash("jti"), oidctest.At().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if err := g.once.KeepParams(ctx, onetime.Hash("handle"), "a=b", oidctest.At().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			after                           time.Duration
			grants, tokens, replays, params int
		}{
			{0, 3, 2, 1, 1},
			{20 * time.Minute, 2, 0, 0, 0}, // the unredeemed one goes minutes after its code
			{time.Hour, 0, 0, 0, 0},
		} {
			now := oidctest.At().Add(step.after)
			if err := errors.Join(g.Sweep(ctx, now), g.once.Sweep(ctx, now)); err != nil {
				t.Fatal(err)
			}
			for table, want := range map[string]int{"grants": step.grants, "tokens": step.tokens, "replays": step.replays, "posted_requests": step.params} {
				if got, err := g.GrantsCount(ctx, table); err != nil || got != want {
					t.Errorf("after %s: %d rows in %s, want %d, %v", step.after, got, table, want, err)
				}
			}
		}
	})
}

// TestIssuingRollsBackWithTheLogin: the grant is part of the finishing transaction.
func TestIssuingRollsBackWithTheLogin(t *testing.T) {
	t.Parallel()
	eachGrants(t, func(t *testing.T, ctx context.Context, g grants) {
		broken := errors.New("the login was lost")
		err := g.db.Tx(ctx, func(ctx context.Context) error {
			if err := g.AddGrant(ctx, oidctest.Sample("a", oidc.NoRefresh)); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if n, err := g.GrantsCount(ctx, "grants"); err != nil || n != 0 {
			t.Errorf("%d grants are left, %v", n, err)
		}
	})
}
