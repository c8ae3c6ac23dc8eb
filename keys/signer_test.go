package keys_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"clave/keys"
	"clave/keys/keystest"
)

func TestEachAlgorithmHasAKeyOfItsKind(t *testing.T) {
	t.Parallel()
	oidc := keystest.Fixed(t).OIDC()
	for alg, is := range map[string]func(crypto.PublicKey) bool{
		keys.ES256: func(k crypto.PublicKey) bool { _, ok := k.(*ecdsa.PublicKey); return ok },
		keys.EdDSA: func(k crypto.PublicKey) bool { _, ok := k.(ed25519.PublicKey); return ok },
		keys.RS256: func(k crypto.PublicKey) bool { r, ok := k.(*rsa.PublicKey); return ok && r.Size() == 256 },
		keys.PS256: func(k crypto.PublicKey) bool { r, ok := k.(*rsa.PublicKey); return ok && r.Size() == 256 },
	} {
		signer, err := oidc.Active(alg)
		if err != nil {
			t.Fatal(err)
		}
		public, ok := oidc.Public(signer.ID)
		if !ok || public.Alg != alg || signer.Alg != alg || !is(public.Key) {
			t.Errorf("%s: got %T of %s", alg, public.Key, public.Alg)
		}
	}
}

func TestKeysAreMadeWhenAnAlgorithmIsFirstNeeded(t *testing.T) {
	t.Parallel()
	store := &keystest.Memory{}
	one, two := open(t, store, keystest.FixedTime), open(t, store, keystest.FixedTime)
	if _, err := one.OIDC().Active(keys.RS256); !errors.Is(err, keys.ErrNoKey) {
		t.Errorf("got %v, want ErrNoKey", err)
	}
	var group sync.WaitGroup
	for _, ring := range []*keys.Keyring{one, two} {
		group.Go(func() {
			if err := ring.OIDC().Ensure(context.Background(), keys.ES256, keys.EdDSA, keys.RS256); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, alg := range []string{keys.ES256, keys.EdDSA, keys.RS256} {
		if a, b := active(t, one, alg), active(t, two, alg); a.ID != b.ID {
			t.Errorf("two nodes sign %s with different keys", alg)
		}
	}
	if got := len(one.OIDC().Published()); got != 3 {
		t.Errorf("got %d published keys, want 3", got)
	}
}

// Whoever asks for metadata first makes the key, and may be anybody: all at once, or with
// a connection that they close.
func TestTheFirstKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	store := &counting{Memory: &keystest.Memory{}}
	ring := open(t, store, keystest.FixedTime)
	before := store.added.Load()
	gone, hangUp := context.WithCancel(context.Background())
	hangUp()
	if err := ring.SAML().Ensure(gone, keys.ES256); err != nil {
		t.Errorf("who hangs up wastes a key: %v", err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := ring.Clave().Ensure(context.Background(), keys.RS256); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if made := store.added.Load() - before; made != 2 {
		t.Errorf("%d keys were made for two places", made)
	}
}

// counting counts the keys that are made.
type counting struct {
	*keystest.Memory
	added atomic.Int32
}

func (c *counting) AddKey(ctx context.Context, r keys.Record) error {
	c.added.Add(1)
	return c.Memory.AddKey(ctx, r)
}

func TestWhatIsNoAlgorithmOfTheUseIsRefused(t *testing.T) {
	t.Parallel()
	store := keystest.FixedStore(t)
	ring := open(t, store, keystest.FixedTime)
	before := len(stored(t, store))
	for _, alg := range []string{"none", "HS256", "A256GCM", "", "es256", "RS512"} {
		if err := ring.OIDC().Ensure(t.Context(), alg); !errors.Is(err, keys.ErrNoKey) {
			t.Errorf("%q: got %v, want ErrNoKey", alg, err)
		}
		if k, err := ring.OIDC().Active(alg); !errors.Is(err, keys.ErrNoKey) || k.Signer != nil {
			t.Errorf("%q: got %v, %v, want ErrNoKey", alg, k.ID, err)
		}
	}
	if err := ring.Audit().Ensure(t.Context(), keys.ES256); !errors.Is(err, keys.ErrNoKey) {
		t.Errorf("audit: got %v, want ErrNoKey", err)
	}
	if got := len(stored(t, store)); got != before {
		t.Errorf("%d keys were made", got-before)
	}
}

func TestAuditKeysSignWithEd25519(t *testing.T) {
	t.Parallel()
	audit := keystest.Fixed(t).Audit()
	signer, err := audit.Active(keys.EdDSA)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := signer.Signer.Sign(nil, []byte("head"), crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	public, _ := audit.Public(signer.ID)
	if !ed25519.Verify(public.Key.(ed25519.PublicKey), []byte("head"), signature) {
		t.Error("a head does not verify")
	}
}

func BenchmarkActive(b *testing.B) {
	oidc := keystest.Fixed(b).OIDC()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := oidc.Active(keys.ES256); err != nil {
			b.Fatal(err)
		}
	}
}
