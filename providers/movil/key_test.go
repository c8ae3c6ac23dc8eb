package movil_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"testing"

	"clave/providers/movil"
	mt "clave/providers/movil/moviltest"
)

func TestDeviceKeysAreOnP256(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	larger, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(t, err)
	good := mt.Phone()
	sig := good.Sign([]byte("challenge"))
	must(t, movil.VerifyKey(good.Key(), []byte("challenge"), sig))
	off := append([]byte{}, good.Key()...)
	off[len(off)-1] ^= 1
	for name, spki := range map[string][]byte{
		"a larger curve": larger, "a point off the curve": off, "something after it": append(good.Key(), 0), "nothing": nil,
		"too much": make([]byte, 4096),
	} {
		if err := movil.VerifyKey(spki, []byte("challenge"), sig); !errors.Is(err, movil.ErrKey) {
			t.Errorf("%s: got %v, want ErrKey", name, err)
		}
	}
	for name, sig := range map[string][]byte{
		"none": nil, "one too long": append(sig, 0), "zeroes": make([]byte, 64), "the halves changed": append(append([]byte{}, sig[32:]...), sig[:32]...),
	} {
		if err := movil.VerifyKey(good.Key(), []byte("challenge"), sig); !errors.Is(err, movil.ErrKey) {
			t.Errorf("a signature that is %s: got %v, want ErrKey", name, err)
		}
	}
}

func FuzzDeviceKeys(f *testing.F) {
	p := mt.Phone()
	f.Add(p.Key(), p.Sign([]byte("challenge")))
	f.Fuzz(func(t *testing.T, spki, sig []byte) {
		if err := movil.VerifyKey(spki, []byte("challenge"), sig); err != nil && !errors.Is(err, movil.ErrKey) {
			t.Errorf("got %v, want ErrKey", err)
		}
	})
}
