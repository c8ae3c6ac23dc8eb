package saml

import (
	"slices"

	"clave/identity"
	"clave/internal/saml2"
)

// attribute is one of ours as SAML names it.
type attribute struct {
	of                 identity.Attribute
	name, friendlyName string
}

// The namespaces of names.
const (
	natural = "http://eidas.europa.eu/attributes/naturalperson/"
	clave   = "http://es.minhafp.clave/"
)

// attributes are those that can be had. Source: eIDAS SAML Attribute Profile 1.2,
// section 2.2, and the public integration kits of Cl@ve 2 for FirstSurname. Those of the
// second surname and the kind of document are our choice, in the same namespace, since
// neither has one.
func attributes() []attribute {
	return []attribute{
		{identity.DocumentNumber, natural + "PersonIdentifier", "PersonIdentifier"},
		{identity.GivenName, natural + "CurrentGivenName", "FirstName"},
		{identity.FamilyName, natural + "CurrentFamilyName", "FamilyName"},
		{identity.BirthDate, natural + "DateOfBirth", "DateOfBirth"},
		{identity.FirstSurname, clave + "FirstSurname", "FirstSurname"},
		{identity.SecondSurname, clave + "SecondSurname", "SecondSurname"},
		{identity.DocumentType, clave + "DocumentKind", "DocumentKind"},
	}
}

// ruleAttributes reads what should be released: what the request names, or else the list
// of the metadata that it points to or that is the default, or else all that is
// registered. Others are ignored, unless the request needs them. What is released is
// bounded by the registration in any case.
// Source: SAML 2.0 Core, section 3.4.1; Metadata, section 2.4.4.1; eIDAS SAML Message
// Format 1.2, section 2.4.
func ruleAttributes(a *ask) *saml2.Status {
	asked := a.request.Extensions.Attributes
	for _, one := range asked {
		if one.Required && !known(one.Name) {
			return saml2.Theirs(saml2.StatusInvalidAttrNameOrValue, "RequestedAttributes need one that cannot be had here; the metadata list those that can")
		}
	}
	services := a.service.Metadata.AttributeServices
	switch index := a.request.AttributeService; {
	case len(asked) > 0:
	case index != nil:
		i := slices.IndexFunc(services, func(s saml2.AttributeService) bool { return s.Index == *index })
		if i < 0 {
			return saml2.Theirs(saml2.StatusInvalidAttrNameOrValue, "AttributeConsumingServiceIndex is none of the registered metadata")
		}
		asked = services[i].Attributes
	case len(services) > 0:
		i := slices.IndexFunc(services, func(s saml2.AttributeService) bool { return s.Default })
		asked = services[max(i, 0)].Attributes
	}
	for _, one := range attributes() {
		wanted := func(r saml2.RequestedAttribute) bool { return r.Name == one.name }
		if len(asked) == 0 || slices.ContainsFunc(asked, wanted) {
			a.attributes = append(a.attributes, one.of)
		}
	}
	return nil
}

func known(name string) bool {
	return slices.ContainsFunc(attributes(), func(a attribute) bool { return a.name == name })
}

// released are the attributes of an assertion; who has no second surname has none.
func released(values identity.Attributes) []saml2.Attribute {
	var all []saml2.Attribute
	for _, one := range attributes() {
		if value := values.Value(one.of); value != "" {
			all = append(all, saml2.Attribute{Name: one.name, FriendlyName: one.friendlyName, Values: []string{value}})
		}
	}
	return all
}
