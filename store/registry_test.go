package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"clave/broker/registry"
	"clave/store"
	"clave/store/storetest"

	"github.com/google/go-cmp/cmp"
)

var registryNoon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func relyingParty(id string) *registry.RelyingParty {
	return &registry.RelyingParty{ID: id, Sector: id, Name: registry.Names{"es": "Servicio " + id},
		OIDC: []registry.OIDCClient{{ClientID: id, SecretHash: make(registry.Hash, 32), Scopes: registry.ScopeList{"openid"}}}}
}

func TestRegistrations(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		kept := db.Registrations()
		change := func(c registry.Change) {
			t.Helper()
			revision, err := kept.Change(ctx, c)
			if err != nil || revision != c.Base+1 {
				t.Fatalf("got %d, %v", revision, err)
			}
		}
		register := func() registry.Register {
			t.Helper()
			r, err := kept.Register(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}

		if diff := cmp.Diff(registry.Register{}, register()); diff != "" {
			t.Fatal(diff)
		}
		a, b := relyingParty("a"), relyingParty("b")
		change(registry.Change{Put: []*registry.RelyingParty{b, a}, At: registryNoon})
		if diff := cmp.Diff(registry.Register{Revision: 1, Parties: []*registry.RelyingParty{a, b}}, register()); diff != "" {
			t.Error(diff)
		}
		change(registry.Change{Base: 1, Remove: []string{"a"}, At: registryNoon})
		if diff := cmp.Diff(registry.Register{Revision: 2, Parties: []*registry.RelyingParty{b}, Removed: []*registry.RelyingParty{a}}, register()); diff != "" {
			t.Error(diff)
		}

		for _, tc := range []struct {
			name   string
			change registry.Change
		}{
			{"a change of an older state", registry.Change{Base: 1, Put: []*registry.RelyingParty{relyingParty("c")}}},
			{"a removal of what is removed, after a change that would be fine", registry.Change{Base: 2, Put: []*registry.RelyingParty{relyingParty("c")}, Remove: []string{"a"}}},
			{"another sector for a stored party", registry.Change{Base: 2, Put: []*registry.RelyingParty{{ID: "b", Sector: "c"}}}},
			{"another sector for a removed party", registry.Change{Base: 2, Put: []*registry.RelyingParty{{ID: "a", Sector: "c"}}}},
		} {
			tc.change.At = registryNoon
			if _, err := kept.Change(ctx, tc.change); !errors.Is(err, registry.ErrChanged) {
				t.Errorf("%s: got %v", tc.name, err)
			}
			if got := register(); got.Revision != 2 || len(got.Parties) != 1 {
				t.Errorf("%s changed something: %+v", tc.name, got)
			}
		}

		change(registry.Change{Base: 2, Put: []*registry.RelyingParty{a}, At: registryNoon})
		if got := register(); len(got.Parties) != 2 || got.Removed != nil {
			t.Errorf("got %+v", got)
		}
	})
}

func TestOneOfManySimultaneousChangesWins(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		kept := db.Registrations()
		var won, lost int
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				_, err := kept.Change(t.Context(), registry.Change{Put: []*registry.RelyingParty{relyingParty(fmt.Sprint("p", i))}, At: registryNoon})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case errors.Is(err, registry.ErrChanged):
					lost++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		register, err := kept.Register(t.Context())
		if won != 1 || lost != 7 || err != nil || len(register.Parties) != 1 {
			t.Errorf("won %d, lost %d, %v, %+v", won, lost, err, register)
		}
	})
}

func TestAnotherNodeSeesAChangeOfRegistrations(t *testing.T) {
	t.Parallel()
	for _, engine := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", storetest.SQLiteURL}, {"postgres", storetest.PostgresURL}} {
		t.Run(engine.name, func(t *testing.T) {
			t.Parallel()
			url := engine.url(t)
			here, there := storetest.Open(t, url), storetest.Open(t, url)
			node, err := registry.Open(t.Context(), there.Registrations(), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := here.Registrations().Change(t.Context(), registry.Change{Put: []*registry.RelyingParty{relyingParty("a")}, At: registryNoon}); err != nil {
				t.Fatal(err)
			}
			if err := node.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, client, ok := node.Snapshot().Client("a"); !ok || len(client.SecretHash) != 32 {
				t.Error("the other node does not know the client")
			}
		})
	}
}

func TestAChangeOfRegistrationsJoinsATransaction(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		failed := errors.New("what belongs to it failed")
		err := db.Tx(t.Context(), func(ctx context.Context) error {
			if _, err := db.Registrations().Change(ctx, registry.Change{Put: []*registry.RelyingParty{relyingParty("a")}, At: registryNoon}); err != nil {
				return err
			}
			return failed
		})
		if revision, _ := db.Registrations().Revision(t.Context()); !errors.Is(err, failed) || revision != 0 {
			t.Errorf("got %v, revision %d", err, revision)
		}
	})
}

func TestADatabaseIsForOneKindOfInstallation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		if kind, err := db.Kind(ctx); kind != "" || err != nil {
			t.Errorf("got %q, %v", kind, err)
		}
		for range 2 {
			if err := db.Dedicate(ctx, store.Sandbox); err != nil {
				t.Error(err)
			}
		}
		if err := db.Dedicate(ctx, store.Service); !errors.Is(err, store.ErrConflict) {
			t.Errorf("got %v", err)
		}
		if kind, err := db.Kind(ctx); kind != store.Sandbox || err != nil {
			t.Errorf("got %q, %v", kind, err)
		}
	})
}
