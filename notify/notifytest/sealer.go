package notifytest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"strings"
)

// Sealer is a notify.Sealer with a random key that dies with it.
type Sealer struct{ aead cipher.AEAD }

// NewSealer makes a key.
func NewSealer() Sealer {
	key := make([]byte, 32)
	_, _ = rand.Read(key)          // never fails
	block, _ := aes.NewCipher(key) // 32 bytes are a key
	aead, _ := cipher.NewGCMWithRandomNonce(block)
	return Sealer{aead}
}

// Seal implements notify.Sealer.
func (s Sealer) Seal(plain []byte, aad ...string) []byte {
	return s.aead.Seal(nil, nil, plain, []byte(strings.Join(aad, "\x00")))
}

// Open implements notify.Sealer.
func (s Sealer) Open(sealed []byte, aad ...string) ([]byte, error) {
	return s.aead.Open(nil, nil, sealed, []byte(strings.Join(aad, "\x00")))
}
