package keys_test

import (
	"bytes"
	"errors"
	"testing"

	"clave/keys"
	"clave/keys/keystest"

	"pgregory.net/rapid"
)

func TestSealedValuesOpenOnlyInTheirPlace(t *testing.T) {
	t.Parallel()
	ring := keystest.Fixed(t)
	sealed := ring.Columns().Seal([]byte("600000000"), "census", "phone", "row-1")
	if len(sealed) != len("600000000")+keys.Overhead {
		t.Errorf("got %d bytes", len(sealed))
	}
	if plain, err := ring.Columns().Open(sealed, "census", "phone", "row-1"); err != nil || string(plain) != "600000000" {
		t.Fatalf("got %q, %v", plain, err)
	}
	change := func(at int, to byte) []byte {
		b := bytes.Clone(sealed)
		b[at] ^= to
		return b
	}
	other := keystest.New(t, keystest.FixedTime)
	for _, test := range []struct {
		name   string
		sealed []byte
		aad    []string
	}{
		{"a value moved to another row is refused", sealed, []string{"census", "phone", "row-2"}},
		{"a value moved to another column is refused", sealed, []string{"census", "email", "row-1"}},
		{"a value with its place cut differently is refused", sealed, []string{"census", "phonerow-1"}},
		{"a value with one more part is refused", sealed, []string{"census", "phone", "row-1", ""}},
		{"a value without its place is refused", sealed, nil},
		{"another version is refused", change(0, 1), []string{"census", "phone", "row-1"}},
		{"another key id is refused", change(1, 1), []string{"census", "phone", "row-1"}},
		{"another nonce is refused", change(5, 1), []string{"census", "phone", "row-1"}},
		{"changed content is refused", change(18, 1), []string{"census", "phone", "row-1"}},
		{"a changed tag is refused", change(len(sealed)-1, 0x80), []string{"census", "phone", "row-1"}},
		{"a truncated value is refused", sealed[:len(sealed)-1], []string{"census", "phone", "row-1"}},
		{"a header alone is refused", sealed[:5], []string{"census", "phone", "row-1"}},
		{"a lengthened value is refused", append(bytes.Clone(sealed), 0), []string{"census", "phone", "row-1"}},
		{"nothing is refused", nil, []string{"census", "phone", "row-1"}},
		{"a value under a cookie key is refused", ring.Cookies().Seal([]byte("600000000"), "census", "phone", "row-1"), []string{"census", "phone", "row-1"}},
		{"a value of another installation is refused", other.Columns().Seal([]byte("600000000"), "census", "phone", "row-1"), []string{"census", "phone", "row-1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plain, err := ring.Columns().Open(test.sealed, test.aad...)
			if !errors.Is(err, keys.ErrSealed) || plain != nil {
				t.Errorf("got %q, %v, want ErrSealed", plain, err)
			}
		})
	}
}

func TestEverySealIsDifferent(t *testing.T) {
	t.Parallel()
	ring := keystest.Fixed(t)
	nonces := map[string]bool{}
	for range 10_000 {
		sealed := ring.Cookies().Seal([]byte("same"), "same")
		nonces[string(sealed[5:17])] = true
	}
	if len(nonces) != 10_000 {
		t.Errorf("%d nonces for 10000 values", len(nonces))
	}
}

func TestSealedValuesSurvive(t *testing.T) {
	t.Parallel()
	ring := keystest.Fixed(t)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		aad := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "aad")
		before := bytes.Clone(plain)
		sealed := ring.Columns().Seal(plain, aad...)
		got, err := ring.Columns().Open(sealed, aad...)
		if err != nil || !bytes.Equal(got, plain) || !bytes.Equal(before, plain) {
			t.Fatalf("got %x, %v, want %x", got, err, plain)
		}
		if other := rapid.SliceOfN(rapid.String(), 0, 4).Draw(t, "other"); !equal(aad, other) {
			if _, err := ring.Columns().Open(sealed, other...); err == nil {
				t.Fatalf("sealed in %q, opened in %q", aad, other)
			}
		}
	})
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func FuzzSealerOpen(f *testing.F) {
	ring := keystest.Fixed(f)
	f.Add(ring.Columns().Seal([]byte("x"), "a"))
	f.Add([]byte{1, 2, 3, 4, 5})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if _, err := ring.Columns().Open(sealed, "b"); !errors.Is(err, keys.ErrSealed) {
			t.Errorf("got %v, want ErrSealed", err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	columns, plain := keystest.Fixed(b).Columns(), make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		columns.Seal(plain, "census", "phone", "row-1")
	}
}

func BenchmarkOpen(b *testing.B) {
	columns := keystest.Fixed(b).Columns()
	sealed := columns.Seal(make([]byte, 64), "census", "phone", "row-1")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := columns.Open(sealed, "census", "phone", "row-1"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealParallel(b *testing.B) {
	columns, plain := keystest.Fixed(b).Columns(), make([]byte, 64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			columns.Seal(plain, "census", "phone", "row-1")
		}
	})
}
