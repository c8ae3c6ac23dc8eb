package clave

import (
	"slices"

	"clave/identity"
	"clave/internal/saml2"
)

// rule looks at one thing of a request and notes what it found.
type rule func(*ask) *saml2.Status

// check applies the rules in order; the first refusal counts.
func (a *ask) check() *saml2.Status {
	for _, r := range [...]rule{
		ruleDocument,
		ruleOthers,
		ruleContext,
		ruleMethods,
		ruleNameID,
		ruleAttributes,
	} {
		if refused := r(a); refused != nil {
			return refused
		}
	}
	return nil
}

// ruleDocument refuses services that may not know the number of the citizen's document:
// it is the name in every answer.
func ruleDocument(a *ask) *saml2.Status {
	if !slices.Contains(a.service.Party.Attributes, identity.DocumentNumber) {
		return saml2.Ours(saml2.StatusRequestDenied, "the service is registered without document_number, which every answer of this protocol says; tell the operator")
	}
	return nil
}

// ruleOthers refuses what would have to be obeyed and is no part of the dialect: that
// somebody certain logs in, that others prove who it is, that others get the assertion.
func ruleOthers(a *ask) *saml2.Status {
	switch {
	case a.request.Subject != nil:
		return saml2.Theirs(saml2.StatusRequestDenied, "Subject is no part of this protocol; leave it out")
	case a.request.Scoping != nil && len(a.request.Scoping.IDPs) > 0:
		return saml2.Theirs(saml2.StatusRequestDenied, "Scoping is no part of this protocol; switch methods off by RequestedAttribute")
	case slices.ContainsFunc(a.request.Audiences, func(one string) bool { return one != a.to.ACS }):
		return saml2.Theirs(saml2.StatusRequestDenied, "Conditions name an audience other than AssertionConsumerServiceURL; assertions are for that one")
	}
	return nil
}

// ruleContext reads how well the citizen should be known: at least one level.
// Source: eIDAS SAML Message Format 1.2, section 3.2.
func ruleContext(a *ask) *saml2.Status {
	wish := a.request.Context
	if len(wish.Classes) == 0 && len(wish.Declarations) == 0 {
		return nil
	}
	if wish.Comparison != saml2.Minimum {
		return saml2.Theirs(saml2.StatusNoAuthnContext, `RequestedAuthnContext has a Comparison other than "minimum"`)
	}
	if len(wish.Classes) != 1 {
		return saml2.Theirs(saml2.StatusNoAuthnContext, "RequestedAuthnContext has to name one AuthnContextClassRef")
	}
	level, err := identity.ParseLevelURI(wish.Classes[0])
	if err != nil {
		return saml2.Theirs(saml2.StatusNoAuthnContext, "RequestedAuthnContext names a class that is not known here; ask for http://eidas.europa.eu/LoA/low, substantial or high")
	}
	a.level = level
	return nil
}

// own is the namespace of the attributes of Cl@ve 2.
const own = "http://es.minhafp.clave/"

// switchOf is the attribute that switches a method off.
// Source: the public integration kits of Cl@ve 2.
func switchOf(m identity.Method) string {
	switch m {
	case identity.Certificate:
		return own + "AFirmaIdP"
	case identity.Permanente:
		return own + "GISSIdP"
	case identity.PIN:
		return own + "AEATIdP"
	case identity.Movil:
		return own + "CLVMOVILIdP"
	case identity.EIDAS:
		return own + "EIDASIdP"
	}
	return ""
}

// ruleMethods reads which methods the service switches off: those whose attribute is
// asked for without a value.
func ruleMethods(a *ask) *saml2.Status {
	var left []identity.Method
	for _, m := range identity.Methods() {
		if one, asked := a.request.Extensions.Attribute(switchOf(m)); !asked || !empty(one) {
			left = append(left, m)
		}
	}
	switch len(left) {
	case 0: // no list would be all of them
		return saml2.Theirs(saml2.StatusRequestDenied, "the request switches every method off")
	case len(identity.Methods()):
	default:
		a.methods = left
	}
	return nil
}

// empty tells whether an attribute is asked for without a value.
func empty(one saml2.RequestedAttribute) bool {
	return !slices.ContainsFunc(one.Values, func(v string) bool { return v != "" })
}

// ruleNameID chooses the format of the name; the name itself is always the document
// number.
func ruleNameID(a *ask) *saml2.Status {
	switch format := a.request.NameIDPolicy.Format; format {
	case "":
		a.wishes.Format = saml2.FormatUnspecified
	case saml2.FormatUnspecified, saml2.FormatTransient, saml2.FormatPersistent:
		a.wishes.Format = format
	default:
		return saml2.Theirs(saml2.StatusInvalidNameIDPolicy, "NameIDPolicy asks for a format that is not offered; ask for unspecified, transient or persistent")
	}
	return nil
}

// maxState bounds the relay state that is an attribute, in bytes, as that of the form is.
const maxState = 2048

// ruleAttributes reads what else the answer should say. Attributes that cannot be had
// are ignored, unless the request needs them.
func ruleAttributes(a *ask) *saml2.Status {
	for _, one := range a.request.Extensions.Attributes {
		switch {
		case one.Name == nameRelayState:
			if len(one.Values) > 1 || len(one.Values) == 1 && len(one.Values[0]) > maxState {
				return saml2.Theirs(saml2.StatusInvalidAttrNameOrValue, "RelayState as an attribute has several values, or one of more than 2048 bytes")
			}
			if a.wishes.HasState = !empty(one); a.wishes.HasState {
				a.wishes.State = one.Values[0]
			}
		case one.Name == nameRegisterType:
			a.wishes.RegisterType = true
		case one.Name == nameDateOfBirth:
			a.wishes.BirthDate = true
		case one.Required && !known(one.Name):
			return saml2.Theirs(saml2.StatusInvalidAttrNameOrValue, "RequestedAttributes need one that cannot be had here")
		}
	}
	return nil
}
