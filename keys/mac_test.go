package keys_test

import (
	"bytes"
	"encoding/base64"
	"testing"
	"time"

	"clave/keys"
	"clave/keys/keystest"
)

func TestSumsAreEqualOnlyForTheSameParts(t *testing.T) {
	t.Parallel()
	pin := keystest.Fixed(t).PIN()
	sum := pin.Sum("login", "ABCD", "X2Y")
	if len(sum) != keys.SumSize || !pin.Equal(sum, "login", "ABCD", "X2Y") {
		t.Fatal("a sum does not equal itself")
	}
	for _, parts := range [][]string{
		{"login", "ABCD", "X2Z"}, {"other", "ABCD", "X2Y"}, {"login", "ABC", "DX2Y"}, {"login", "ABCDX2Y"},
		{"login", "ABCD", "X2Y", ""}, {"login", "ABCD"}, {},
	} {
		if pin.Equal(sum, parts...) {
			t.Errorf("%q has the same sum", parts)
		}
	}
	for at := range sum {
		changed := bytes.Clone(sum)
		changed[at] ^= 1
		if pin.Equal(changed, "login", "ABCD", "X2Y") {
			t.Errorf("a sum with byte %d changed is accepted", at)
		}
	}
	for _, short := range [][]byte{nil, {}, sum[:5], sum[:len(sum)-1], append(bytes.Clone(sum), 0)} {
		if pin.Equal(short, "login", "ABCD", "X2Y") {
			t.Errorf("a sum of %d bytes is accepted", len(short))
		}
	}
	if keystest.New(t, keystest.FixedTime).PIN().Equal(sum, "login", "ABCD", "X2Y") {
		t.Error("a sum of another installation is accepted")
	}
}

func TestCodesOnPaperHaveARingOfTheirOwn(t *testing.T) {
	t.Parallel()
	now := keystest.FixedTime()
	ring := keystest.New(t, func() time.Time { return now })
	sum := ring.Activation().Sum("activation", "person", "ABCDEFGHJKLM")
	if ring.PIN().Equal(sum, "activation", "person", "ABCDEFGHJKLM") {
		t.Error("a sum of a code on paper is accepted for a PIN")
	}
	for range 3 { // a code may lie in a drawer for years
		turns, err := ring.Rotate(t.Context(), keys.UseActivation)
		if err != nil {
			t.Fatal(err)
		}
		now = turns[0].ActivatesAt.Add(365 * 24 * time.Hour)
		if err := ring.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if again := ring.Activation().Sum("activation", "person", "ABCDEFGHJKLM"); bytes.Equal(again, sum) {
		t.Error("the key was not rotated")
	}
	if !ring.Activation().Equal(sum, "activation", "person", "ABCDEFGHJKLM") {
		t.Error("a code from before three rotations is refused")
	}
}

func TestBlindIndexTellsKindsAndValuesApart(t *testing.T) {
	t.Parallel()
	ring := keystest.Fixed(t)
	index := ring.Index()
	base := index.Of("document", "12345678Z")
	if len(base) != 32 || !bytes.Equal(base, index.Of("document", "12345678Z")) {
		t.Error("equal values have different hashes")
	}
	for _, other := range [][]byte{
		index.Of("phone", "12345678Z"), index.Of("document", "00000000T"), index.Of("document1", "2345678Z"), index.Of("", "document12345678Z"),
		keystest.New(t, keystest.FixedTime).Index().Of("document", "12345678Z"),
	} {
		if bytes.Equal(base, other) {
			t.Error("different values have one hash")
		}
	}
	if ring.NextIndex() != nil {
		t.Error("a change of the index key is going on")
	}
}

func TestSubjectsArePairwise(t *testing.T) {
	t.Parallel()
	subjects := keystest.Fixed(t).Subjects()
	one := subjects.Subject("town", "person")
	if raw, err := base64.RawURLEncoding.DecodeString(one); err != nil || len(raw) != 32 || one != subjects.Subject("town", "person") {
		t.Errorf("got %s, %v", one, err)
	}
	for _, other := range []string{subjects.Subject("tax", "person"), subjects.Subject("town", "other"), subjects.Subject("tow", "nperson")} {
		if one == other {
			t.Error("two subjects are the same")
		}
	}
}

func BenchmarkSum(b *testing.B) {
	pin := keystest.Fixed(b).PIN()
	b.ReportAllocs()
	for b.Loop() {
		pin.Sum("login", "ABCD", "X2Y")
	}
}

func BenchmarkIndex(b *testing.B) {
	index := keystest.Fixed(b).Index()
	b.ReportAllocs()
	for b.Loop() {
		index.Of("document", "12345678Z")
	}
}

func BenchmarkSubject(b *testing.B) {
	subjects := keystest.Fixed(b).Subjects()
	b.ReportAllocs()
	for b.Loop() {
		subjects.Subject("town", "person")
	}
}
