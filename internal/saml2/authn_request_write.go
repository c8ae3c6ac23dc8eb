package saml2

import (
	"strconv"

	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// Write writes the request, as who stands between others or tries them out needs it;
// without a signer it has no signature inside, as HTTP-Redirect wants it.
func (r AuthnRequest) Write(n Prefixes, s *xmlsig.Signer) ([]byte, error) {
	root := n.message("AuthnRequest", r.Header)
	setTrue(root, "ForceAuthn", r.ForceAuthn)
	setTrue(root, "IsPassive", r.IsPassive)
	set(root, "ProviderName", r.ProviderName)
	set(root, "AssertionConsumerServiceURL", r.ACS.URL)
	set(root, "ProtocolBinding", r.ACS.Binding)
	setNumber(root, "AssertionConsumerServiceIndex", r.ACS.Index)
	setNumber(root, "AttributeConsumingServiceIndex", r.AttributeService)
	if x := r.Extensions; x.SPType != "" || len(x.Attributes) > 0 {
		root.AddChild(x.element(n))
	}
	if r.Subject != nil {
		root.CreateElement(n.assertion("Subject")).AddChild(n.nameID(*r.Subject))
	}
	if p := r.NameIDPolicy; p != (NameIDPolicy{}) {
		el := root.CreateElement(n.protocol("NameIDPolicy"))
		set(el, "Format", p.Format)
		set(el, "SPNameQualifier", p.SPNameQualifier)
		setTrue(el, "AllowCreate", p.AllowCreate)
	}
	if len(r.Audiences) > 0 {
		restriction := root.CreateElement(n.assertion("Conditions")).CreateElement(n.assertion("AudienceRestriction"))
		addTexts(restriction, n.assertion("Audience"), r.Audiences)
	}
	if c := r.Context; len(c.Classes)+len(c.Declarations) > 0 {
		el := root.CreateElement(n.protocol("RequestedAuthnContext"))
		set(el, "Comparison", string(c.Comparison))
		addTexts(el, n.assertion("AuthnContextClassRef"), c.Classes)
		addTexts(el, n.assertion("AuthnContextDeclRef"), c.Declarations)
	}
	if r.Scoping != nil {
		root.AddChild(r.Scoping.element(n))
	}
	return written(root, s)
}

// element writes attributes that are asked for in the order of the schema.
// Source: eIDAS SAML Message Format 1.2, section 2.4.
func (x Extensions) element(n Prefixes) *etree.Element {
	el := etree.NewElement(n.protocol("Extensions"))
	el.CreateAttr("xmlns:eidas", spaceEIDAS)
	if x.SPType != "" {
		el.CreateElement("eidas:SPType").SetText(x.SPType)
	}
	list := el.CreateElement("eidas:RequestedAttributes")
	for _, a := range x.Attributes {
		one := list.CreateElement("eidas:RequestedAttribute")
		set(one, "FriendlyName", a.FriendlyName)
		one.CreateAttr("Name", a.Name)
		set(one, "NameFormat", a.NameFormat)
		one.CreateAttr("isRequired", strconv.FormatBool(a.Required))
		addTexts(one, "eidas:AttributeValue", a.Values)
	}
	return el
}

func (s Scoping) element(n Prefixes) *etree.Element {
	el := etree.NewElement(n.protocol("Scoping"))
	setNumber(el, "ProxyCount", s.ProxyCount)
	if len(s.IDPs) > 0 {
		list := el.CreateElement(n.protocol("IDPList"))
		for _, id := range s.IDPs {
			list.CreateElement(n.protocol("IDPEntry")).CreateAttr("ProviderID", id)
		}
	}
	addTexts(el, n.protocol("RequesterID"), s.Requesters)
	return el
}

func addTexts(el *etree.Element, name string, all []string) {
	for _, s := range all {
		el.CreateElement(name).SetText(s)
	}
}

func setTrue(el *etree.Element, key string, is bool) {
	if is {
		el.CreateAttr(key, "true")
	}
}

func setNumber(el *etree.Element, key string, n *int) {
	if n != nil {
		el.CreateAttr(key, strconv.Itoa(*n))
	}
}
