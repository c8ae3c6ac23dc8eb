package onetime

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

func TestShapes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		make  func() string
		shape string
	}{
		{"an id", NewID, `^[A-Za-z0-9_-]{22}$`},
		{"a token", NewToken, `^[A-Za-z0-9_-]{43}$`},
		{"a PIN has no Ñ, 0, 1, 8 or 9", NewPIN, `^[A-Z2-7]{3}$`},
		{"the citizen's half", NewHalf, `^[A-Z0-9]{4}$`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			shape := regexp.MustCompile(test.shape)
			for range 1000 {
				if got := test.make(); !shape.MatchString(got) {
					t.Fatalf("got %q", got)
				}
			}
		})
	}
}

func TestIDsAndTokensDoNotRepeat(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 10_000 {
		seen[NewID()], seen[NewToken()] = true, true
	}
	if len(seen) != 20_000 {
		t.Errorf("%d of 20000 are different", len(seen))
	}
}

func TestATokenIs256Bits(t *testing.T) {
	t.Parallel()
	if raw, err := base64.RawURLEncoding.DecodeString(NewToken()); err != nil || len(raw) != 32 {
		t.Errorf("got %d bytes, %v", len(raw), err)
	}
}

func TestHashIsSHA256(t *testing.T) {
	t.Parallel()
	const want = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0" // of "abc", FIPS 180-4
	if got := base64.RawURLEncoding.EncodeToString(Hash("abc")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Each byte value is drawn as often as the others, so it is enough to count what
// the 256 of them become.
func TestEveryCharacterIsEquallyLikely(t *testing.T) {
	t.Parallel()
	for _, alphabet := range []string{pinAlphabet, halfAlphabet, "0123456789", "AB"} {
		kept := 256 - 256%len(alphabet)
		next := 0
		all := code(func(b []byte) {
			for i := range b {
				b[i] = byte(next)
				next++
			}
		}, alphabet, kept)
		if next != 256 {
			t.Errorf("%s: %d values were drawn for %d characters, want 256", alphabet, next, kept)
		}
		for _, c := range alphabet {
			if got, want := strings.Count(all, string(c)), kept/len(alphabet); got != want {
				t.Errorf("%q of %s: %d values, want %d", c, alphabet, got, want)
			}
		}
	}
}

func TestAlphabets(t *testing.T) {
	t.Parallel()
	if len(pinAlphabet) != 32 || strings.ContainsAny(pinAlphabet, "0189Ñ") {
		t.Errorf("a PIN is drawn from %s", pinAlphabet)
	}
	if len(halfAlphabet) != 36 {
		t.Errorf("a half is drawn from %s", halfAlphabet)
	}
}

func BenchmarkNewID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NewID()
	}
}

func BenchmarkNewPIN(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NewPIN()
	}
}
