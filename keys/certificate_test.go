package keys_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"clave/keys"
	"clave/keys/keystest"
)

// certified opens a ring over a store with SAML keys; RSA of 2048 bits is made quicker.
func certified(t *testing.T, store keys.Store, now func() time.Time) *keys.Keyring {
	t.Helper()
	ring, err := keys.OpenWith(t.Context(), store, keystest.FixedMaster(t), now, keys.Options{CertifiedRSABits: 2048, Issuer: "clave.example"})
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.SAML().Ensure(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	return ring
}

func samlKey(t *testing.T, ring *keys.Keyring, alg string) keys.SigningKey {
	t.Helper()
	k, err := ring.SAML().Active(alg)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAKeyForSAMLHasACertificateOfItsOwn(t *testing.T) {
	t.Parallel()
	store := keystest.FixedStore(t)
	ring := certified(t, store, keystest.FixedTime)
	if err := ring.SAML().Ensure(t.Context(), keys.RS256); err != nil {
		t.Fatal(err)
	}
	again := certified(t, store, keystest.FixedTime)
	for _, alg := range []string{keys.ES256, keys.RS256} {
		k := samlKey(t, again, alg)
		c := k.Certificate
		if c == nil || !c.Equal(samlKey(t, ring, alg).Certificate) {
			t.Fatalf("%s: another node has another certificate", alg)
		}
		if err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if c.Subject.CommonName != "clave.example" || c.Issuer.CommonName != "clave.example" {
			t.Errorf("%s: it is of %s, by %s", alg, c.Subject, c.Issuer)
		}
		if want := keystest.FixedTime().AddDate(10, 0, 0); !c.NotAfter.Equal(want) || c.NotBefore.After(keystest.FixedTime()) {
			t.Errorf("%s: from %s until %s", alg, c.NotBefore, c.NotAfter)
		}
		if c.IsCA || c.KeyUsage != x509.KeyUsageDigitalSignature {
			t.Errorf("%s: usage %v, CA %v", alg, c.KeyUsage, c.IsCA)
		}
		if !k.Signer.Public().(interface{ Equal(x crypto.PublicKey) bool }).Equal(c.PublicKey) {
			t.Errorf("%s: the certificate is of another key", alg)
		}
	}
}

func TestAKeyWithACertificateIsLargerUnlessAskedOtherwise(t *testing.T) {
	t.Parallel()
	ring := keystest.Fixed(t)
	if err := ring.Clave().Ensure(t.Context(), keys.RS256); err != nil {
		t.Fatal(err)
	}
	k, err := ring.Clave().Active(keys.RS256)
	if err != nil {
		t.Fatal(err)
	}
	if got := k.Signer.Public().(*rsa.PublicKey).N.BitLen(); got != 3072 {
		t.Errorf("got %d bits", got)
	}
	if err := ring.Clave().Ensure(t.Context(), keys.ES256); !errors.Is(err, keys.ErrNoKey) {
		t.Errorf("the dialect has RSA alone: %v", err)
	}
}

func TestALongNameIsCutInACertificate(t *testing.T) {
	t.Parallel()
	ring, err := keys.OpenWith(t.Context(), keystest.FixedStore(t), keystest.FixedMaster(t), keystest.FixedTime, keys.Options{Issuer: strings.Repeat("a", 65)})
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.SAML().Ensure(t.Context(), keys.ES256); err != nil {
		t.Fatal(err)
	}
	if got := len(samlKey(t, ring, keys.ES256).Certificate.Subject.CommonName); got != 64 {
		t.Errorf("got %d bytes", got)
	}
}

func TestTheNextCertificateHasTheNameOfTheOneBefore(t *testing.T) {
	t.Parallel()
	store := keystest.FixedStore(t)
	certified(t, store, keystest.FixedTime)
	command, err := keys.Open(t.Context(), store, keystest.FixedMaster(t), keystest.FixedTime)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := command.Rotate(t.Context(), keys.UseSAML); err != nil {
		t.Fatal(err)
	}
	for _, k := range command.SAML().Published() {
		if got := k.Certificate.Subject.CommonName; got != "clave.example" {
			t.Errorf("%s %s is of %q", k.State, k.Alg, got)
		}
	}
}

func TestACertificatePutInByAnotherIsNotTaken(t *testing.T) {
	t.Parallel()
	store := keystest.FixedStore(t)
	mine := samlKey(t, certified(t, store, keystest.FixedTime), keys.ES256)
	theirs := samlKey(t, certified(t, keystest.FixedStore(t), keystest.FixedTime), keys.ES256)
	store.Tamper(mine.ID, func(r *keys.Record) { r.Public = theirs.Certificate.Raw })
	if _, err := keys.Open(t.Context(), store, keystest.FixedMaster(t), keystest.FixedTime); !errors.Is(err, keys.ErrMaster) {
		t.Errorf("got %v, want ErrMaster", err)
	}
}

func TestKeysWithCertificatesRotateByCommandAlone(t *testing.T) {
	t.Parallel()
	now := newClock()
	ring := certified(t, keystest.FixedStore(t), now.Now)
	old := samlKey(t, ring, keys.ES256)

	turns, err := ring.Rotate(t.Context(), keys.UseSAML)
	if err != nil || len(turns) != 1 || turns[0].Done || !turns[0].ActivatesAt.IsZero() || turns[0].ReadyAt.Sub(now.Now()) != day {
		t.Fatalf("the first command: %+v, %v", turns, err)
	}
	next := turns[0].ID
	if _, err := ring.SAML().Kept(next); !errors.Is(err, keys.ErrNoKey) {
		t.Errorf("a key signs before services know it: %v", err)
	}
	published := ring.SAML().Published()
	waits := func(k keys.PublicKey) bool { return k.ID == next && k.State == keys.Next && k.Certificate != nil }
	if len(published) != 2 || !slices.ContainsFunc(published, waits) {
		t.Fatalf("the next certificate is not published: %+v", published)
	}
	if turns, err = ring.Rotate(t.Context(), keys.UseSAML); err != nil || turns[0].Done || turns[0].ID != next || turns[0].ReadyAt.Sub(now.Now()) != day {
		t.Fatalf("a second command before services know it: %+v, %v", turns, err)
	}
	now.Pass(400 * day)
	tend(t, ring)
	if got := samlKey(t, ring, keys.ES256).ID; got != old.ID {
		t.Fatal("time alone rotated the key")
	}
	if turns, err = ring.Rotate(t.Context(), keys.UseSAML); err != nil || !turns[0].Done {
		t.Fatalf("the second command: %+v, %v", turns, err)
	}
	if got := samlKey(t, ring, keys.ES256).ID; got != next {
		t.Errorf("%s signs, want %s", got, next)
	}
	now.Pass(4000 * day)
	tend(t, ring)
	if kept, err := ring.SAML().Kept(old.ID); err != nil || !kept.Certificate.Equal(old.Certificate) {
		t.Errorf("a service that stays on the old key is left alone: %v", err)
	}
	if err := ring.Remove(t.Context(), old.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.SAML().Kept(old.ID); !errors.Is(err, keys.ErrNoKey) {
		t.Errorf("a removed key: %v", err)
	}
}

func TestAKeyWithACertificateThatIsNoLongerTrustedGoesAtOnce(t *testing.T) {
	t.Parallel()
	now := newClock()
	ring := certified(t, keystest.FixedStore(t), now.Now)
	if _, err := ring.Rotate(t.Context(), keys.UseSAML); err != nil {
		t.Fatal(err)
	}
	turns, err := ring.RotateNow(t.Context(), keys.UseSAML)
	if err != nil || turns[0].ActivatesAt.IsZero() {
		t.Fatalf("%+v, %v", turns, err)
	}
	now.Pass(time.Minute)
	tend(t, ring)
	if got := samlKey(t, ring, keys.ES256).ID; got != turns[0].ID {
		t.Errorf("%s signs, want %s", got, turns[0].ID)
	}
}
