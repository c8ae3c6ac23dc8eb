package keys

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// place is where in the rings a key stands.
type place struct {
	use Use
	alg string
}

// required are the places that every installation fills at its first start. The
// order matters: the first one decides between two nodes that start at once, and
// whoever cannot open it stops before making anything.
func required() []place {
	return []place{
		{UseSubject, HS256}, {UseIndex, HS256}, {UseSeal, A256GCM}, {UseCookie, A256GCM},
		{UsePIN, HS256}, {UseAudit, EdDSA}, {UseOIDC, ES256},
		// What a later version added stands at the end, so that an installation
		// that lacks it gets it at the next start and is not taken for damaged.
		{UseActivation, HS256}, {UsePush, ES256},
	}
}

// errIncomplete says that a ring has no active key.
var errIncomplete = errors.New("there is no active key")

// ring are the keys of a use that has one algorithm.
type ring struct {
	active, next *key
	all          map[[idSize]byte]*key
}

// snapshot is everything that requests need. It never changes: a change of the
// rings makes a new one.
type snapshot struct {
	seal, cookie, pin, activation, index, subject ring
	oidc, audit, push, saml, clave                signRing
	records                                       []Record
}

// build arranges opened keys. Retired keys that have expired are left out even
// when they have not been removed yet. It fails when a required key is missing.
func build(opened []*key, schedules map[Use]Schedule, now time.Time) (*snapshot, error) {
	s := &snapshot{}
	for _, k := range opened {
		s.records = append(s.records, k.Record)
		if schedules[k.Use].expired(k.Record, now) {
			continue
		}
		switch k.Use {
		case UseSeal:
			s.seal.add(k)
		case UseCookie:
			s.cookie.add(k)
		case UsePIN:
			s.pin.add(k)
		case UseActivation:
			s.activation.add(k)
		case UseIndex:
			s.index.add(k)
		case UseSubject:
			s.subject.add(k)
		case UseOIDC:
			s.oidc.add(k)
		case UseAudit:
			s.audit.add(k)
		case UsePush:
			s.push.add(k)
		case UseSAML:
			s.saml.add(k)
		case UseClave:
			s.clave.add(k)
		}
	}
	for _, p := range required() {
		if !s.filled(p) {
			return nil, fmt.Errorf("%w of use %s (%s)", errIncomplete, p.use, p.alg)
		}
	}
	return s, nil
}

func (r *ring) add(k *key) {
	if r.all == nil {
		r.all = map[[idSize]byte]*key{}
	}
	r.all[k.id] = k
	switch k.State {
	case Active:
		r.active = k
	case Next:
		r.next = k
	case Retired:
	}
}

func (r *signRing) add(k *key) {
	signing := SigningKey{ID: k.ID, Alg: k.Alg, Signer: k.signer, Certificate: k.certificate}
	if k.State == Active {
		if r.active == nil {
			r.active = map[string]SigningKey{}
		}
		r.active[k.Alg] = signing
	}
	if k.certificate != nil && k.State != Next {
		if r.kept == nil {
			r.kept = map[string]SigningKey{}
		}
		r.kept[k.ID] = signing
	}
	r.published = append(r.published, PublicKey{ID: k.ID, Alg: k.Alg, State: k.State, Key: k.signer.Public(), Certificate: k.certificate})
}

// filled reports whether a place has an active key.
func (s *snapshot) filled(p place) bool {
	return slices.ContainsFunc(s.records, func(r Record) bool {
		return r.Use == p.use && r.Alg == p.alg && r.State == Active
	})
}

// known reports whether this version of the program knows a place. What a newer
// one added is left alone, so that both run side by side during an upgrade.
func known(p place) bool {
	return slices.Contains(required(), p) || canSign(p.use, p.alg)
}

// unchanged reports whether two readings of the store say the same.
func unchanged(a, b []Record) bool {
	return slices.EqualFunc(a, b, func(a, b Record) bool {
		return a.ID == b.ID && a.State == b.State && a.ActivatesAt.Equal(b.ActivatesAt) && a.RetiresAt.Equal(b.RetiresAt) && sameSecret(a, b)
	})
}

// size counts the keys that are in use: it shrinks when one expires.
func (s *snapshot) size() int {
	return len(s.seal.all) + len(s.cookie.all) + len(s.pin.all) + len(s.activation.all) + len(s.index.all) + len(s.subject.all) +
		len(s.oidc.published) + len(s.audit.published) + len(s.push.published) + len(s.saml.published) + len(s.clave.published)
}
