package saml2

import (
	"time"

	"github.com/beevik/etree"
)

// AuthnRequest asks for a login. Source: SAML 2.0 Core, section 3.4.1.
type AuthnRequest struct {
	Header
	Received
	// ProviderName is a name for people, and the one that counts in Cl@ve 2.
	ProviderName string
	// ForceAuthn wants a fresh login; IsPassive wants no page.
	ForceAuthn, IsPassive bool
	// ACS is where the answer should go: an address, with or without a binding, or the
	// number of one in metadata, or nothing. It is a wish: who answers looks whether
	// it is registered.
	ACS ACS
	// AttributeService is the number of one in metadata; nil for none.
	AttributeService *int
	// Subject is who should log in; nil for anybody.
	Subject *NameID
	// NameIDPolicy is how the citizen should be named; the zero value asks for nothing.
	NameIDPolicy NameIDPolicy
	// Audiences are those for whom the assertion should be too.
	Audiences []string
	// Context is how well the citizen should be known; the zero value asks for nothing.
	Context RequestedContext
	// Scoping says who may prove who the citizen is; nil when everybody may.
	Scoping *Scoping
	// Extensions are those of eIDAS; others are not read.
	Extensions Extensions
}

// ACS is an assertion consumer service.
type ACS struct {
	URL, Binding string
	Index        *int
}

// NameIDPolicy is how a citizen should be named. Source: SAML 2.0 Core, section 3.4.1.1.
type NameIDPolicy struct {
	Format, SPNameQualifier string
	AllowCreate             bool
}

// Comparison is how a context compares with those that were asked for.
// Source: SAML 2.0 Core, section 3.3.2.2.1.
type Comparison string

// Comparisons.
const (
	Exact   Comparison = "exact"
	Minimum Comparison = "minimum"
	Maximum Comparison = "maximum"
	Better  Comparison = "better"
)

// RequestedContext is how well a citizen should be known. Either Classes, the best
// liked first, or Declarations, or nothing.
type RequestedContext struct {
	Comparison            Comparison
	Classes, Declarations []string
}

// Scoping says who may prove who the citizen is, and for whom.
// Source: SAML 2.0 Core, section 3.4.1.2.
type Scoping struct {
	// ProxyCount is through how many others it may go; nil for any number.
	ProxyCount *int
	// IDPs may prove it, when there are any; Requesters are for whom it is asked.
	IDPs, Requesters []string
}

// AuthnRequest proves and decodes a request. On every error there is no request.
func (in *Incoming) AuthnRequest(t Terms) (*AuthnRequest, error) {
	h, received, p, err := in.open(KindAuthnRequest, t)
	if err != nil {
		return nil, err
	}
	r := &AuthnRequest{Header: h, Received: received, ProviderName: value(p.of, "ProviderName")}
	for _, step := range []func(*parts, Terms) error{r.wishes, r.subject, r.policy, r.conditions, r.context, r.scoping, r.extensions} {
		if err := step(p, t); err != nil {
			return nil, err
		}
	}
	if err := p.done(); err != nil {
		return nil, err
	}
	return r, nil
}

// wishes are the request's attributes.
func (r *AuthnRequest) wishes(p *parts, _ Terms) (err error) {
	if r.ForceAuthn, err = truth(p.of, "ForceAuthn"); err != nil {
		return err
	}
	if r.IsPassive, err = truth(p.of, "IsPassive"); err != nil {
		return err
	}
	if r.AttributeService, err = number(p.of, "AttributeConsumingServiceIndex"); err != nil {
		return err
	}
	if r.ACS.Index, err = number(p.of, "AssertionConsumerServiceIndex"); err != nil {
		return err
	}
	r.ACS.URL, r.ACS.Binding = value(p.of, "AssertionConsumerServiceURL"), value(p.of, "ProtocolBinding")
	if r.ACS.Index != nil && (r.ACS.URL != "" || r.ACS.Binding != "") {
		return invalid("an address for the answer, and the number of one")
	}
	return nil
}

// subject reads who should log in. Source: SAML 2.0 Profiles, section 4.1.4.1: without
// confirmations.
func (r *AuthnRequest) subject(p *parts, _ Terms) error {
	el, err := p.one(spaceAssertion, "Subject")
	if el == nil || err != nil {
		return err
	}
	of, err := partsOf(el)
	if err != nil {
		return err
	}
	name, err := of.one(spaceAssertion, "NameID")
	if err != nil {
		return err
	}
	if err := of.done(); err != nil {
		return err
	}
	if name == nil {
		return invalid("a subject without a name")
	}
	r.Subject, err = nameIDOf(name)
	return err
}

func (r *AuthnRequest) policy(p *parts, _ Terms) error {
	el, err := p.one(spaceProtocol, "NameIDPolicy")
	if el == nil || err != nil {
		return err
	}
	r.NameIDPolicy = NameIDPolicy{Format: value(el, "Format"), SPNameQualifier: value(el, "SPNameQualifier")}
	r.NameIDPolicy.AllowCreate, err = truth(el, "AllowCreate")
	return err
}

// conditions reads those that the assertion should have. An unknown one could be the
// one that counts, and so is refused. Source: SAML 2.0 Core, sections 2.5.1 and 3.4.1.
func (r *AuthnRequest) conditions(p *parts, t Terms) error {
	el, err := p.one(spaceAssertion, "Conditions")
	if el == nil || err != nil {
		return err
	}
	of, err := partsOf(el)
	if err != nil {
		return err
	}
	if err := within(el, t); err != nil {
		return err
	}
	if _, err := of.one(spaceAssertion, "OneTimeUse"); err != nil { // all of ours are
		return err
	}
	for _, restriction := range of.all(spaceAssertion, "AudienceRestriction") {
		inner, err := partsOf(restriction)
		if err != nil {
			return err
		}
		audiences, err := texts(inner.all(spaceAssertion, "Audience"))
		if err != nil {
			return err
		}
		if err := inner.done(); err != nil {
			return err
		}
		r.Audiences = append(r.Audiences, audiences...)
	}
	return of.done()
}

// within checks the times between which something counts.
func within(el *etree.Element, t Terms) error {
	if v, stands := attribute(el, "NotBefore"); stands {
		from, err := instant(v, t.Zone)
		switch {
		case err != nil:
			return err
		case t.Now.Add(t.MaxSkew).Before(from):
			return ErrEarly
		}
	}
	until, err := notOnOrAfter(el, t)
	if err == nil && !until.IsZero() && !t.Now.Add(-t.MaxSkew).Before(until) {
		return ErrExpired
	}
	return err
}

// notOnOrAfter is the end of something; zero for none.
func notOnOrAfter(el *etree.Element, t Terms) (time.Time, error) {
	v, stands := attribute(el, "NotOnOrAfter")
	if !stands {
		return time.Time{}, nil
	}
	return instant(v, t.Zone)
}

func (r *AuthnRequest) context(p *parts, _ Terms) error {
	el, err := p.one(spaceProtocol, "RequestedAuthnContext")
	if el == nil || err != nil {
		return err
	}
	of, err := partsOf(el)
	if err != nil {
		return err
	}
	r.Context.Comparison = Exact
	if c, stands := attribute(el, "Comparison"); stands {
		r.Context.Comparison = Comparison(c)
	}
	switch r.Context.Comparison {
	case Exact, Minimum, Maximum, Better:
	default:
		return invalid("an unknown comparison")
	}
	if r.Context.Classes, err = texts(of.all(spaceAssertion, "AuthnContextClassRef")); err != nil {
		return err
	}
	if r.Context.Declarations, err = texts(of.all(spaceAssertion, "AuthnContextDeclRef")); err != nil {
		return err
	}
	if (len(r.Context.Classes) > 0) == (len(r.Context.Declarations) > 0) {
		return invalid("a requested context of neither or both kinds")
	}
	return of.done()
}

func (r *AuthnRequest) scoping(p *parts, _ Terms) error {
	el, err := p.one(spaceProtocol, "Scoping")
	if el == nil || err != nil {
		return err
	}
	of, err := partsOf(el)
	if err != nil {
		return err
	}
	s := &Scoping{}
	if s.ProxyCount, err = number(el, "ProxyCount"); err != nil {
		return err
	}
	if s.Requesters, err = texts(of.all(spaceProtocol, "RequesterID")); err != nil {
		return err
	}
	list, err := of.one(spaceProtocol, "IDPList")
	if err != nil {
		return err
	}
	if list != nil {
		inner, err := partsOf(list)
		if err != nil {
			return err
		}
		for _, entry := range inner.all(spaceProtocol, "IDPEntry") {
			s.IDPs = append(s.IDPs, value(entry, "ProviderID"))
		}
		inner.all(spaceProtocol, "GetComplete") // a longer list elsewhere, which nobody fetches
		if err := inner.done(); err != nil {
			return err
		}
		if len(s.IDPs) == 0 {
			return invalid("an empty list of identity providers")
		}
	}
	r.Scoping = s
	return of.done()
}
