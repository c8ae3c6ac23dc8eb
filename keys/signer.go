package keys

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
)

// ErrNoKey says that there is no signing key for an algorithm. Ensure makes one.
var ErrNoKey = errors.New("no signing key for this algorithm")

// SigningKey is the key that signs now. Signer may live in this process or, with
// the same methods, in a hardware module.
type SigningKey struct {
	ID, Alg string
	Signer  crypto.Signer
	// Certificate is the key's own; nil where the use has none.
	Certificate *x509.Certificate
}

// PublicKey verifies what its signing key signed, or soon will.
type PublicKey struct {
	ID, Alg string
	State   State
	Key     crypto.PublicKey
	// Certificate is the key's own; nil where the use has none.
	Certificate *x509.Certificate
}

// signRing are the signing keys of one use.
type signRing struct {
	active    map[string]SigningKey // by algorithm
	kept      map[string]SigningKey // active and retired ones of uses with certificates, by ID
	published []PublicKey
}

// Signers are the signing keys of one use.
type Signers struct {
	keys *Keyring
	use  Use
	pick func(*snapshot) *signRing
}

// Active returns the key that signs with that algorithm now, or ErrNoKey.
func (s *Signers) Active(alg string) (SigningKey, error) {
	k, ok := s.pick(s.keys.current.Load()).active[alg]
	if !ok {
		return SigningKey{}, fmt.Errorf("%w: %s for %s", ErrNoKey, alg, s.use)
	}
	return k, nil
}

// Kept returns the key of that ID while it is active or retired, for a relying
// party that stays on the old certificate for a while; ErrNoKey for every other,
// for one that is only published, and for uses without certificates.
func (s *Signers) Kept(id string) (SigningKey, error) {
	k, ok := s.pick(s.keys.current.Load()).kept[id]
	if !ok {
		return SigningKey{}, fmt.Errorf("%w: key %s for %s", ErrNoKey, id, s.use)
	}
	return k, nil
}

// Published returns the keys that verifiers must know: next, active, and retired
// until their last signature has expired, oldest first. The slice belongs to the
// ring and must not be changed; it is the same one until the ring changes, so a
// caller may keep what it made of it.
func (s *Signers) Published() []PublicKey { return s.pick(s.keys.current.Load()).published }

// Public returns a published key by its ID. For an unknown one it looks once for
// new keys, at most every second.
func (s *Signers) Public(id string) (PublicKey, bool) {
	byID := func(k PublicKey) bool { return k.ID == id }
	published := s.Published()
	if i := slices.IndexFunc(published, byID); i >= 0 {
		return published[i], true
	}
	published = s.pick(s.keys.lookAgain()).published
	if i := slices.IndexFunc(published, byID); i >= 0 {
		return published[i], true
	}
	return PublicKey{}, false
}

// Ensure makes an active key for each algorithm that has none yet. It is called
// when a relying party that wants the algorithm is registered, on every node,
// and not at start, because an RSA key takes up to seconds to make. Anybody may be the
// first to ask for what needs one, as often as they like, and hang up: so a node makes one
// at a time, and one that was begun is stored.
func (s *Signers) Ensure(ctx context.Context, algs ...string) error {
	for _, alg := range algs {
		if !canSign(s.use, alg) {
			return fmt.Errorf("%w: %q for %s", ErrNoKey, alg, s.use)
		}
	}
	if len(s.missing(algs)) == 0 {
		return nil
	}
	s.keys.first.Lock()
	defer s.keys.first.Unlock()
	if missing := s.missing(algs); len(missing) > 0 {
		return s.keys.create(context.WithoutCancel(ctx), missing)
	}
	return nil
}

// missing are the places of algorithms that have no active key.
func (s *Signers) missing(algs []string) []place {
	var missing []place
	active := s.pick(s.keys.current.Load()).active
	for _, alg := range algs {
		if _, ok := active[alg]; !ok {
			missing = append(missing, place{s.use, alg})
		}
	}
	return missing
}

// canSign reports whether a use signs with an algorithm.
func canSign(use Use, alg string) bool {
	switch use {
	case UseOIDC:
		return alg == ES256 || alg == RS256 || alg == PS256 || alg == EdDSA
	case UseAudit:
		return alg == EdDSA
	case UseSAML:
		return alg == RS256 || alg == ES256
	case UseClave:
		return alg == RS256
	}
	return false
}
