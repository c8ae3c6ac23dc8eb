package passkey_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"clave/providers/movil/passkey"
	"clave/sandbox/phone"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/google/go-cmp/cmp"
)

func TestAPasskeyIsKeptAsItWasMade(t *testing.T) {
	t.Parallel()
	p := phone.New(issuer)
	p.Synced, p.Counter = true, 5
	c := credential(t, p)
	want := passkey.Credential{
		ID: p.ID, User: somebody().ID, AAGUID: make([]byte, 16), SignCount: 6, BackupEligible: true, BackedUp: true,
		Transports: []string{"internal", "hybrid"}, PublicKey: c.PublicKey,
	}
	if diff := cmp.Diff(want, c); diff != "" || len(c.PublicKey) == 0 {
		t.Errorf("want less got:\n%s", diff)
	}
	if id, err := passkey.CredentialID(created(t, p)); err != nil || string(id) != string(p.ID) {
		t.Errorf("got %x, %v; want the passkey's id", id, err)
	}
}

func TestWhatACreationDoesNotProve(t *testing.T) {
	t.Parallel()
	origin := func(other string) func(testing.TB, parts) {
		return func(t testing.TB, p parts) {
			p.reclient(t, func(d map[string]any) { d["origin"] = other })
		}
	}
	flags := func(change func(byte) byte) func(testing.TB, parts) {
		return func(t testing.TB, p parts) { p.reattest(t, func(o *object) { o.Data[32] = change(o.Data[32]) }) }
	}
	tests := []struct {
		name   string
		change func(t testing.TB, p parts)
	}{
		{"for another challenge", func(t testing.TB, p parts) {
			p.reclient(t, func(d map[string]any) { d["challenge"] = encode(question("something else")) })
		}},
		{"without a challenge", func(t testing.TB, p parts) { p.reclient(t, func(d map[string]any) { d["challenge"] = "" }) }},
		{"that was a login", func(t testing.TB, p parts) { p.reclient(t, func(d map[string]any) { d["type"] = "webauthn.get" }) }},
		{"from another origin", origin("https://evil.example")},
		{"from a host above", origin("https://example")},
		{"from a host below", origin("https://www.clave.example")},
		{"from another port", origin("https://clave.example:8443")},
		{"without encryption", origin("http://clave.example")},
		{"from an origin in capitals", origin("HTTPS://CLAVE.EXAMPLE")},
		{"from an origin with a path", origin("https://clave.example/evil")},
		{"from an origin with a name before it", origin("https://evil@clave.example")},
		{"from an app", origin("android:apk-key-hash:x")},
		{"from a frame of another site", func(t testing.TB, p parts) {
			p.reclient(t, func(d map[string]any) { d["crossOrigin"], d["topOrigin"] = true, "https://evil.example" })
		}},
		{"from a frame of our own in another site", func(t testing.TB, p parts) {
			p.reclient(t, func(d map[string]any) { d["crossOrigin"] = true })
		}},
		{"for another site", func(t testing.TB, p parts) { p.reattest(t, func(o *object) { o.Data[0] ^= 1 }) }},
		{"by who was not verified", flags(func(f byte) byte { return f &^ 4 })},
		{"by nobody", flags(func(f byte) byte { return f &^ 1 })},
		{"of a copy of what cannot be copied", flags(func(f byte) byte { return f | 16 })},
		{"without a passkey", flags(func(f byte) byte { return f &^ 64 })},
		{"with something after the passkey", func(t testing.TB, p parts) { p.reattest(t, func(o *object) { o.Data = append(o.Data, 0) }) }},
		{"of another passkey than it says", func(_ testing.TB, p parts) {
			p["id"], p["rawId"] = encode(make([]byte, 16)), encode(make([]byte, 16))
		}},
		{"with two names", func(_ testing.TB, p parts) { p["id"] = encode(make([]byte, 16)) }},
		{"of another kind", func(_ testing.TB, p parts) { p["type"] = "password" }},
		{"with an id that can be guessed", func(t testing.TB, p parts) {
			p["id"], p["rawId"] = encode([]byte("short")), encode([]byte("short"))
			p.reattest(t, func(o *object) { rename(o, []byte("short")) })
		}},
		{"with an id that is too long", func(t testing.TB, p parts) {
			long := make([]byte, 1024)
			p["id"], p["rawId"] = encode(long), encode(long)
			p.reattest(t, func(o *object) { rename(o, long) })
		}},
		{"that is too large", func(_ testing.TB, p parts) { p["padding"] = strings.Repeat("x", passkey.AnswerSize) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := apart(t, created(t, phone.New(issuer)))
			test.change(t, p)
			if c, err := rp(t).Create(question("create"), somebody(), p.together(t)); !errors.Is(err, passkey.ErrAnswer) {
				t.Errorf("got %+v, %v; want ErrAnswer", c, err)
			}
		})
	}
}

// rename gives the passkey in authenticator data another id.
func rename(o *object, id []byte) {
	key := o.Data[55+int(binary.BigEndian.Uint16(o.Data[53:])):]
	data := binary.BigEndian.AppendUint16(append([]byte{}, o.Data[:53]...), uint16(len(id)))
	o.Data = append(append(data, id...), key...)
}

// rekey gives the passkey another public key.
func rekey(t testing.TB, o *object, key map[int]any) {
	t.Helper()
	b, err := webauthncbor.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	o.Data = append(append([]byte{}, o.Data[:55+int(binary.BigEndian.Uint16(o.Data[53:]))]...), b...)
}

func TestKindsOfKeys(t *testing.T) {
	t.Parallel()
	point := func(curve elliptic.Curve) (x, y []byte) {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		b, err := key.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return b[1 : 1+(len(b)-1)/2], b[1+(len(b)-1)/2:]
	}
	x, y := point(elliptic.P256())
	x384, y384 := point(elliptic.P384())
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	modulus, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	off := append([]byte{}, y...)
	off[31] ^= 1
	e := []byte{1, 0, 1}
	tests := []struct {
		name string
		key  map[int]any
		good bool
	}{
		{"ES256", map[int]any{1: 2, 3: -7, -1: 1, -2: x, -3: y}, true},
		{"EdDSA", map[int]any{1: 1, 3: -8, -1: 6, -2: []byte(edwards)}, true},
		{"RS256 of 2,048 bits", map[int]any{1: 3, 3: -257, -1: modulus.N.Bytes(), -2: e}, true},
		{"RS256 of 1,024 bits", map[int]any{1: 3, 3: -257, -1: modulus.N.Bytes()[:128], -2: e}, false},
		{"RS256 of 8,192 bits", map[int]any{1: 3, 3: -257, -1: append([]byte{0xff}, make([]byte, 1023)...), -2: e}, false},
		{"RS1", map[int]any{1: 3, 3: -65535, -1: modulus.N.Bytes(), -2: e}, false},
		{"PS256, which was not asked for", map[int]any{1: 3, 3: -37, -1: modulus.N.Bytes(), -2: e}, false},
		{"ES384, which was not asked for", map[int]any{1: 2, 3: -35, -1: 2, -2: x384, -3: y384}, false},
		{"ES256K", map[int]any{1: 2, 3: -47, -1: 8, -2: x, -3: y}, false},
		{"a point that is not on the curve", map[int]any{1: 2, 3: -7, -1: 1, -2: x, -3: off}, false},
		{"a curve of another algorithm", map[int]any{1: 2, 3: -7, -1: 2, -2: x384, -3: y384}, false},
		{"no key", map[int]any{}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := apart(t, created(t, phone.New(issuer)))
			p.reattest(t, func(o *object) { rekey(t, o, test.key) })
			_, err := rp(t).Create(question("create"), somebody(), p.together(t))
			if good := err == nil; good != test.good || err != nil && !errors.Is(err, passkey.ErrAnswer) {
				t.Errorf("got %v, want it taken: %v", err, test.good)
			}
		})
	}
}

// What an authenticator says about itself was not asked for. A browser may pass it on
// all the same; nothing in it is parsed, fetched or believed.
func TestAttestationsAreNotLookedAt(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"none", "packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "unheard of"} {
		p := apart(t, created(t, phone.New(issuer)))
		p.reattest(t, func(o *object) {
			o.Format, o.Statement = format, map[string]any{"x5c": []any{[]byte{1}}, "sig": "junk"}
		})
		if _, err := rp(t).Create(question("create"), somebody(), p.together(t)); err != nil {
			t.Errorf("%s: got %v, want the passkey", format, err)
		}
	}
}

func TestOnlySoManyTransportsAreKept(t *testing.T) {
	t.Parallel()
	p := apart(t, created(t, phone.New(issuer)))
	p.response()["transports"] = strings.Split("usb,,nfc,"+strings.Repeat("x", 33)+",1,2,3,4,5,6,7,8,9", ",")
	c, err := rp(t).Create(question("create"), somebody(), p.together(t))
	if diff := cmp.Diff([]string{"usb", "nfc", "1", "2", "3", "4", "5", "6"}, c.Transports); err != nil || diff != "" {
		t.Errorf("%v, want less got:\n%s", err, diff)
	}
}
