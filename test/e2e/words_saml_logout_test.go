package e2e

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

// samlParting is a message about a logout with which the browser came to a service.
type samlParting struct {
	service *samlService
	browser *browser
	binding string
	in      *saml2.Incoming
	unread  error
	// query is the message as it came by a redirect, and text by a form.
	query string
	text  []byte
	// asked is the ID of our request, once the service has read it.
	asked string
}

// samlLogout is what a service keeps of the logout that it asked for.
type samlLogout struct{ request, relay string }

// samlParts takes a message about a logout that goes to a service.
func (w *world) samlParts(r request) bool {
	to := *r.address
	to.RawQuery = ""
	for _, s := range w.services {
		if to.String() != s.slo() {
			continue
		}
		p := &samlParting{service: s, browser: w.browser, binding: saml2.BindingRedirect}
		fields := []string{saml2.FieldRequest, saml2.FieldResponse}
		if r.method == http.MethodPost {
			p.binding = saml2.BindingPost
			p.in, p.unread = saml2.ReadPost(r.form, saml2.MessageLimits(), fields...)
			p.text, _ = base64.StdEncoding.DecodeString(r.form.Get(fields[0]) + r.form.Get(fields[1])) // ReadPost minds
		} else {
			p.in, p.unread = saml2.ReadRedirect(r.address.RawQuery, saml2.MessageLimits(), fields...)
			p.query = r.address.RawQuery
		}
		w.parting, w.arrival = p, nil
		w.browser.tab.page = nil
		return true
	}
	return false
}

// samlLogsOut lets a service ask to log out.
func samlLogsOut(w *world, args []string) error {
	posted := len(args) > 0 && args[0] == "POST"
	if posted {
		args = args[1:]
	}
	words, err := pairs(args)
	if err != nil {
		return err
	}
	s, err := w.service(take(words, "sp", "town"))
	if err != nil {
		return err
	}
	shift, err := time.ParseDuration(take(words, "at", "0s"))
	if err != nil {
		return err
	}
	r := saml2.LogoutRequest{
		Header: saml2.Header{
			ID: take(words, "id", saml2.NewID()), Issuer: s.entityID(), Destination: take(words, "destination", w.origin+"/saml/slo"), IssueInstant: time.Now().Add(shift),
		},
		NameID: saml2.NameID{
			Value: take(words, "name", "nobody"), Format: samlFormat(take(words, "format", "persistent")),
			NameQualifier: w.origin + "/saml/metadata", SPNameQualifier: s.entityID(),
		},
	}
	if index := take(words, "session", ""); index != "" {
		r.SessionIndexes = []string{index}
	}
	signer, err := s.signs(take(words, "key", "own"))
	if err != nil {
		return err
	}
	s.leaving = samlLogout{r.ID, take(words, "relay", "logout at "+s.name)}
	return w.samlSend(posted, s, saml2.FieldRequest, r.Write, s.leaving.relay, signer)
}

// samlSend takes the browser from a service to us with a message about a logout.
func (w *world) samlSend(posted bool, s *samlService, field string, write func(saml2.Prefixes, *xmlsig.Signer) ([]byte, error), relay string, signer *xmlsig.Signer) error {
	from, to := "https://"+s.name+".example", w.issuerURL().JoinPath("saml/slo")
	if posted {
		message, err := write(saml2.Prefixes{}, signer)
		if err != nil {
			return err
		}
		form := url.Values{field: {saml2.PostValue(message)}}
		if relay != "" {
			form.Set(saml2.FieldRelayState, relay)
		}
		return w.visit(request{method: http.MethodPost, address: to, form: form, from: from})
	}
	message, err := write(saml2.Prefixes{}, nil)
	if err != nil {
		return err
	}
	address, err := saml2.RedirectURL(to.String(), field, message, relay, signer)
	if err != nil {
		return err
	}
	if to, err = url.Parse(address); err != nil {
		return err
	}
	return w.visit(request{method: http.MethodGet, address: to, from: from})
}

// samlHeard is the message with which the browser is at a service, and the terms on
// which the service takes it: ours, signed, for this address and now.
func (w *world) samlHeard() (*samlParting, saml2.Terms, error) {
	p := w.parting
	if p == nil || w.browser.tab.page != nil {
		return nil, saml2.Terms{}, errors.New("the browser is at no service's address for logouts")
	}
	certificates, err := w.trusted(p.service)
	if err != nil {
		return nil, saml2.Terms{}, err
	}
	terms := saml2.Terms{
		Issuer: w.origin + "/saml/metadata", Destinations: []string{p.service.slo()},
		Now: time.Now(), MaxAge: time.Minute, MaxSkew: time.Minute,
	}
	for _, c := range certificates {
		terms.Keys = append(terms.Keys, crypto.PublicKey(c.PublicKey))
	}
	switch {
	case p.browser != w.browser:
		return nil, terms, errors.New("another browser came")
	case p.unread != nil:
		return nil, terms, p.unread
	case p.binding == saml2.BindingPost:
		return p, terms, xmlsecAccepts(p.text, certificates, "/*/*[local-name()='Signature']")
	}
	return p, terms, octetsAccepted(p.query, certificates)
}

// octetsAccepted checks the signature over a query by nothing of ours.
// Source: SAML 2.0 Bindings, section 3.4.4.1.
func octetsAccepted(query string, certificates []*x509.Certificate) error {
	octets, encoded, _ := strings.Cut(query, "&Signature=")
	if !strings.HasSuffix(octets, "&SigAlg="+url.QueryEscape(xmlsig.RSASHA256)) {
		return fmt.Errorf("it is not signed by RSA with SHA-256: %s", octets)
	}
	unescaped, err := url.QueryUnescape(encoded)
	if err != nil {
		return err
	}
	signature, err := base64.StdEncoding.DecodeString(unescaped)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(octets))
	for _, c := range certificates {
		if key, is := c.PublicKey.(*rsa.PublicKey); is {
			if err = rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature); err == nil {
				return nil
			}
		}
	}
	return fmt.Errorf("no certificate of ours signed it: %w", err)
}

// samlTold looks at the request by which we tell a service of a logout.
func samlTold(w *world, args []string) error {
	wanted, err := pairs(args)
	if err != nil {
		return err
	}
	p, terms, err := w.samlHeard()
	if err != nil {
		return err
	}
	r, err := p.in.LogoutRequest(terms)
	if err != nil {
		return err
	}
	if until := time.Until(r.NotOnOrAfter); until <= 0 || until > 6*time.Minute {
		return fmt.Errorf("it counts for %s", until)
	}
	if r.NameID.NameQualifier != terms.Issuer || r.NameID.SPNameQualifier != p.service.entityID() {
		return fmt.Errorf("the name is qualified by %q and %q", r.NameID.NameQualifier, r.NameID.SPNameQualifier)
	}
	p.asked = r.ID
	return match(map[string]any{
		"sp": p.service.name, "binding": lastWord(p.binding), "name": r.NameID.Value, "format": lastWord(r.NameID.Format),
		"session": strings.Join(r.SessionIndexes, " "), "reason": lastWord(r.Reason),
	}, wanted)
}

// samlConfirms answers such a request.
func samlConfirms(w *world, args []string) error {
	posted := len(args) > 0 && args[0] == "POST"
	if posted {
		args = args[1:]
	}
	words, err := pairs(args)
	if err != nil {
		return err
	}
	p := w.parting
	if p == nil || p.asked == "" {
		return errors.New("no service was told of a logout")
	}
	s, err := w.service(take(words, "sp", p.service.name))
	if err != nil {
		return err
	}
	signer, err := s.signs(take(words, "key", "own"))
	if err != nil {
		return err
	}
	const prefix = "urn:oasis:names:tc:SAML:2.0:status:"
	r := saml2.LogoutResponse{
		Header:       saml2.Header{ID: saml2.NewID(), Issuer: s.entityID(), Destination: w.origin + "/saml/slo", IssueInstant: time.Now()},
		InResponseTo: take(words, "to", p.asked), Status: saml2.Status{Code: prefix + take(words, "status", "Success")},
	}
	return w.samlSend(posted, s, saml2.FieldResponse, r.Write, "", signer)
}

// samlLoggedOut looks at our answer to the service that asked.
func samlLoggedOut(w *world, args []string) error {
	wanted, err := pairs(args)
	if err != nil {
		return err
	}
	p, terms, err := w.samlHeard()
	if err != nil {
		return err
	}
	r, err := p.in.LogoutResponse(terms)
	if err != nil {
		return err
	}
	if asked := p.service.leaving; r.InResponseTo != asked.request || r.RelayState != asked.relay {
		return fmt.Errorf("it answers %q with %q, not %q with %q", r.InResponseTo, r.RelayState, asked.request, asked.relay)
	}
	found := map[string]any{"sp": p.service.name, "binding": lastWord(p.binding), "status": lastWord(r.Status.Code)}
	if r.Status.Second != "" {
		found["second"] = lastWord(r.Status.Second)
	}
	return match(found, wanted)
}
