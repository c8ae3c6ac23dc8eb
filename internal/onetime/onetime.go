// Package onetime makes what must not be guessed or used twice: ids, tokens
// and codes, from the system's random source.
package onetime

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

const (
	idBytes    = 16
	tokenBytes = 32
)

// NewID makes a random name of 128 bits in 22 characters that are safe in
// addresses.
func NewID() string { return random(idBytes) }

// NewToken makes a secret of 256 bits in 43 characters that are safe in
// addresses.
func NewToken() string { return random(tokenBytes) }

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: the program stops when the system has no randomness
	return base64.RawURLEncoding.EncodeToString(b)
}

// Hash is how a token is stored: SHA-256. A token has 256 random bits, so that
// a slow hash would add nothing.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
