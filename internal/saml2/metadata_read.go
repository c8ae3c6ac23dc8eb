package saml2

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// ServiceProvider is what a service says of itself. Source: SAML 2.0 Metadata, section 2.4.4.
type ServiceProvider struct {
	EntityID string
	// ValidUntil is when it is to be thrown away, of whatever stands around it too;
	// CacheDuration is when it should be fetched again. Zero when it is not said.
	ValidUntil    time.Time
	CacheDuration time.Duration
	// SignsRequests says that unsigned ones are not its own; WantsSignedAssertions that
	// a signature on the response is not enough.
	SignsRequests, WantsSignedAssertions bool
	// SigningCertificates are whose keys sign; nobody looks at the rest of them.
	SigningCertificates []*x509.Certificate
	// EncryptionKeys are for what it reads, the first is as good as any.
	EncryptionKeys []EncryptionKey
	// ACS are where answers go, all by HTTP-POST; at least one.
	ACS []IndexedEndpoint
	// SingleLogout are where logouts go, by bindings that we know.
	SingleLogout      []Endpoint
	NameIDFormats     []string
	AttributeServices []AttributeService
	Interface         Interface
	// EntityAttributes are about the service itself.
	EntityAttributes []Attribute
}

// EncryptionKey is one with what its owner reads.
type EncryptionKey struct {
	Certificate *x509.Certificate
	Methods     []EncryptionMethod
}

// IndexedEndpoint is an address with its number.
type IndexedEndpoint struct {
	Endpoint
	Index int
	// Default is whether it says that it is the one to use; NotDefault that it is not.
	Default, NotDefault bool
}

// AttributeService is a list of attributes with its number.
type AttributeService struct {
	Index      int
	Default    bool
	Names      []Localized
	Attributes []RequestedAttribute
}

// Answer is where the answer to a request goes: to the address or the number that it
// says, if the metadata have it, or else to the one that is meant for all. ok is false
// when it is not there, and then nothing is sent anywhere.
// Source: SAML 2.0 Core, section 3.4.1; Profiles, section 4.1.4.1; Metadata, section 2.2.3.
func (s *ServiceProvider) Answer(wish ACS) (at IndexedEndpoint, ok bool) {
	if wish.Binding != "" && wish.Binding != BindingPost || wish.Index != nil && wish.URL != "" {
		return IndexedEndpoint{}, false
	}
	fits := []func(IndexedEndpoint) bool{
		func(e IndexedEndpoint) bool { return e.Default },
		func(e IndexedEndpoint) bool { return !e.NotDefault },
		func(IndexedEndpoint) bool { return true },
	}
	switch {
	case wish.URL != "":
		fits = []func(IndexedEndpoint) bool{func(e IndexedEndpoint) bool { return e.Location == wish.URL }}
	case wish.Index != nil:
		fits = []func(IndexedEndpoint) bool{func(e IndexedEndpoint) bool { return e.Index == *wish.Index }}
	}
	for _, fit := range fits {
		if i := slices.IndexFunc(s.ACS, fit); i >= 0 {
			return s.ACS[i], true
		}
	}
	return IndexedEndpoint{}, false
}

// Keys are the signing certificates' keys, for Terms.
func (s *ServiceProvider) Keys() []crypto.PublicKey {
	keys := make([]crypto.PublicKey, len(s.SigningCertificates))
	for i, c := range s.SigningCertificates {
		keys[i] = c.PublicKey
	}
	return keys
}

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

// roleOf finds the entity's role as a service that speaks SAML 2.0.
func roleOf(entity *etree.Element) *etree.Element {
	for _, el := range entity.ChildElements() {
		if !is(el, spaceMetadata, "SPSSODescriptor") {
			continue
		}
		for _, spoken := range strings.Fields(value(el, "protocolSupportEnumeration")) {
			if spoken == spaceProtocol {
				return el
			}
		}
	}
	return nil
}

func (s *ServiceProvider) role(role *etree.Element, _ MetadataTerms) (err error) {
	if s.SignsRequests, err = truth(role, "AuthnRequestsSigned"); err != nil {
		return err
	}
	if s.WantsSignedAssertions, err = truth(role, "WantAssertionsSigned"); err != nil {
		return err
	}
	for _, el := range named(role, spaceMetadata, "NameIDFormat") {
		format, err := text(el)
		if err != nil {
			return err
		}
		if format != "" { // there are services that have an empty one
			s.NameIDFormats = append(s.NameIDFormats, format)
		}
	}
	return nil
}

// named are the children of a name. Unlike messages, metadata may have others, for
// readers who know them.
func named(el *etree.Element, space, name string) []*etree.Element {
	var found []*etree.Element
	for _, child := range el.ChildElements() {
		if is(child, space, name) {
			found = append(found, child)
		}
	}
	return found
}

// keys reads certificates. A weak key is refused here, where an operator reads it, and
// not at the first citizen's login.
func (s *ServiceProvider) keys(role *etree.Element, _ MetadataTerms) error {
	for _, descriptor := range named(role, spaceMetadata, "KeyDescriptor") {
		use := value(descriptor, "use")
		var methods []EncryptionMethod
		for _, m := range named(descriptor, spaceMetadata, "EncryptionMethod") {
			methods = append(methods, methodOf(m))
		}
		for _, certificate := range certificatesOf(descriptor) {
			c, err := parsedCertificate(certificate)
			if err != nil {
				return err
			}
			_, isRSA := c.PublicKey.(*rsa.PublicKey)
			if err := xmlsig.Usable(c.PublicKey); err != nil {
				return fmt.Errorf("has a certificate whose key %w", err)
			}
			if use == "" || use == "signing" {
				s.SigningCertificates = append(s.SigningCertificates, c)
			}
			if isRSA && (use == "" || use == "encryption") {
				s.EncryptionKeys = append(s.EncryptionKeys, EncryptionKey{c, methods})
			}
		}
	}
	if s.SignsRequests && len(s.SigningCertificates) == 0 {
		return errors.New("says that requests are signed, and has no certificate in X509Certificate to check them with")
	}
	return nil
}

func certificatesOf(descriptor *etree.Element) []*etree.Element {
	var all []*etree.Element
	for _, info := range named(descriptor, spaceSignature, "KeyInfo") {
		for _, data := range named(info, spaceSignature, "X509Data") {
			all = append(all, named(data, spaceSignature, "X509Certificate")...)
		}
	}
	return all
}

func parsedCertificate(el *etree.Element) (*x509.Certificate, error) {
	v, err := text(el)
	if err != nil {
		return nil, err
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(v), ""))
	if err != nil {
		return nil, errors.New("has a certificate that is not base64")
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, errors.New("has a certificate that cannot be read")
	}
	return c, nil
}

// methodOf reads what a service reads.
func methodOf(el *etree.Element) EncryptionMethod {
	m := EncryptionMethod{Algorithm: value(el, "Algorithm")}
	for _, child := range el.ChildElements() {
		switch {
		case is(child, spaceSignature, "DigestMethod"):
			m.Digest = value(child, "Algorithm")
		case is(child, spaceEncryption11, "MGF"):
			m.MGF = value(child, "Algorithm")
		}
	}
	return m
}

// endpoints reads where answers and logouts go.
func (s *ServiceProvider) endpoints(role *etree.Element, t MetadataTerms) error {
	numbers := map[int]bool{}
	for _, el := range named(role, spaceMetadata, "AssertionConsumerService") {
		index, err := number(el, "index")
		if err != nil {
			return err
		}
		if index == nil || numbers[*index] {
			return errors.New("has AssertionConsumerServices without index, or two of one")
		}
		numbers[*index] = true
		if value(el, "Binding") != BindingPost {
			continue // such as artifacts, which are not answered
		}
		e, err := t.endpoint(el)
		if err != nil {
			return err
		}
		isDefault, err := truth(el, "isDefault")
		if err != nil {
			return err
		}
		_, said := attribute(el, "isDefault")
		s.ACS = append(s.ACS, IndexedEndpoint{e, *index, isDefault, said && !isDefault})
	}
	if len(s.ACS) == 0 {
		return errors.New("has no AssertionConsumerService with binding HTTP-POST, by which answers are sent")
	}
	for _, el := range named(role, spaceMetadata, "SingleLogoutService") {
		if b := value(el, "Binding"); b != BindingPost && b != BindingRedirect {
			continue
		}
		e, err := t.endpoint(el)
		if err != nil {
			return err
		}
		s.SingleLogout = append(s.SingleLogout, e)
	}
	return nil
}

func (t MetadataTerms) endpoint(el *etree.Element) (Endpoint, error) {
	e := Endpoint{Binding: value(el, "Binding"), Location: value(el, "Location"), ResponseLocation: value(el, "ResponseLocation")}
	for _, at := range []string{e.Location, e.ResponseLocation} {
		u, err := url.Parse(at)
		switch {
		case at == "" && at == e.ResponseLocation && e.Location != "":
		case err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || len(at) > 1024,
			u.Scheme != "https" && (u.Scheme != "http" || !t.AllowHTTP):
			return e, fmt.Errorf("has a %s whose address is none that starts with https://", el.Tag)
		}
	}
	return e, nil
}

// attributes reads the lists of attributes that requests name by number.
func (s *ServiceProvider) attributes(role *etree.Element, _ MetadataTerms) error {
	for _, el := range named(role, spaceMetadata, "AttributeConsumingService") {
		index, err := number(el, "index")
		if err != nil {
			return err
		}
		if index == nil {
			return errors.New("has an AttributeConsumingService without index")
		}
		service := AttributeService{Index: *index, Names: localizedOf(el, spaceMetadata, "ServiceName")}
		if service.Default, err = truth(el, "isDefault"); err != nil {
			return err
		}
		for _, asked := range named(el, spaceMetadata, "RequestedAttribute") {
			a, err := requestedAttributeOf(asked, spaceAssertion)
			if err != nil {
				return err
			}
			service.Attributes = append(service.Attributes, a)
		}
		s.AttributeServices = append(s.AttributeServices, service)
	}
	return nil
}
