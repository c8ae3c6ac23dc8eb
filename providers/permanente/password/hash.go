package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Params are what hashing costs. They stand in each hash, so that older ones are
// still compared after a change.
type Params struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultParams are 19 MiB, two passes, one lane.
// Source: OWASP Password Storage Cheat Sheet, argon2id; RFC 9106 for the function.
func DefaultParams() Params { return Params{MemoryKiB: 19 * 1024, Passes: 2, Lanes: 1} }

const (
	saltBytes = 16
	hashBytes = 32
	// Bounds of what a stored hash may ask for: whoever could write the column could
	// otherwise stop us with one row.
	mostMemoryKiB = 1 << 20
	mostPasses    = 16
)

// Hash is a kept password in the PHC string format. It is no secret to print, and is
// sealed at rest all the same. The zero value matches nothing.
type Hash string

// ErrHash says that a stored hash cannot be read.
var ErrHash = errors.New("a password's hash cannot be read")

// Hash makes the hash of a password in its normal form with a salt of its own.
func (p Params) Hash(normal string) Hash {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: the program stops when the system has no randomness
	return p.write(salt, p.sum(normal, salt, hashBytes))
}

func (p Params) sum(normal string, salt []byte, n uint32) []byte {
	return argon2.IDKey([]byte(normal), salt, p.Passes, p.MemoryKiB, p.Lanes, n)
}

func (p Params) write(salt, sum []byte) Hash {
	b64 := base64.RawStdEncoding
	return Hash(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.MemoryKiB, p.Passes, p.Lanes, b64.EncodeToString(salt), b64.EncodeToString(sum)))
}

// Decoy is a hash that no password matches and that costs what a real one does, for
// documents without a password.
func (p Params) Decoy() Hash { return p.write(make([]byte, saltBytes), make([]byte, hashBytes)) }

// Matches compares a password in its normal form, at the cost that the hash states.
// ErrHash.
func (h Hash) Matches(normal string) (bool, error) {
	p, salt, sum, err := h.read()
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(p.sum(normal, salt, uint32(len(sum))), sum) == 1, nil
}

// Stale tells whether the hash was made with other parameters than these.
func (h Hash) Stale(now Params) bool {
	p, _, _, err := h.read()
	return err != nil || p != now
}

func (h Hash) read() (p Params, salt, sum []byte, err error) {
	parts := strings.Split(string(h), "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return Params{}, nil, nil, ErrHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Lanes); err != nil || n != 3 {
		return Params{}, nil, nil, ErrHash
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	sum, sumErr := base64.RawStdEncoding.DecodeString(parts[5])
	switch {
	case saltErr != nil || sumErr != nil || len(salt) < 8 || len(sum) < 16 || len(sum) > 64:
		return Params{}, nil, nil, ErrHash
	case p.MemoryKiB == 0 || p.MemoryKiB > mostMemoryKiB || p.Passes == 0 || p.Passes > mostPasses || p.Lanes == 0:
		return Params{}, nil, nil, ErrHash
	}
	return p, salt, sum, nil
}
