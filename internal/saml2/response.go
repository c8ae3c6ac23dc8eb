package saml2

import (
	"time"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// Response answers an AuthnRequest: with an assertion, or with a status that says why
// there is none. Source: SAML 2.0 Core, section 3.3.3.
type Response struct {
	Header
	// InResponseTo is the ID of the request; empty when nobody asked.
	InResponseTo string
	Status       Status
	// Assertion is nil in refusals.
	Assertion *Assertion
}

// Protection is how a Response is protected. The zero value is not at all: the browser
// that carries it could change it.
type Protection struct {
	// Message signs all of it, Assertion only that; each costs a signature.
	Message, Assertion *xmlsig.Signer
	// Encryption is for whom the assertion is; nil for everybody who carries it.
	Encryption *Encryption
}

// Write writes the response. An assertion is signed first and then encrypted, so that
// the signature does not tell what is in it.
func (r Response) Write(n Prefixes, by Protection) ([]byte, error) {
	root := n.message("Response", r.Header)
	set(root, "InResponseTo", r.InResponseTo)
	root.AddChild(n.status(r.Status))
	if r.Assertion != nil {
		el := r.Assertion.element(n)
		if err := signed(el, by.Assertion); err != nil {
			return nil, err
		}
		if by.Encryption != nil {
			var err error
			if el, err = by.Encryption.seal(el, n); err != nil {
				return nil, err
			}
		}
		root.AddChild(el)
	}
	return written(root, by.Message)
}

// Assertion says who a citizen is, how that is known, and for whom it is said.
// Source: SAML 2.0 Core, section 2.3.3; Profiles, section 4.1.4.2.
type Assertion struct {
	ID, Issuer   string
	IssueInstant time.Time
	NameID       NameID
	// InResponseTo is the ID of the request; Recipient is where it is sent.
	InResponseTo, Recipient string
	// NotBefore and NotOnOrAfter are when it counts, for its subject too.
	NotBefore, NotOnOrAfter time.Time
	// Audiences are for whom it is.
	Audiences []string
	// OneTimeUse forbids to keep it.
	OneTimeUse bool
	// AuthnInstant is when the citizen proved who they are, ClassRef how well.
	AuthnInstant time.Time
	ClassRef     string
	// SessionIndex names the session for logouts; SessionNotOnOrAfter ends it.
	SessionIndex        string
	SessionNotOnOrAfter time.Time
	// Authorities are others who proved it.
	Authorities []string
	Attributes  []Attribute
}

// Attribute is one of a citizen or of an entity.
type Attribute struct {
	Name, FriendlyName string
	// NameFormat is AttributeURI when it is empty.
	NameFormat string
	Values     []string
}

// element builds the assertion, so that it can stand alone.
func (a Assertion) element(n Prefixes) *etree.Element {
	el := etree.NewElement(n.assertion("Assertion"))
	el.CreateAttr("xmlns:"+n.filled().Assertion, spaceAssertion)
	el.CreateAttr("ID", a.ID)
	el.CreateAttr("Version", "2.0")
	setTime(el, "IssueInstant", a.IssueInstant)
	el.CreateElement(n.assertion("Issuer")).SetText(a.Issuer)
	el.AddChild(a.subject(n))
	el.AddChild(a.conditions(n))
	el.AddChild(a.statement(n))
	if len(a.Attributes) > 0 {
		statement := el.CreateElement(n.assertion("AttributeStatement"))
		for _, attribute := range a.Attributes {
			statement.AddChild(attribute.element(n))
		}
	}
	return el
}

func (a Assertion) subject(n Prefixes) *etree.Element {
	el := etree.NewElement(n.assertion("Subject"))
	el.AddChild(n.nameID(a.NameID))
	confirmation := el.CreateElement(n.assertion("SubjectConfirmation"))
	confirmation.CreateAttr("Method", methodBearer)
	data := confirmation.CreateElement(n.assertion("SubjectConfirmationData"))
	set(data, "InResponseTo", a.InResponseTo)
	setTime(data, "NotOnOrAfter", a.NotOnOrAfter)
	set(data, "Recipient", a.Recipient)
	return el
}

func (a Assertion) conditions(n Prefixes) *etree.Element {
	el := etree.NewElement(n.assertion("Conditions"))
	setTime(el, "NotBefore", a.NotBefore)
	setTime(el, "NotOnOrAfter", a.NotOnOrAfter)
	restriction := el.CreateElement(n.assertion("AudienceRestriction"))
	for _, audience := range a.Audiences {
		restriction.CreateElement(n.assertion("Audience")).SetText(audience)
	}
	if a.OneTimeUse {
		el.CreateElement(n.assertion("OneTimeUse"))
	}
	return el
}

func (a Assertion) statement(n Prefixes) *etree.Element {
	el := etree.NewElement(n.assertion("AuthnStatement"))
	setTime(el, "AuthnInstant", a.AuthnInstant)
	set(el, "SessionIndex", a.SessionIndex)
	setTime(el, "SessionNotOnOrAfter", a.SessionNotOnOrAfter)
	context := el.CreateElement(n.assertion("AuthnContext"))
	context.CreateElement(n.assertion("AuthnContextClassRef")).SetText(a.ClassRef)
	for _, authority := range a.Authorities {
		context.CreateElement(n.assertion("AuthenticatingAuthority")).SetText(authority)
	}
	return el
}

// element writes values without types: all are text, and a type would be the only name
// that needs a namespace of its own.
func (a Attribute) element(n Prefixes) *etree.Element {
	el := etree.NewElement(n.assertion("Attribute"))
	el.CreateAttr("Name", a.Name)
	set(el, "FriendlyName", a.FriendlyName)
	if a.NameFormat == "" {
		a.NameFormat = AttributeURI
	}
	el.CreateAttr("NameFormat", a.NameFormat)
	for _, v := range a.Values {
		el.CreateElement(n.assertion("AttributeValue")).SetText(v)
	}
	return el
}
