package keys

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// SumSize is the length of what MAC.Sum returns.
const SumSize = headerSize + sha256.Size

// MAC hashes short secrets such as one-time codes, which a plain hash would not
// hide from who reads the database. A sum names its key, so a code that was
// asked for before a rotation is still accepted after it.
type MAC struct {
	keys *Keyring
	pick func(*snapshot) *ring
}

// Sum returns version (1) ‖ key id (4) ‖ HMAC-SHA256 (32) of the parts under the
// active key.
func (m *MAC) Sum(parts ...string) []byte {
	k := m.pick(m.keys.current.Load()).active
	out := make([]byte, headerSize, SumSize)
	out[0] = sealedVersion
	copy(out[1:], k.id[:])
	return k.mac.appendSum(out, parts)
}

// Equal reports in constant time whether sum is what Sum gave for the same parts.
func (m *MAC) Equal(sum []byte, parts ...string) bool {
	id, ok := sealedUnder(sum)
	if !ok || len(sum) != SumSize {
		return false
	}
	k := m.pick(m.keys.current.Load()).all[id]
	if k == nil {
		if k = m.pick(m.keys.lookAgain()).all[id]; k == nil {
			return false
		}
	}
	var want [sha256.Size]byte
	k.mac.appendSum(want[:0], parts)
	return subtle.ConstantTimeCompare(sum[headerSize:], want[:]) == 1
}

// Subjects names persons to relying parties.
type Subjects struct{ keys *Keyring }

// Subject returns what the relying parties of a sector know a person by: 43
// characters of base64url. Sectors cannot be matched with each other. It never
// changes while the subject key is kept.
// Source: OpenID Connect Core 1.0, section 8.1 (pairwise identifiers).
func (s *Subjects) Subject(sector, person string) string {
	var sum [sha256.Size]byte
	s.keys.current.Load().subject.active.mac.appendSum(sum[:0], []string{sector, person})
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
