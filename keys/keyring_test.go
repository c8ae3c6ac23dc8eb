package keys_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"clave/internal/clocktest"
	"clave/keys"
	"clave/keys/keystest"

	"github.com/google/go-cmp/cmp"
)

// clock is a time that a test turns.
func newClock() *clocktest.Clock { return clocktest.At(keystest.FixedTime()) }

func open(t *testing.T, s keys.Store, now func() time.Time) *keys.Keyring {
	t.Helper()
	ring, err := keys.Open(t.Context(), s, keystest.FixedMaster(t), now)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func otherMaster(t *testing.T) *keys.Master {
	t.Helper()
	master, err := keys.NewMaster(bytes.Repeat([]byte("evil"), 8))
	if err != nil {
		t.Fatal(err)
	}
	return master
}

func stored(t *testing.T, s keys.Store) []keys.Record {
	t.Helper()
	records, err := s.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestAWrongMasterKeyStopsTheStartAndChangesNothing(t *testing.T) {
	t.Parallel()
	store := keystest.FixedStore(t)
	before := stored(t, store)
	_, err := keys.Open(t.Context(), store, otherMaster(t), keystest.FixedTime)
	if !errors.Is(err, keys.ErrMaster) || !strings.Contains(err.Error(), "give the master key with which the database was made") {
		t.Errorf("got %v, want ErrMaster with the remedy", err)
	}
	if diff := cmp.Diff(before, stored(t, store)); diff != "" {
		t.Error(diff)
	}
}

func TestAWrongMasterKeyDoesNotCompleteAHalfMadeRing(t *testing.T) {
	t.Parallel()
	store := &keystest.Memory{}
	for _, r := range stored(t, keystest.FixedStore(t)) {
		if r.Use == keys.UseSubject { // the first that a start makes
			if err := store.AddKey(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := keys.Open(t.Context(), store, otherMaster(t), keystest.FixedTime); !errors.Is(err, keys.ErrMaster) {
		t.Errorf("got %v, want ErrMaster", err)
	}
	if got := len(stored(t, store)); got != 1 {
		t.Errorf("%d keys are stored, want the one that was", got)
	}
	if _, err := keys.Open(t.Context(), store, keystest.FixedMaster(t), keystest.FixedTime); err != nil {
		t.Errorf("a start that was cut off cannot be completed: %v", err)
	}
}

// lateStore lets another node act just before the first key is added.
type lateStore struct {
	keys.Store
	before func()
}

func (s *lateStore) AddKey(ctx context.Context, r keys.Record) error {
	if s.before != nil {
		before := s.before
		s.before = nil
		before()
	}
	return s.Store.AddKey(ctx, r)
}

func TestTwoNodesWithDifferentMasterKeysDoNotMixTheirRings(t *testing.T) {
	t.Parallel()
	store := &keystest.Memory{}
	late := &lateStore{Store: store, before: func() { open(t, store, keystest.FixedTime) }}
	if _, err := keys.Open(t.Context(), late, otherMaster(t), keystest.FixedTime); !errors.Is(err, keys.ErrMaster) {
		t.Errorf("got %v, want ErrMaster", err)
	}
	open(t, store, keystest.FixedTime)
}

func TestALostKeyIsNotReplacedByANewOne(t *testing.T) {
	t.Parallel()
	for _, use := range []keys.Use{keys.UseSubject, keys.UseIndex, keys.UseSeal} {
		t.Run(string(use), func(t *testing.T) {
			t.Parallel()
			store := &keystest.Memory{}
			for _, r := range stored(t, keystest.FixedStore(t)) {
				if r.Use != use {
					if err := store.AddKey(t.Context(), r); err != nil {
						t.Fatal(err)
					}
				}
			}
			before := len(stored(t, store))
			_, err := keys.Open(t.Context(), store, keystest.FixedMaster(t), keystest.FixedTime)
			if err == nil || !strings.Contains(err.Error(), "restore it from the backup") {
				t.Errorf("got %v, want the remedy", err)
			}
			if got := len(stored(t, store)); got != before {
				t.Errorf("%d keys were made", got-before)
			}
		})
	}
}

func TestAnEarlierInstallationGetsTheKeysThatItLacks(t *testing.T) {
	t.Parallel()
	store := &keystest.Memory{}
	for _, r := range stored(t, keystest.FixedStore(t)) {
		if r.Use != keys.UseActivation && r.Use != keys.UsePush {
			if err := store.AddKey(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	ring := open(t, store, keystest.FixedTime)
	sum := ring.Activation().Sum("activation", "person", "ABCDEFGHJKLM")
	if !open(t, store, keystest.FixedTime).Activation().Equal(sum, "activation", "person", "ABCDEFGHJKLM") {
		t.Error("the key that was made is not kept")
	}
	if key, err := ring.Push().Active(keys.ES256); err != nil || key.Signer == nil {
		t.Errorf("there is no key for push services: %v", err)
	}
}

func TestARingWithoutActiveKeyIsDamaged(t *testing.T) {
	t.Parallel()
	store := keystest.FixedStore(t)
	for _, r := range stored(t, store) {
		if r.Use == keys.UseSeal {
			store.Tamper(r.ID, func(r *keys.Record) { r.State = keys.Retired })
		}
	}
	if _, err := keys.Open(t.Context(), store, keystest.FixedMaster(t), keystest.FixedTime); err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("got %v, want the remedy", err)
	}
}

func TestARecordThatWasChangedIsRefused(t *testing.T) {
	t.Parallel()
	find := func(t *testing.T, store keys.Store, use keys.Use, alg string) keys.Record {
		for _, r := range stored(t, store) {
			if r.Use == use && r.Alg == alg {
				return r
			}
		}
		t.Fatalf("no %s key of use %s", alg, use)
		return keys.Record{}
	}
	for _, test := range []struct {
		name   string
		use    keys.Use
		alg    string
		change func(t *testing.T, store keys.Store, r *keys.Record)
	}{
		{"a public key of the attacker is not published", keys.UseOIDC, keys.ES256, func(t *testing.T, _ keys.Store, r *keys.Record) {
			attacker := &keystest.Memory{}
			open(t, attacker, keystest.FixedTime)
			r.Public = find(t, attacker, keys.UseOIDC, keys.ES256).Public
		}},
		{"an RS256 key is not used for PS256", keys.UseOIDC, keys.RS256, func(t *testing.T, store keys.Store, r *keys.Record) {
			other := find(t, store, keys.UseOIDC, keys.PS256)
			r.Sealed, r.Public = other.Sealed, other.Public
		}},
		{"a cookie key is not used for columns", keys.UseSeal, keys.A256GCM, func(t *testing.T, store keys.Store, r *keys.Record) {
			r.Sealed = find(t, store, keys.UseCookie, keys.A256GCM).Sealed
		}},
		{"a PIN key is not used for subjects", keys.UseSubject, keys.HS256, func(t *testing.T, store keys.Store, r *keys.Record) {
			r.Sealed = find(t, store, keys.UsePIN, keys.HS256).Sealed
		}},
		{"a truncated key", keys.UseSeal, keys.A256GCM, func(_ *testing.T, _ keys.Store, r *keys.Record) { r.Sealed = r.Sealed[:len(r.Sealed)-1] }},
		{"an empty key", keys.UseSeal, keys.A256GCM, func(_ *testing.T, _ keys.Store, r *keys.Record) { r.Sealed = nil }},
		{"a changed key", keys.UseSeal, keys.A256GCM, func(_ *testing.T, _ keys.Store, r *keys.Record) { r.Sealed[20] ^= 1 }},
		{"another version", keys.UseSeal, keys.A256GCM, func(_ *testing.T, _ keys.Store, r *keys.Record) { r.Sealed[0]++ }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store := keystest.FixedStore(t)
			ring := open(t, store, keystest.FixedTime)
			r := find(t, store, test.use, test.alg)
			test.change(t, store, &r)
			store.Tamper(r.ID, func(s *keys.Record) { *s = r })
			if _, err := keys.Open(t.Context(), store, keystest.FixedMaster(t), keystest.FixedTime); !errors.Is(err, keys.ErrMaster) {
				t.Errorf("starting: got %v, want ErrMaster", err)
			}
			// A running node goes on with what it knows.
			sealed := ring.Columns().Seal([]byte("x"), "a")
			if err := ring.Refresh(t.Context()); !errors.Is(err, keys.ErrMaster) {
				t.Errorf("refreshing: got %v, want ErrMaster", err)
			}
			if _, err := ring.Columns().Open(sealed, "a"); err != nil {
				t.Errorf("after a bad refresh: %v", err)
			}
		})
	}
}

func TestKeysOfANewerVersionAreLeftAlone(t *testing.T) {
	t.Parallel()
	store := keystest.FixedStore(t)
	ring := open(t, store, keystest.FixedTime)
	newer := keys.Record{ID: "ffffffff", Use: "wallet", Alg: keys.RS256, State: keys.Active, Sealed: []byte("of a newer version"), CreatedAt: keystest.FixedTime()}
	if err := store.AddKey(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	if err := ring.Tend(t.Context()); err != nil {
		t.Error(err)
	}
	open(t, store, keystest.FixedTime)
}

// deafStore fails when told.
type deafStore struct {
	keys.Store
	deaf bool
}

var errDeaf = errors.New("no answer")

func (s *deafStore) Keys(ctx context.Context) ([]keys.Record, error) {
	if s.deaf {
		return nil, errDeaf
	}
	return s.Store.Keys(ctx)
}

func TestANodeGoesOnWithoutItsStore(t *testing.T) {
	t.Parallel()
	store := &deafStore{Store: keystest.FixedStore(t)}
	ring := open(t, store, keystest.FixedTime)
	sealed := ring.Columns().Seal([]byte("x"), "a")
	store.deaf = true
	if err := ring.Tend(t.Context()); !errors.Is(err, errDeaf) {
		t.Errorf("got %v", err)
	}
	if _, err := ring.Columns().Open(sealed, "a"); err != nil {
		t.Error(err)
	}
	if _, err := keys.Open(t.Context(), store, keystest.FixedMaster(t), keystest.FixedTime); !errors.Is(err, errDeaf) {
		t.Errorf("starting without a store: got %v", err)
	}
}

// countingStore counts how often it is read.
type countingStore struct {
	keys.Store
	reads int
}

func (s *countingStore) Keys(ctx context.Context) ([]keys.Record, error) {
	s.reads++
	return s.Store.Keys(ctx)
}

func TestAFloodOfUnknownKeysReadsTheStoreOnceASecond(t *testing.T) {
	t.Parallel()
	now := newClock()
	store := &countingStore{Store: keystest.FixedStore(t)}
	ring := open(t, store, now.Now)
	store.reads = 0
	foreign := append([]byte{1, 0xde, 0xad, 0xbe, 0xef}, make([]byte, 40)...)
	for range 300 {
		_, _ = ring.Cookies().Open(foreign, "x")
		ring.PIN().Equal(foreign[:keys.SumSize], "x")
		ring.OIDC().Public("deadbeef")
		now.Pass(10 * time.Millisecond)
	}
	if store.reads > 4 {
		t.Errorf("the store was read %d times in 3 s", store.reads)
	}
}

func TestRunRefreshesAndRotatesUntilItIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &keystest.Memory{}
		one := open(t, store, time.Now)
		two := open(t, store, time.Now)
		ctx, stop := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { one.Run(ctx) })
		group.Go(func() { two.Run(ctx) })
		if _, err := one.RotateNow(ctx, keys.UseOIDC); err != nil {
			t.Fatal(err)
		}
		old, _ := one.OIDC().Active(keys.ES256)
		time.Sleep(3 * time.Second) // fake time of synctest
		synctest.Wait()
		if got := len(two.OIDC().Published()); got != 2 {
			t.Errorf("after 3 s the other node publishes %d keys, want 2", got)
		}
		if got, _ := two.OIDC().Active(keys.ES256); got.ID != old.ID {
			t.Error("a key is used before every node knows it")
		}
		time.Sleep(12 * time.Second)
		synctest.Wait()
		for _, ring := range []*keys.Keyring{one, two} {
			if got, _ := ring.OIDC().Active(keys.ES256); got.ID == old.ID {
				t.Error("after 15 s a node still signs with the old key")
			}
		}
		stop()
		group.Wait()
	})
}

func TestSettingsThatWouldFailVerificationAreRefused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]keys.Options{
		"used before it is known":  {Schedules: map[keys.Use]keys.Schedule{keys.UseOIDC: {Every: time.Hour, Publish: time.Minute, Settle: 2 * time.Minute}}},
		"published before active":  {Schedules: map[keys.Use]keys.Schedule{keys.UseOIDC: {Every: time.Hour, Publish: 2 * time.Hour}}},
		"a subject key that turns": {Schedules: map[keys.Use]keys.Schedule{keys.UseSubject: {Every: time.Hour}}},
		"a push key that turns":    {Schedules: map[keys.Use]keys.Schedule{keys.UsePush: {Every: time.Hour}}},
		"an index key that turns":  {Schedules: map[keys.Use]keys.Schedule{keys.UseIndex: {Every: time.Hour}}},
		"negative":                 {Schedules: map[keys.Use]keys.Schedule{keys.UseOIDC: {Keep: -1}}},
		"short RSA keys":           {RSABits: 1024},
		"negative refresh":         {Refresh: -1},
	} {
		store := &keystest.Memory{}
		if _, err := keys.OpenWith(t.Context(), store, keystest.FixedMaster(t), keystest.FixedTime, o); err == nil || len(stored(t, store)) != 0 {
			t.Errorf("%s: got %v and %d keys", name, err, len(stored(t, store)))
		}
	}
}

func TestTheOperatorsListHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	for _, r := range keystest.Fixed(t).Records() {
		if r.Sealed != nil {
			t.Errorf("key %s shows its sealed secret", r.ID)
		}
	}
}
