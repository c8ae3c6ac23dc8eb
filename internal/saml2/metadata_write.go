package saml2

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"time"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// IdentityProvider is what an identity provider says of itself.
// Source: SAML 2.0 Metadata, section 2.4.3.
type IdentityProvider struct {
	EntityID string
	// ID is that of the document; it changes with it.
	ID string
	// ValidUntil is when services throw it away, CacheDuration when they should fetch
	// it again, in whole seconds; zero leaves them out.
	ValidUntil    time.Time
	CacheDuration time.Duration
	// SigningCertificates are those that sign now and, before it does, the next one.
	SigningCertificates []*x509.Certificate
	// WantSignedRequests asks services to sign.
	WantSignedRequests bool
	// SingleSignOn and SingleLogout are where messages go.
	SingleSignOn, SingleLogout []Endpoint
	NameIDFormats              []string
	// Attributes are those that can be had; their values are left out.
	Attributes []Attribute
	// EntityAttributes are about the provider itself, such as AssuranceCertification.
	EntityAttributes []Attribute
	// DigestMethods and SigningMethods are the algorithms that it takes in signatures, the
	// best first. Who knows none may sign with SHA-1, as Shibboleth SP does.
	// Source: SAML V2.0 Metadata Profile for Algorithm Support 1.0, section 2.3.
	DigestMethods, SigningMethods []string
	Interface                     Interface
	Organization                  *Organization
	Contacts                      []Contact
}

// AssuranceCertification is the entity attribute for the levels that a provider reaches.
// Source: SAML V2.0 Identity Assurance Profiles 1.0, section 3.1.
const AssuranceCertification = "urn:oasis:names:tc:SAML:attribute:assurance-certification"

// Endpoint is where messages of a binding go.
type Endpoint struct {
	Binding, Location string
	// ResponseLocation is where answers go, when it is elsewhere.
	ResponseLocation string
}

// Localized is a text in a language of BCP 47.
type Localized struct{ Language, Text string }

// Logo is a picture by its address, with its size in pixels.
type Logo struct {
	Language, URL string
	Width, Height int
}

// Interface is what choosers of identity providers, and we of services, show to people.
// Source: SAML V2.0 Metadata Extensions for Login and Discovery User Interface 1.0.
type Interface struct {
	DisplayNames, Descriptions, InformationURLs, PrivacyURLs []Localized
	Logos                                                    []Logo
}

// Organization answers for an entity. Source: SAML 2.0 Metadata, section 2.3.2.1.
type Organization struct{ Names, DisplayNames, URLs []Localized }

// Contact is whom to ask. Kind is technical, support, administrative, billing or other.
type Contact struct{ Kind, GivenName, Email string }

// Write writes the metadata, signed by the signer.
func (m IdentityProvider) Write(s *xmlsig.Signer) ([]byte, error) {
	root := etree.NewElement("md:EntityDescriptor")
	for _, n := range [][2]string{{"md", spaceMetadata}, {"mdui", spaceInterface}, {"mdattr", spaceAttributes}, {"alg", spaceAlgorithms}, {"ds", spaceSignature}, {"saml", spaceAssertion}} {
		root.CreateAttr("xmlns:"+n[0], n[1])
	}
	set(root, "ID", m.ID)
	root.CreateAttr("entityID", m.EntityID)
	setTime(root, "validUntil", m.ValidUntil)
	if m.CacheDuration > 0 {
		root.CreateAttr("cacheDuration", fmt.Sprintf("PT%dS", int64(m.CacheDuration/time.Second)))
	}
	if el := m.extensions(); len(el.Child) > 0 {
		root.AddChild(el)
	}
	root.AddChild(m.descriptor())
	if o := m.Organization; o != nil {
		el := root.CreateElement("md:Organization")
		addLocalized(el, "md:OrganizationName", o.Names)
		addLocalized(el, "md:OrganizationDisplayName", o.DisplayNames)
		addLocalized(el, "md:OrganizationURL", o.URLs)
	}
	for _, c := range m.Contacts {
		el := root.CreateElement("md:ContactPerson")
		el.CreateAttr("contactType", c.Kind)
		if c.GivenName != "" {
			el.CreateElement("md:GivenName").SetText(c.GivenName)
		}
		if c.Email != "" {
			el.CreateElement("md:EmailAddress").SetText("mailto:" + c.Email)
		}
	}
	return written(root, s)
}

// extensions are what the standard left for later.
func (m IdentityProvider) extensions() *etree.Element {
	el := etree.NewElement("md:Extensions")
	for _, uri := range m.DigestMethods {
		el.CreateElement("alg:DigestMethod").CreateAttr("Algorithm", uri)
	}
	for _, uri := range m.SigningMethods {
		el.CreateElement("alg:SigningMethod").CreateAttr("Algorithm", uri)
	}
	if len(m.EntityAttributes) > 0 {
		list := el.CreateElement("mdattr:EntityAttributes")
		for _, a := range m.EntityAttributes {
			list.AddChild(a.element(Prefixes{}))
		}
	}
	return el
}

// descriptor is the provider's role. The order of its parts is the schema's.
func (m IdentityProvider) descriptor() *etree.Element {
	el := etree.NewElement("md:IDPSSODescriptor")
	el.CreateAttr("protocolSupportEnumeration", spaceProtocol)
	if m.WantSignedRequests {
		el.CreateAttr("WantAuthnRequestsSigned", "true")
	}
	if shown := m.Interface.element(); len(shown.Child) > 0 {
		el.CreateElement("md:Extensions").AddChild(shown)
	}
	for _, c := range m.SigningCertificates {
		key := el.CreateElement("md:KeyDescriptor")
		key.CreateAttr("use", "signing")
		data := key.CreateElement("ds:KeyInfo").CreateElement("ds:X509Data")
		data.CreateElement("ds:X509Certificate").SetText(base64.StdEncoding.EncodeToString(c.Raw))
	}
	addEndpoints(el, "md:SingleLogoutService", m.SingleLogout)
	for _, format := range m.NameIDFormats {
		el.CreateElement("md:NameIDFormat").SetText(format)
	}
	addEndpoints(el, "md:SingleSignOnService", m.SingleSignOn)
	for _, a := range m.Attributes {
		a.Values = nil
		el.AddChild(a.element(Prefixes{}))
	}
	return el
}

func (i Interface) element() *etree.Element {
	el := etree.NewElement("mdui:UIInfo")
	addLocalized(el, "mdui:DisplayName", i.DisplayNames)
	addLocalized(el, "mdui:Description", i.Descriptions)
	addLocalized(el, "mdui:InformationURL", i.InformationURLs)
	addLocalized(el, "mdui:PrivacyStatementURL", i.PrivacyURLs)
	for _, l := range i.Logos {
		logo := el.CreateElement("mdui:Logo")
		logo.CreateAttr("width", fmt.Sprint(l.Width))
		logo.CreateAttr("height", fmt.Sprint(l.Height))
		set(logo, "xml:lang", l.Language)
		logo.SetText(l.URL)
	}
	return el
}

func addLocalized(el *etree.Element, name string, all []Localized) {
	for _, l := range all {
		one := el.CreateElement(name)
		one.CreateAttr("xml:lang", l.Language)
		one.SetText(l.Text)
	}
}

func addEndpoints(el *etree.Element, name string, all []Endpoint) {
	for _, e := range all {
		one := el.CreateElement(name)
		one.CreateAttr("Binding", e.Binding)
		one.CreateAttr("Location", e.Location)
		set(one, "ResponseLocation", e.ResponseLocation)
	}
}
