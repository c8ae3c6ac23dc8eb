package registry

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"clave/internal/saml2"
	"clave/web/lang"
)

// MetadataSource is where metadata are fetched, whose, and who has to have signed them.
// It is comparable: a registration that trusts somebody else has another source.
type MetadataSource struct {
	Address, EntityID string
	signers           string // DER in base64, with a space between
}

// Source is where the service's metadata are fetched; ok is false when they came with
// the registration.
func (p *SAMLProvider) Source() (source MetadataSource, ok bool) {
	return MetadataSource{p.MetadataURL, p.EntityID, strings.Join(p.MetadataCertificates, " ")}, p.MetadataURL != ""
}

// Terms are those on which metadata of the source are taken, but for the time and http.
// Error: certificates that cannot be read.
func (s MetadataSource) Terms() (saml2.MetadataTerms, error) {
	signers, err := certificatesFrom(strings.Fields(s.signers))
	return saml2.MetadataTerms{EntityID: s.EntityID, Signers: keysOf(signers)}, err
}

// Fetched are metadata by where they were fetched. Who gives them has verified them.
type Fetched map[MetadataSource]*saml2.ServiceProvider

// Sources lists where metadata are fetched, without order.
func (s *Snapshot) Sources() []MetadataSource {
	var all []MetadataSource
	for _, p := range s.parties {
		for i := range p.SAML {
			if source, ok := p.SAML[i].Source(); ok {
				all = append(all, source)
			}
		}
	}
	return all
}

// addSAML indexes a standard service.
func (s *Snapshot) addSAML(p *RelyingParty, registered *SAMLProvider, fetched Fetched, before *Snapshot) {
	service := &SAMLService{Party: p, Registered: registered}
	err := service.describe(fetched, before)
	if err != nil {
		s.saml[registered.EntityID] = samlEntry{trouble: unusable(err)}
		return
	}
	s.saml[registered.EntityID] = samlEntry{service: service}
}

// describe finds and reads the metadata.
func (s *SAMLService) describe(fetched Fetched, before *Snapshot) (err error) {
	if source, ok := s.Registered.Source(); ok {
		if s.Metadata = fetched[source]; s.Metadata == nil {
			return errors.New("its metadata were not fetched yet")
		}
	} else if s.Metadata = before.metadataOf(s.Registered); s.Metadata == nil {
		// It was checked when it was registered: neither who signed it nor the address
		// that a sandbox may have is looked at again. The time is, at each lookup.
		s.Metadata, err = saml2.ReadMetadata([]byte(s.Registered.Metadata), saml2.MetadataLimits(),
			saml2.MetadataTerms{EntityID: s.Registered.EntityID, AllowHTTP: true})
		if err != nil {
			return err
		}
	}
	s.Keys, s.Called = s.Metadata.Keys(), s.called()
	s.Encryption, err = encryptionFor(s.Registered, s.Metadata)
	return err
}

// metadataOf are those that were read before from the same text.
func (s *Snapshot) metadataOf(p *SAMLProvider) *saml2.ServiceProvider {
	if s == nil {
		return nil
	}
	known, ok := s.saml[p.EntityID]
	if !ok || known.service == nil || known.service.Registered.MetadataURL != "" || known.service.Registered.Metadata != p.Metadata {
		return nil
	}
	return known.service.Metadata
}

// called is what the service calls itself, as far as pages can show it: metadata that are
// fetched were not read by anybody.
func (s *SAMLService) called() Names {
	names := Names{}
	for _, n := range s.Metadata.Interface.DisplayNames {
		text := strings.TrimSpace(n.Text)
		shown := text != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= maxNameRunes &&
			!strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) })
		for _, known := range lang.All() {
			if shown && strings.EqualFold(n.Language, string(known)) {
				names[string(known)] = text
			}
		}
	}
	return names
}

func unusable(err error) error { return fmt.Errorf("%w: %w", ErrUnusable, err) }
