package saml2

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

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

// maxSigningCertificates bounds what one message that anybody sends costs. Our choice:
// services have one, and two while they change.
const maxSigningCertificates = 16

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
			// One that is there for encryption alone counts though it cannot be used: who
			// has it does not want to be sent assertions in clear.
			if isRSA && use == "" || use == "encryption" {
				s.EncryptionKeys = append(s.EncryptionKeys, EncryptionKey{c, methods})
			}
		}
	}
	if len(s.SigningCertificates) > maxSigningCertificates {
		return fmt.Errorf("has more than %d certificates for signing", maxSigningCertificates)
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
			strings.ContainsFunc(at, unescaped) || strings.Contains(u.Host, "*"),
			u.Scheme != "https" && (u.Scheme != "http" || !t.AllowHTTP):
			return e, fmt.Errorf("has a %s whose address is none that starts with https://", el.Tag)
		}
	}
	return e, nil
}

// unescaped tells what stands in no address as such. Browsers make something else of some
// of it, and then go elsewhere than was looked at. Source: RFC 3986, section 2.
func unescaped(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`\"<>^{}|`+"`", r)
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
