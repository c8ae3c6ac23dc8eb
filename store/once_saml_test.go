package store_test

import (
	"errors"
	"testing"
	"time"

	"clave/idp/oidc"
	"clave/idp/oidc/oidctest"
	"clave/internal/inbound/inboundtest"
	"clave/internal/onetime"
	"clave/keys/keystest"
	"clave/store"
	"clave/store/storetest"
)

func TestPostedRequestsOfSAML(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		once := store.NewOnce(db, keystest.New(t, oidctest.At).Columns())
		ctx, now := t.Context(), oidctest.At()
		inboundtest.Suite(t, once, now)
		if err := once.KeepPosted(ctx, onetime.Hash("foreign"), []byte("kept"), now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if got, err := once.TakeParams(ctx, onetime.Hash("foreign"), now); err == nil || errors.Is(err, oidc.ErrNoStoredParams) {
			t.Errorf("a request of SAML is opened as one of OpenID Connect: %q, %v", got, err)
		}
	})
}
