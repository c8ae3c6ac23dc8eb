package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"sync"
)

// hasher computes HMAC-SHA256 under one key. It keeps prepared states, because
// preparing one costs as much as hashing a short value.
type hasher struct{ states sync.Pool }

type hashState struct {
	mac   hash.Hash
	input []byte
}

func newHasher(secret []byte) *hasher {
	return &hasher{states: sync.Pool{New: func() any {
		return &hashState{mac: hmac.New(sha256.New, secret)}
	}}}
}

// appendSum appends the 32 bytes of the parts' sum to dst.
func (h *hasher) appendSum(dst []byte, parts []string) []byte {
	state := h.states.Get().(*hashState)
	state.input = appendParts(state.input[:0], parts)
	state.mac.Reset()
	state.mac.Write(state.input)
	dst = state.mac.Sum(dst)
	clear(state.input) // personal data and codes do not wait in the pool
	h.states.Put(state)
	return dst
}
