package saml2

import (
	"crypto"
	"errors"
	"fmt"
	"time"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// MetadataTerms are those on which metadata is taken.
type MetadataTerms struct {
	// EntityID is whose is wanted; needed for metadata of several, and otherwise empty
	// takes the only one.
	EntityID string
	// Signers are keys of whom has to have signed the document or the entity. Empty
	// takes unsigned ones: the caller knows where they come from.
	Signers []crypto.PublicKey
	// Now is when it is read.
	Now time.Time
	// AllowHTTP takes addresses without TLS, for trying things out on one machine.
	AllowHTTP bool
}

// MetadataLimits are what metadata may have. Source: our choice: one service has some
// ten thousand bytes, a federation's list millions.
func MetadataLimits() xmlsig.Limits {
	return xmlsig.Limits{Bytes: 8 << 20, Depth: 32, Elements: 200_000}
}

// ReadMetadata reads a service's metadata. Error: ErrMetadata, whose text says what to
// do about it; with ErrUnsigned, ErrSignature, ErrExpired where it is one of these.
func ReadMetadata(data []byte, l xmlsig.Limits, t MetadataTerms) (*ServiceProvider, error) {
	s, err := readMetadata(data, l, t)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMetadata, err)
	}
	return s, nil
}

func readMetadata(data []byte, l xmlsig.Limits, t MetadataTerms) (*ServiceProvider, error) {
	d, err := xmlsig.Parse(data, l)
	if err != nil {
		return nil, verdict(err)
	}
	entity, err := t.proven(d)
	if err != nil {
		return nil, err
	}
	s := &ServiceProvider{EntityID: value(entity, "entityID")}
	if s.EntityID == "" || len(s.EntityID) > 1024 {
		return nil, errors.New("has no entityID, or one of more than 1024 characters")
	}
	for el := entity; el != nil; el = el.Parent() {
		if err := s.lifetime(el); err != nil {
			return nil, err
		}
	}
	if !s.ValidUntil.IsZero() && !t.Now.Before(s.ValidUntil) {
		return nil, fmt.Errorf("%w: its validUntil is past; fetch it anew", ErrExpired)
	}
	role := roleOf(entity)
	if role == nil {
		return nil, errors.New("has no SPSSODescriptor for SAML 2.0: it is not a service's")
	}
	if err := s.lifetime(role); err != nil {
		return nil, err
	}
	for _, step := range []func(*etree.Element, MetadataTerms) error{s.role, s.keys, s.endpoints, s.attributes} {
		if err := step(role, t); err != nil {
			return nil, err
		}
	}
	s.Interface = interfaceOf(role)
	s.EntityAttributes = entityAttributesOf(entity)
	return s, nil
}

// proven finds the entity, and proves it or what it stands in.
func (t MetadataTerms) proven(d *xmlsig.Document) (*etree.Element, error) {
	if len(t.Signers) == 0 {
		return t.find(d.Root())
	}
	trust := xmlsig.Trust{Keys: t.Signers}
	signed, err := d.Verify(nil, trust)
	if err == nil {
		return t.find(signed.Element)
	}
	if !errors.Is(err, xmlsig.ErrUnsigned) {
		return nil, verdict(err)
	}
	// An aggregate may hold entities that each sign themselves.
	entity, err := t.find(d.Root())
	if err != nil {
		return nil, err
	}
	if entity == d.Root() {
		return nil, ErrUnsigned
	}
	if signed, err = d.Verify(entity, trust); err != nil {
		return nil, verdict(err)
	}
	return t.find(signed.Element)
}

// find looks for the entity below an element.
func (t MetadataTerms) find(root *etree.Element) (*etree.Element, error) {
	var found []*etree.Element
	var look func(el *etree.Element)
	look = func(el *etree.Element) {
		switch {
		case is(el, spaceMetadata, "EntityDescriptor"):
			if t.EntityID == "" || value(el, "entityID") == t.EntityID {
				found = append(found, el)
			}
		case is(el, spaceMetadata, "EntitiesDescriptor"):
			for _, child := range el.ChildElements() {
				look(child)
			}
		}
	}
	look(root)
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0 && t.EntityID != "":
		return nil, errors.New("has no EntityDescriptor of this entityID")
	case len(found) == 0:
		return nil, errors.New("has no EntityDescriptor")
	case t.EntityID != "":
		return nil, errors.New("has two EntityDescriptors of this entityID")
	}
	return nil, errors.New("describes several entities: say which by its entityID")
}

// lifetime takes what an element says into account; the shortest counts.
func (s *ServiceProvider) lifetime(el *etree.Element) error {
	if v, stands := attribute(el, "validUntil"); stands {
		until, err := instant(v, time.UTC)
		if err != nil {
			return errors.New("has a validUntil that is no time")
		}
		if s.ValidUntil.IsZero() || until.Before(s.ValidUntil) {
			s.ValidUntil = until
		}
	}
	if v, stands := attribute(el, "cacheDuration"); stands {
		d, err := duration(v)
		if err != nil {
			return err
		}
		if s.CacheDuration == 0 || d < s.CacheDuration {
			s.CacheDuration = d
		}
	}
	return nil
}
