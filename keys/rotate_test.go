package keys_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"clave/keys"
	"clave/keys/keystest"

	"pgregory.net/rapid"
)

func active(t *testing.T, ring *keys.Keyring, alg string) keys.SigningKey {
	t.Helper()
	k, err := ring.OIDC().Active(alg)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func tend(t *testing.T, rings ...*keys.Keyring) {
	t.Helper()
	for _, ring := range rings {
		if err := ring.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// states counts the published OIDC keys by state.
func states(ring *keys.Keyring) (next, active, retired int) {
	for _, k := range ring.OIDC().Published() {
		switch k.State {
		case keys.Next:
			next++
		case keys.Active:
			active++
		case keys.Retired:
			retired++
		}
	}
	return next, active, retired
}

const day = 24 * time.Hour

func TestTheScheduleOfSigningKeys(t *testing.T) {
	t.Parallel()
	now := newClock()
	ring := keystest.New(t, now.Now)
	first := active(t, ring, keys.ES256)
	check := func(when string, wantNext, wantActive, wantRetired int) {
		t.Helper()
		tend(t, ring)
		next, active, retired := states(ring)
		if next != wantNext || active != wantActive || retired != wantRetired {
			t.Errorf("%s: next %d, active %d, retired %d, want %d, %d, %d", when, next, active, retired, wantNext, wantActive, wantRetired)
		}
	}
	check("at first", 0, 1, 0)
	now.Pass(89*day - time.Second)
	check("a second before publication", 0, 1, 0)
	now.Pass(time.Second)
	check("24 h before use", 1, 1, 0)
	now.Pass(day - time.Second)
	check("a second before use", 1, 1, 0)
	if active(t, ring, keys.ES256).ID != first.ID {
		t.Error("the next key signs before its time")
	}
	now.Pass(time.Second)
	check("at its time", 0, 1, 1)
	second := active(t, ring, keys.ES256)
	if second.ID == first.ID {
		t.Error("the retired key signs")
	}
	now.Pass(day - time.Second)
	check("while tokens may be live", 0, 1, 1)
	now.Pass(time.Second)
	check("when the last token is out", 0, 1, 0)
	if _, ok := ring.OIDC().Public(first.ID); ok {
		t.Error("an expired key is published")
	}
}

func TestAnExpiredKeyIsWithdrawnEvenWhenItCannotBeRemoved(t *testing.T) {
	t.Parallel()
	now := newClock()
	store := &keystest.Memory{}
	ring := open(t, store, now.Now)
	first := active(t, ring, keys.ES256)
	now.Pass(89 * day)
	tend(t, ring)
	now.Pass(day)
	tend(t, ring)
	now.Pass(2 * day)
	if err := ring.Refresh(t.Context()); err != nil { // reads, removes nothing
		t.Fatal(err)
	}
	if _, ok := ring.OIDC().Public(first.ID); ok {
		t.Error("an expired key is published")
	}
}

func TestAfterALongStandstillTheNextKeyIsStillPublishedFirst(t *testing.T) {
	t.Parallel()
	now := newClock()
	ring := keystest.New(t, now.Now)
	first := active(t, ring, keys.ES256)
	now.Pass(1000 * day)
	tend(t, ring)
	tend(t, ring)
	if next, _, _ := states(ring); next != 1 || active(t, ring, keys.ES256).ID != first.ID {
		t.Error("a key signs that nobody could know")
	}
	now.Pass(day)
	tend(t, ring)
	if active(t, ring, keys.ES256).ID == first.ID {
		t.Error("the old key still signs")
	}
}

func TestRotateByCommandWaitsForThePublication(t *testing.T) {
	t.Parallel()
	now := newClock()
	ring := keystest.New(t, now.Now)
	first := active(t, ring, keys.ES256)

	turns, err := ring.Rotate(t.Context(), keys.UseOIDC)
	if err != nil || len(turns) != 1 || turns[0].Done || turns[0].ActivatesAt.Sub(now.Now()) != 65*time.Minute {
		t.Fatalf("got %+v, %v, want a key that waits 65 minutes", turns, err)
	}
	now.Pass(time.Hour)
	again, err := ring.Rotate(t.Context(), keys.UseOIDC)
	if err != nil || again[0].ID != turns[0].ID || again[0].Done || !again[0].ActivatesAt.Equal(turns[0].ActivatesAt) {
		t.Errorf("got %+v, %v, want the same answer", again, err)
	}
	tend(t, ring)
	if active(t, ring, keys.ES256).ID != first.ID {
		t.Error("the next key signs before its time")
	}
	now.Pass(5 * time.Minute)
	tend(t, ring)
	if active(t, ring, keys.ES256).ID != turns[0].ID {
		t.Error("the next key does not sign at its time")
	}
}

func TestRotateByCommandTakesASettledScheduledKeyAtOnce(t *testing.T) {
	t.Parallel()
	now := newClock()
	ring := keystest.New(t, now.Now)
	now.Pass(89 * day)
	tend(t, ring)
	now.Pass(30 * time.Minute)
	turns, err := ring.Rotate(t.Context(), keys.UseOIDC)
	if err != nil || turns[0].Done || turns[0].ActivatesAt.Sub(now.Now()) != 35*time.Minute {
		t.Fatalf("half settled: got %+v, %v, want 35 minutes more", turns, err)
	}
	now.Pass(35 * time.Minute)
	turns, err = ring.Rotate(t.Context(), keys.UseOIDC)
	if err != nil || !turns[0].Done || active(t, ring, keys.ES256).ID != turns[0].ID {
		t.Errorf("settled: got %+v, %v, want it active", turns, err)
	}
}

func TestRotateNowWaitsOnlyForTheNodes(t *testing.T) {
	t.Parallel()
	now := newClock()
	store := &keystest.Memory{}
	operator, node := open(t, store, now.Now), open(t, store, now.Now)
	old := active(t, node, keys.ES256)
	turns, err := operator.RotateNow(t.Context(), keys.UseOIDC)
	if err != nil || turns[0].Done || turns[0].ActivatesAt.Sub(now.Now()) != 10*time.Second {
		t.Fatalf("got %+v, %v, want 10 s", turns, err)
	}
	tend(t, node)
	if active(t, node, keys.ES256).ID == turns[0].ID {
		t.Error("the next key signs before its time")
	}
	now.Pass(10 * time.Second)
	tend(t, node)
	if active(t, node, keys.ES256).ID != turns[0].ID {
		t.Error("the next key does not sign at its time")
	}
	if err := operator.Remove(t.Context(), turns[0].ID); !errors.Is(err, keys.ErrConflict) {
		t.Errorf("removing the active key: got %v, want ErrConflict", err)
	}
	if err := operator.Remove(t.Context(), old.ID); err != nil {
		t.Fatal(err)
	}
	tend(t, node)
	if _, ok := node.OIDC().Public(old.ID); ok {
		t.Error("a removed key is published")
	}
}

func TestSealedValuesAndSumsOutliveARotation(t *testing.T) {
	t.Parallel()
	now := newClock()
	store := &keystest.Memory{}
	fast, slow := open(t, store, now.Now), open(t, store, now.Now)
	sealed, cookie, sum := fast.Columns().Seal([]byte("x"), "a"), fast.Cookies().Seal([]byte("y"), "b"), fast.PIN().Sum("code")
	for _, use := range []keys.Use{keys.UseSeal, keys.UseCookie, keys.UsePIN} {
		if _, err := fast.Rotate(t.Context(), use); err != nil {
			t.Fatal(err)
		}
	}
	if fast.Columns().Stale(sealed) {
		t.Error("a value is stale before the key changes")
	}
	now.Pass(time.Minute)
	tend(t, fast) // slow has read nothing since its start
	if !fast.Columns().Stale(sealed) || fast.Columns().Stale(fast.Columns().Seal(nil)) || !fast.Columns().Stale(nil) {
		t.Error("stale values are not told from fresh ones")
	}
	for name, pair := range map[string][2]*keys.Keyring{"the node that rotated": {fast, fast}, "new at the slow node": {fast, slow}, "old at the slow node": {slow, slow}, "slow at fast": {slow, fast}} {
		from, to := pair[0], pair[1]
		if _, err := to.Columns().Open(from.Columns().Seal([]byte("x"), "a"), "a"); err != nil {
			t.Errorf("%s: column: %v", name, err)
		}
		if !to.PIN().Equal(from.PIN().Sum("code"), "code") {
			t.Errorf("%s: a code is refused", name)
		}
	}
	if _, err := fast.Columns().Open(sealed, "a"); err != nil {
		t.Errorf("an old value: %v", err)
	}
	if _, err := fast.Cookies().Open(cookie, "b"); err != nil {
		t.Errorf("an old cookie: %v", err)
	}
	if !fast.PIN().Equal(sum, "code") {
		t.Error("a code from before the rotation is refused")
	}
	now.Pass(day)
	tend(t, fast)
	if _, err := fast.Cookies().Open(cookie, "b"); !errors.Is(err, keys.ErrSealed) {
		t.Errorf("a cookie under an expired key: got %v, want ErrSealed", err)
	}
	if _, err := fast.Columns().Open(sealed, "a"); err != nil {
		t.Errorf("a column never expires by itself: %v", err)
	}
}

func TestTheIndexKeyChangesByAJob(t *testing.T) {
	t.Parallel()
	now := newClock()
	store := &keystest.Memory{}
	ring := open(t, store, now.Now)
	index := ring.Index()
	before := index.Of("document", "12345678Z")
	if err := ring.FinishIndex(t.Context()); err == nil {
		t.Error("a change that did not begin was finished")
	}
	turns, err := ring.Rotate(t.Context(), keys.UseIndex)
	if err != nil || turns[0].Done || !turns[0].ActivatesAt.IsZero() {
		t.Fatalf("got %+v, %v", turns, err)
	}
	now.Pass(1000 * day)
	tend(t, ring)
	if again, err := ring.RotateNow(t.Context(), keys.UseIndex); err != nil || again[0].Done || again[0].ID != turns[0].ID {
		t.Errorf("a second command: got %+v, %v, want the change that is going on", again, err)
	}
	next := ring.NextIndex()
	if next == nil || next.KeyID() != turns[0].ID || string(index.Of("document", "12345678Z")) != string(before) {
		t.Fatal("rows are looked up by the next key before the job is done")
	}
	after := next.Of("document", "12345678Z")
	if err := ring.FinishIndex(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ring.NextIndex() != nil || string(index.Of("document", "12345678Z")) != string(after) || index.KeyID() != turns[0].ID {
		t.Error("the next key did not take over")
	}
}

func TestKeysThatOthersKnowCitizensByNeverRotate(t *testing.T) {
	t.Parallel()
	ring := keystest.New(t, keystest.FixedTime)
	for _, rotate := range []func() ([]keys.Turn, error){
		func() ([]keys.Turn, error) { return ring.Rotate(t.Context(), keys.UseSubject) },
		func() ([]keys.Turn, error) { return ring.RotateNow(t.Context(), keys.UseSubject) },
		func() ([]keys.Turn, error) { return ring.Rotate(t.Context(), keys.UsePush) },
		func() ([]keys.Turn, error) { return ring.RotateNow(t.Context(), keys.UsePush) },
	} {
		if turns, err := rotate(); !errors.Is(err, keys.ErrNeverRotates) || turns != nil {
			t.Errorf("got %v, %v, want ErrNeverRotates", turns, err)
		}
	}
	if _, err := ring.Rotate(t.Context(), "nonsense"); err == nil {
		t.Error("a use that does not exist was rotated")
	}
}

func TestPublishedKeepsItsSliceUntilTheRingChanges(t *testing.T) {
	t.Parallel()
	now := newClock()
	ring := keystest.New(t, now.Now)
	before := ring.OIDC().Published()
	tend(t, ring)
	if after := ring.OIDC().Published(); &before[0] != &after[0] {
		t.Error("what was made of the published keys is lost without a change")
	}
	if _, err := ring.Rotate(t.Context(), keys.UseOIDC); err != nil {
		t.Fatal(err)
	}
	if after := ring.OIDC().Published(); len(after) != 2 || &before[0] == &after[0] {
		t.Error("the change does not show")
	}
}

// TestNoSignatureIsEverUnverifiable lets several nodes live for a while with all
// kinds of delays and commands. A relying party reads the JWKS of any node at
// most once in an hour and asks again for nothing. What any node signs must
// always verify by it.
func TestNoSignatureIsEverUnverifiable(t *testing.T) {
	t.Parallel()
	digest := sha256.Sum256([]byte("token"))
	quiet := keys.Options{Schedules: map[keys.Use]keys.Schedule{keys.UseCookie: {}, keys.UsePIN: {}, keys.UseSeal: {}, keys.UseAudit: {}}}
	rapid.Check(t, func(rt *rapid.T) {
		now := newClock()
		store := &keystest.Memory{}
		var rings []*keys.Keyring
		for range 3 {
			ring, err := keys.OpenWith(t.Context(), store, keystest.FixedMaster(t), now.Now, quiet)
			if err != nil {
				rt.Fatal(err)
			}
			rings = append(rings, ring)
		}
		var known []keys.PublicKey
		var read time.Time
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			// No node goes without reading for longer than the margin of Settle.
			now.Pass(time.Duration(rapid.IntRange(1, 120).Draw(rt, "seconds")) * time.Second)
			if rapid.IntRange(0, 5).Draw(rt, "long") == 0 {
				for left := rapid.IntRange(1, 60).Draw(rt, "days"); left > 0; left-- {
					now.Pass(day)
					tend(t, rings...)
				}
			}
			tend(t, rings...)
			if rapid.IntRange(0, 3).Draw(rt, "command") == 0 {
				node := rapid.IntRange(0, 2).Draw(rt, "operator")
				if _, err := rings[node].Rotate(t.Context(), keys.UseOIDC); err != nil {
					rt.Fatal(err)
				}
			}
			if now.Now().Sub(read) >= time.Hour {
				known, read = rings[rapid.IntRange(0, 2).Draw(rt, "asked")].OIDC().Published(), now.Now()
			}
			signer := active(t, rings[rapid.IntRange(0, 2).Draw(rt, "signer")], keys.ES256)
			signature, err := signer.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
			if err != nil {
				rt.Fatal(err)
			}
			verified := false
			for _, k := range known {
				if k.ID == signer.ID {
					verified = ecdsa.VerifyASN1(k.Key.(*ecdsa.PublicKey), digest[:], signature)
				}
			}
			if !verified {
				rt.Fatalf("key %s is unknown to the relying party", signer.ID)
			}
		}
	})
}
