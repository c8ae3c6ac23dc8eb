package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MasterSize is the length of a master key in bytes: that of AES-256.
const MasterSize = 32

// ErrMaster says that the master key is not the one under which a stored key
// was sealed, or that the stored key was changed.
var ErrMaster = errors.New("the master key does not fit the keys in this database, or they were changed; " +
	"give the master key with which the database was made, or restore both from one backup (nothing was changed)")

// Master is the key under which all others rest. It prints as nothing.
type Master struct{ wrap cipher.AEAD }

// NewMaster takes the 32 random bytes of a master key. What seals is derived
// from them, so that a later version can derive keys for other ends.
// Source: RFC 5869 (HKDF), section 3.2 (the info field separates uses).
func NewMaster(secret []byte) (*Master, error) {
	if len(secret) != MasterSize {
		return nil, fmt.Errorf("master key has %d bytes, want %d", len(secret), MasterSize)
	}
	if strings.Trim(string(secret), "\x00") == "" {
		return nil, errors.New("master key is all zeros: that is a placeholder, not a key")
	}
	derived, err := hkdf.Key(sha256.New, secret, nil, "clave key ring v1", 32)
	if err != nil {
		return nil, fmt.Errorf("deriving the sealing key: %w", err)
	}
	wrap, err := randomNonceGCM(derived)
	if err != nil {
		return nil, err
	}
	return &Master{wrap}, nil
}

// ParseMaster reads a master key in base64 (standard alphabet, padded), as in a
// file or an environment variable. White space around it is ignored. The error
// does not repeat the text.
func ParseMaster(text string) (*Master, error) {
	secret, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("master key is not base64: make one with `openssl rand -base64 %d`", MasterSize)
	}
	return NewMaster(secret)
}

// Format prints nothing of the key, whatever the verb.
func (m *Master) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(master key)") }

// seal wraps the secret of a record. All that the record says about the key and
// that never changes is bound to it, so that rows cannot be swapped and a public
// key cannot be replaced.
func (m *Master) seal(r Record, secret []byte) []byte {
	return m.wrap.Seal([]byte{sealedVersion}, nil, secret, r.bound())
}

// open unwraps the secret of a record, or returns ErrMaster.
func (m *Master) open(r Record) ([]byte, error) {
	if len(r.Sealed) < 1 || r.Sealed[0] != sealedVersion {
		return nil, ErrMaster
	}
	secret, err := m.wrap.Open(nil, nil, r.Sealed[1:], r.bound())
	if err != nil {
		return nil, ErrMaster
	}
	return secret, nil
}

// sealedVersion is the first byte of everything that this package seals.
const sealedVersion = 1

// bound is the additional data of a record.
func (r Record) bound() []byte {
	return appendParts([]byte{sealedVersion}, []string{r.ID, string(r.Use), r.Alg, string(r.Public)})
}

// randomNonceGCM returns AES-256-GCM that makes a random nonce of 12 bytes for
// each message and puts it in front. One key may seal 2^32 messages.
// Source: NIST SP 800-38D, sections 8.2.2 and 8.3.
func randomNonceGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	return aead, nil
}
