package keystest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"clave/keys"
	"clave/keys/keystest"
)

var update = flag.Bool("update", false, "make new fixed keys")

func TestMemory(t *testing.T) {
	t.Parallel()
	keystest.Suite(t, func(*testing.T) keys.Store { return &keystest.Memory{} })
}

func TestFixedKeysStayTheSame(t *testing.T) {
	t.Parallel()
	const file = "testdata/fixed.json"
	if *update {
		store := &keystest.Memory{}
		ring, err := keys.Open(t.Context(), store, keystest.FixedMaster(t), keystest.FixedTime)
		if err != nil {
			t.Fatal(err)
		}
		if err := ring.OIDC().Ensure(t.Context(), keys.ES256, keys.RS256, keys.PS256, keys.EdDSA); err != nil {
			t.Fatal(err)
		}
		records, _ := store.Keys(t.Context())
		text, err := json.MarshalIndent(records, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Fatal("made new fixed keys: what follows was printed under the old ones and must be renewed too")
	}
	ring := keystest.Fixed(t)
	for _, alg := range []string{keys.ES256, keys.RS256, keys.PS256, keys.EdDSA} {
		if _, err := ring.OIDC().Active(alg); err != nil {
			t.Error(err)
		}
	}
	// What an earlier version made must stay good: these were printed once.
	for name, test := range map[string]struct{ got, want []byte }{
		"subject":     {[]byte(ring.Subjects().Subject("sector", "person")), []byte("WOer64u-QX4pbycUu9E6faDaiCsFnP6BIAHGsThA6_o")},
		"blind index": {ring.Index().Of("document", "12345678Z"), decode(t, "wL48/xTHYRhY96fyWnJQnSJI1Ygck+/21ojicJHjQ5E=")},
		"sum":         {ring.PIN().Sum("login", "ABCD", "X2Y"), decode(t, "AQ8ULPhnfP8yRhV0GB+wR+bYPhtZ1zC6Lrht83ePTSlbafdm9Q==")},
	} {
		if !bytes.Equal(test.got, test.want) {
			t.Errorf("%s: got %x, want %x", name, test.got, test.want)
		}
	}
	sealed := decode(t, "Adyhbd8ZOvH2jFanIXEYPqnakMHyj525bf1oT6WtQ3+OiJA+8mnC3yZHHqgeiGsNrQ==")
	if plain, err := ring.Columns().Open(sealed, "table", "column", "row"); err != nil || string(plain) != "an earlier value" {
		t.Errorf("an earlier value: got %q, %v", plain, err)
	}
}

func decode(t *testing.T, text string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
