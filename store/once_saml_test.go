package store_test

import (
	"errors"
	"testing"
	"time"

	"clave/idp/oidc"
	"clave/idp/oidc/oidctest"
	"clave/idp/saml"
	"clave/internal/onetime"
	"clave/keys/keystest"
	"clave/store"
	"clave/store/storetest"
)

var _ saml.Once = (*store.Once)(nil)

func TestPostedRequestsOfSAML(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		once := store.NewOnce(db, keystest.New(t, oidctest.At).Columns())
		ctx, now := t.Context(), oidctest.At()
		expires := now.Add(time.Minute)

		if err := once.SpendRequest(ctx, onetime.Hash("request"), expires); err != nil {
			t.Fatal(err)
		}
		if err := once.SpendRequest(ctx, onetime.Hash("request"), expires); !errors.Is(err, saml.ErrSeen) {
			t.Errorf("the same request again: %v", err)
		}

		keep := func(handle string) {
			t.Helper()
			if err := once.KeepPosted(ctx, onetime.Hash(handle), []byte("kept "+handle), expires); err != nil {
				t.Fatal(err)
			}
		}
		keep("one")
		if got, err := once.TakePosted(ctx, onetime.Hash("one"), now); err != nil || string(got) != "kept one" {
			t.Errorf("got %q, %v", got, err)
		}
		if _, err := once.TakePosted(ctx, onetime.Hash("one"), now); !errors.Is(err, saml.ErrNoPosted) {
			t.Errorf("a spent handle: %v", err)
		}
		keep("late")
		if _, err := once.TakePosted(ctx, onetime.Hash("late"), expires); !errors.Is(err, saml.ErrNoPosted) {
			t.Errorf("an expired handle: %v", err)
		}
		keep("foreign")
		if got, err := once.TakeParams(ctx, onetime.Hash("foreign"), now); err == nil || errors.Is(err, oidc.ErrNoStoredParams) {
			t.Errorf("a request of SAML is opened as one of OpenID Connect: %q, %v", got, err)
		}
	})
}
