package saml2

import (
	"net/url"
	"strings"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// Kind is which message arrived. The zero value is none that is read here.
type Kind int

// Kinds of messages that an identity provider gets.
const (
	KindAuthnRequest Kind = iota + 1
	KindLogoutRequest
	KindLogoutResponse
)

// Fields of forms and parameters of queries. Source: SAML 2.0 Bindings, sections
// 3.4.4.1 and 3.5.4; the last two are those of Cl@ve 2, as its public clients send them.
const (
	FieldRequest        = "SAMLRequest"
	FieldResponse       = "SAMLResponse"
	FieldLogoutRequest  = "logoutRequest"
	FieldLogoutResponse = "logoutResponse"
	FieldRelayState     = "RelayState"
)

// maxRelayState is how much of it is carried, in bytes. SAML allows 80, and services in
// use need more. Source: SAML 2.0 Bindings, section 3.4.3; the bound is our choice.
const maxRelayState = 2048

// MessageLimits are what a message may have. Source: our choice, ten times what
// requests with a certificate and all attributes of eIDAS have.
func MessageLimits() xmlsig.Limits { return xmlsig.Limits{Bytes: 64 << 10, Depth: 24, Elements: 600} }

// Incoming is a message as it arrived. Nothing of it is proven.
type Incoming struct {
	// Kind is which message it is.
	Kind Kind
	// Field is the name under which it came, such as FieldRequest.
	Field string
	// Binding is BindingPost or BindingRedirect.
	Binding string
	// RelayState came along, and goes back unchanged. On HTTP-POST nobody signs it.
	RelayState string

	document *xmlsig.Document
	limits   xmlsig.Limits
	query    querySignature
}

// Claims is what a message says about itself, for finding out whose it could be and
// where a refusal goes to, if that is registered. Nothing else may be done with it.
type Claims struct {
	ID, InResponseTo, Issuer, ProviderName, ACS string
	// Name is the NameID of a LogoutRequest.
	Name string
}

// Claims reads what the message says about itself; what cannot be read is empty.
func (in *Incoming) Claims() Claims {
	root := in.document.Root()
	c := Claims{ProviderName: value(root, "ProviderName"), ACS: value(root, "AssertionConsumerServiceURL")}
	if id := value(root, "ID"); idShape.MatchString(id) {
		c.ID = id
	}
	if id := value(root, "InResponseTo"); idShape.MatchString(id) {
		c.InResponseTo = id
	}
	c.Issuer, c.Name = claim(root, "Issuer"), claim(root, "NameID")
	return c
}

// claim is the text of the first part of a name; empty says enough of one that has more.
func claim(root *etree.Element, name string) string {
	for _, el := range root.ChildElements() {
		if is(el, spaceAssertion, name) {
			said, _ := text(el)
			return said
		}
	}
	return ""
}

// read parses a message and says which it is.
func (in *Incoming) read(data []byte) (*Incoming, error) {
	d, err := xmlsig.Parse(data, in.limits)
	if err != nil {
		return nil, verdict(err)
	}
	root := d.Root()
	switch {
	case is(root, spaceProtocol, "AuthnRequest"):
		in.Kind = KindAuthnRequest
	case is(root, spaceProtocol, "LogoutRequest"):
		in.Kind = KindLogoutRequest
	case is(root, spaceProtocol, "LogoutResponse"):
		in.Kind = KindLogoutResponse
	default:
		return nil, malformed("neither AuthnRequest, LogoutRequest nor LogoutResponse")
	}
	// A response under the name of a request would reach who does not expect it.
	response := strings.HasSuffix(in.Field, "Response")
	if response != (in.Kind == KindLogoutResponse) {
		return nil, malformed("another message than %s says", in.Field)
	}
	in.document = d
	return in, nil
}

// ReadPost reads a message from a form. Exactly one of the fields has to be in it, once,
// and at most one RelayState. Error: ErrMalformed.
// Source: SAML 2.0 Bindings, section 3.5.4.
func ReadPost(form url.Values, l xmlsig.Limits, fields ...string) (*Incoming, error) {
	in := &Incoming{Binding: BindingPost, limits: l}
	var message string
	for _, field := range fields {
		switch values := form[field]; {
		case len(values) == 0:
		case len(values) > 1 || in.Field != "":
			return nil, malformed("two messages in one form")
		default:
			in.Field, message = field, values[0]
		}
	}
	if in.Field == "" {
		return nil, malformed("no field %s", strings.Join(fields, " or "))
	}
	switch values := form[FieldRelayState]; {
	case len(values) > 1:
		return nil, malformed("RelayState twice")
	case len(values) == 1:
		in.RelayState = values[0]
	}
	if err := acceptable(in.RelayState); err != nil {
		return nil, err
	}
	data, err := base64Of(message, l)
	if err != nil {
		return nil, err
	}
	return in.read(data)
}
