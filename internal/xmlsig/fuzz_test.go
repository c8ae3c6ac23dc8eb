package xmlsig_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"slices"
	"strings"
	"testing"

	"clave/internal/xmlsig"
)

// fixedKey is the same in all processes of a fuzzing run, or what one of them signed
// would hold in no other.
func fixedKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), slices.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Whatever comes, nothing panics, nothing reads differently the second time, nobody gets
// another text signed than the one that was, and what we take xmlsec1 takes too.
func FuzzVerify(f *testing.F) {
	key := fixedKey(f)
	trust := xmlsig.Trust{Keys: []crypto.PublicKey{key.Public()}, Properties: true}
	want := map[string]bool{}
	for _, document := range []string{message, list} {
		s := xmlsig.Signer{Key: key, Method: xmlsig.ECDSASHA256}
		text := signed(f, document, "", s)
		f.Add(text)
		s.Properties = properties(f)
		f.Add(signed(f, document, "", s))
		whole, err := verified(text, "", trust)
		if err != nil {
			f.Fatal(err)
		}
		want[whole] = true
	}
	for _, document := range hardDocuments() {
		f.Add(strings.Replace(document, "SIGNATURE", template(xmlsig.ECDSASHA256, xmlsig.Exclusive, "", enveloped, xmlsig.Exclusive), 1))
	}
	small := xmlsig.Limits{Bytes: 1 << 14, Depth: 16, Elements: 300}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := xmlsig.Parse([]byte(text), small)
		if err != nil {
			return
		}
		once, err := xmlsig.Canonical(d.Root())
		if err != nil {
			t.Fatal(err)
		}
		again, err := xmlsig.Parse(once, xmlsig.Limits{Bytes: 1 << 17, Depth: 16, Elements: 300})
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if twice, err := xmlsig.Canonical(again.Root()); err != nil || string(twice) != string(once) {
			t.Fatalf("read as %q and then as %q", once, twice)
		}
		s, err := d.Verify(nil, trust)
		if err != nil {
			return
		}
		if got, err := xmlsig.Canonical(s.Element); err != nil || !want[string(got)] {
			t.Errorf("accepted %s", got)
		}
		if ok, said := newFolder(t).accepted(text, key); !ok {
			t.Errorf("xmlsec1 refuses:\n%s", said)
		}
	})
}
