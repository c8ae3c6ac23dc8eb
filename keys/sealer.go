package keys

import "errors"

// ErrSealed says that a sealed value cannot be opened: it was changed, belongs
// to another place, or its key is gone. Which of them is not told.
var ErrSealed = errors.New("the sealed value does not open")

const (
	headerSize = 1 + idSize
	nonceSize  = 12
	tagSize    = 16
)

// Sealer encrypts values with AES-256-GCM:
//
//	version (1) ‖ key id (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16)
//
// The header is authenticated, and so is the place of the value (aad), which is
// given again to open it. It may be used by many goroutines.
type Sealer struct {
	keys *Keyring
	pick func(*snapshot) *ring
}

// Overhead is by how many bytes a sealed value is longer.
const Overhead = headerSize + nonceSize + tagSize

// Seal encrypts under the active key. The parts of aad name the one place where
// the value belongs, as in "census", "phone", rowID.
func (s *Sealer) Seal(plain []byte, aad ...string) []byte {
	k := s.pick(s.keys.current.Load()).active
	out := make([]byte, headerSize, Overhead+len(plain))
	out[0] = sealedVersion
	copy(out[1:], k.id[:])
	return k.aead.Seal(out, nil, plain, appendParts(out[:headerSize:headerSize], aad))
}

// Open decrypts what Seal made with the same aad, or returns ErrSealed. A value
// under a key that this node has not seen makes it look for new keys once.
func (s *Sealer) Open(sealed []byte, aad ...string) ([]byte, error) {
	id, ok := sealedUnder(sealed)
	if !ok || len(sealed) < Overhead {
		return nil, ErrSealed
	}
	k := s.pick(s.keys.current.Load()).all[id]
	if k == nil {
		if k = s.pick(s.keys.lookAgain()).all[id]; k == nil {
			return nil, ErrSealed
		}
	}
	plain, err := k.aead.Open(nil, nil, sealed[headerSize:], appendParts(sealed[:headerSize:headerSize], aad))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// Stale reports whether a value is sealed under anything but the active key, so
// that the job that re-seals rows takes it.
func (s *Sealer) Stale(sealed []byte) bool {
	id, ok := sealedUnder(sealed)
	return !ok || id != s.pick(s.keys.current.Load()).active.id
}

// sealedUnder reads the key id of a sealed value or sum with the known version.
func sealedUnder(sealed []byte) (id [idSize]byte, ok bool) {
	if len(sealed) < headerSize || sealed[0] != sealedVersion {
		return id, false
	}
	return [idSize]byte(sealed[1:headerSize]), true
}
