package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"clave/internal/saml2"
	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// samlAttempt is a login as a service that speaks SAML keeps it.
type samlAttempt struct {
	service *samlService
	request string // its ID; empty when nobody asked
	relay   string
	acs     string
	// came is where the answer came.
	came string
}

// samlLogIn sends the browser to the front with a request, by a link or, posted, by a
// form of the service's page.
func (w *world) samlLogIn(posted bool, words url.Values) error {
	s, err := w.service(take(words, "sp", "town"))
	if err != nil {
		return err
	}
	signer, err := s.signs(take(words, "key", "own"))
	if err != nil {
		return err
	}
	if alg := take(words, "alg", ""); alg != "" && signer != nil {
		other := *signer
		other.Method = "http://www.w3.org/2001/04/xmldsig-more#" + alg
		signer = &other
	}
	hint, relay := take(words, "login_hint", ""), take(words, "relay", "state of "+s.name)
	if n, found := strings.CutPrefix(relay, "bytes:"); found {
		size, err := strconv.Atoi(n)
		if err != nil {
			return err
		}
		relay = strings.Repeat(`"ñ>`, size)[:size]
	}
	change, forge := take(words, "change", ""), take(words, "forge", "")
	r, err := s.request(w.origin, words)
	if err != nil {
		return err
	}
	a := &attempt{
		party: party{id: s.name}, browser: w.browser, state: r.ID,
		saml: &samlAttempt{service: s, request: r.ID, relay: relay, acs: s.acs()},
	}
	if r.ACS.URL == s.second() || r.ACS.Index != nil && *r.ACS.Index == 2 {
		a.saml.acs = s.second()
	}
	w.attempts[r.ID], w.attempt = a, a
	inside := signer
	if !posted {
		inside = nil
	}
	message, err := writeRequest(r, change, inside)
	if err != nil {
		return err
	}
	from := "https://" + s.name + ".example"
	to := w.issuerURL().JoinPath("saml/sso")
	if posted {
		form := url.Values{saml2.FieldRequest: {saml2.PostValue([]byte(forged(string(message), forge)))}}
		if relay != "" {
			form.Set(saml2.FieldRelayState, relay)
		}
		if hint != "" {
			form.Set("login_hint", hint)
		}
		return w.visit(request{method: http.MethodPost, address: to, form: form, from: from})
	}
	address, err := saml2.RedirectURL(to.String(), saml2.FieldRequest, message, relay, signer)
	if err != nil {
		return err
	}
	if hint != "" {
		address += "&login_hint=" + url.QueryEscape(hint)
	}
	if to, err = url.Parse(forged(address, forge)); err != nil {
		return err
	}
	return w.visit(request{method: http.MethodGet, address: to, from: from})
}

// signs is who signs: the service itself, a stranger, or nobody.
func (s *samlService) signs(who string) (*xmlsig.Signer, error) {
	switch who {
	case "own":
		return s.signer, nil
	case "rsa":
		return samlKeys().rsa, nil
	case "ec":
		return samlKeys().ec, nil
	case "stranger":
		return samlKeys().stranger, nil
	case "none":
		return nil, nil
	}
	return nil, errors.New("usage: key=own|rsa|ec|stranger|none")
}

// forged replaces a text by another: old→new.
func forged(text, change string) string {
	old, fresh, _ := strings.Cut(change, "→")
	if old == "" {
		return text
	}
	return strings.Replace(text, old, fresh, 1)
}

// writeRequest writes and signs a request. What the script changes is changed before it
// is signed: the service itself says so.
func writeRequest(r saml2.AuthnRequest, change string, signer *xmlsig.Signer) ([]byte, error) {
	if change == "" {
		return r.Write(saml2.Prefixes{}, signer)
	}
	text, err := r.Write(saml2.Prefixes{}, nil)
	if err != nil {
		return nil, err
	}
	changed := forged(string(text), change)
	if changed == string(text) {
		return nil, fmt.Errorf("there is nothing to change in %s", text)
	}
	if signer == nil {
		return []byte(changed), nil
	}
	d := etree.NewDocument()
	if err := d.ReadFromString(changed); err != nil {
		return nil, err
	}
	if err := signer.Sign(d.Root(), 1); err != nil {
		return nil, err
	}
	return xmlsig.Canonical(d.Root())
}

// request is a good one, but for what the script says.
func (s *samlService) request(issuer string, words url.Values) (r saml2.AuthnRequest, err error) {
	r = saml2.AuthnRequest{
		Header: saml2.Header{ID: saml2.NewID(), Issuer: s.entityID(), Destination: issuer + "/saml/sso", IssueInstant: time.Now()},
		ACS:    saml2.ACS{URL: s.acs(), Binding: saml2.BindingPost},
	}
	number := func(to **int, value string) error {
		n, err := strconv.Atoi(value)
		*to = &n
		return err
	}
	for name, values := range words {
		value := values[0]
		switch name {
		case "id":
			r.ID = value
		case "issuer":
			r.Issuer = value
		case "destination":
			r.Destination = value
		case "at": // how far from now, such as -6m
			var shift time.Duration
			shift, err = time.ParseDuration(value)
			r.IssueInstant = r.IssueInstant.Add(shift)
		case "acs":
			r.ACS.URL = value
			if value == "" {
				r.ACS = saml2.ACS{}
			}
		case "acs_index":
			r.ACS = saml2.ACS{}
			err = number(&r.ACS.Index, value)
		case "binding":
			r.ACS.Binding = value
		case "calls":
			r.ProviderName = value
		case "force":
			r.ForceAuthn = value == "true"
		case "passive":
			r.IsPassive = value == "true"
		case "format":
			r.NameIDPolicy.Format = samlFormat(value)
		case "qualifier":
			r.NameIDPolicy.SPNameQualifier = value
		case "subject":
			r.Subject = &saml2.NameID{Value: value, Format: saml2.FormatPersistent}
		case "exact", "minimum", "better", "maximum":
			r.Context.Comparison = saml2.Comparison(name)
			for _, class := range strings.Fields(value) {
				r.Context.Classes = append(r.Context.Classes, samlClass(class))
			}
		case "idp":
			r.Scoping = &saml2.Scoping{IDPs: []string{value}}
		case "audience":
			r.Audiences = []string{value}
		case "list":
			err = number(&r.AttributeService, value)
		case "sptype":
			r.Extensions.SPType = value
		case "attributes", "needs":
			for _, a := range strings.Fields(value) {
				r.Extensions.Attributes = append(r.Extensions.Attributes, saml2.RequestedAttribute{
					Name: samlAttribute(a), NameFormat: saml2.AttributeURI, Required: name == "needs",
				})
			}
		default:
			return r, fmt.Errorf("a request has no %s", name)
		}
		if err != nil {
			return r, err
		}
	}
	return r, nil
}

// Scripts name what SAML names by URIs by its last word; what has a colon is one.

func samlClass(name string) string {
	switch name {
	case "low", "substantial", "high":
		return loaPrefix + name
	}
	return samlURI("urn:oasis:names:tc:SAML:2.0:ac:classes:", name)
}

func samlFormat(name string) string {
	if name == "persistent" || name == "transient" {
		return "urn:oasis:names:tc:SAML:2.0:nameid-format:" + name
	}
	return samlURI("urn:oasis:names:tc:SAML:1.1:nameid-format:", name)
}

func samlAttribute(name string) string {
	switch name {
	case "FirstSurname", "SecondSurname", "DocumentKind":
		return "http://es.minhafp.clave/" + name
	}
	return samlURI("http://eidas.europa.eu/attributes/naturalperson/", name)
}

func samlURI(space, name string) string {
	if strings.Contains(name, ":") {
		return name
	}
	return space + name
}
