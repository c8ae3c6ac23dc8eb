package saml2

import (
	"slices"

	"github.com/beevik/etree"
)

// Extensions are those of eIDAS, which Cl@ve 2 uses too.
// Source: eIDAS SAML Message Format 1.2, sections 2.3 and 2.4.
type Extensions struct {
	// SPType is "public" or "private"; empty when it is not said.
	SPType string
	// Attributes are those that are asked for.
	Attributes []RequestedAttribute
}

// RequestedAttribute is one that is asked for, with values where they matter.
type RequestedAttribute struct {
	Name, FriendlyName, NameFormat string
	Required                       bool
	Values                         []string
}

// Attribute finds one by its name; ok is false when it is not asked for.
func (x Extensions) Attribute(name string) (a RequestedAttribute, ok bool) {
	at := slices.IndexFunc(x.Attributes, func(a RequestedAttribute) bool { return a.Name == name })
	if at < 0 {
		return RequestedAttribute{}, false
	}
	return x.Attributes[at], true
}

// extensions reads those of eIDAS. By their own rule nobody has to understand others.
// Source: SAML 2.0 Core, section 3.2.1.
func (r *AuthnRequest) extensions(p *parts, _ Terms) error {
	el, err := p.one(spaceProtocol, "Extensions")
	if el == nil || err != nil {
		return err
	}
	of, err := partsOf(el)
	if err != nil {
		return err
	}
	kind, err := of.one(spaceEIDAS, "SPType")
	if err != nil {
		return err
	}
	if kind != nil {
		if r.Extensions.SPType, err = text(kind); err != nil {
			return err
		}
		if r.Extensions.SPType != "public" && r.Extensions.SPType != "private" {
			return invalid("SPType is neither public nor private")
		}
	}
	list, err := of.one(spaceEIDAS, "RequestedAttributes")
	if list == nil || err != nil {
		return err
	}
	inner, err := partsOf(list)
	if err != nil {
		return err
	}
	for _, el := range inner.all(spaceEIDAS, "RequestedAttribute") {
		a, err := requestedAttributeOf(el, spaceEIDAS)
		if err != nil {
			return err
		}
		if _, twice := r.Extensions.Attribute(a.Name); twice {
			return invalid("an attribute is asked for twice")
		}
		r.Extensions.Attributes = append(r.Extensions.Attributes, a)
	}
	return inner.done()
}

// requestedAttributeOf reads one of a request or of metadata; their values are of
// another namespace each.
func requestedAttributeOf(el *etree.Element, values string) (RequestedAttribute, error) {
	a := RequestedAttribute{Name: value(el, "Name"), FriendlyName: value(el, "FriendlyName"), NameFormat: value(el, "NameFormat")}
	if a.Name == "" {
		return a, invalid("an attribute without a name is asked for")
	}
	var err error
	if a.Required, err = truth(el, "isRequired"); err != nil {
		return a, err
	}
	of, err := partsOf(el)
	if err != nil {
		return a, err
	}
	// Clients of Cl@ve 2 write values in either namespace.
	for _, v := range append(of.all(values, "AttributeValue"), of.all(spaceAssertion, "AttributeValue")...) {
		s, err := text(v)
		if err != nil {
			return a, err
		}
		a.Values = append(a.Values, s)
	}
	return a, of.done()
}
