package sample

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
)

// consume takes the answer of Cl@ve, which comes by a form from another site.
func (s *claveSite) consume(w http.ResponseWriter, r *http.Request) {
	got, err := s.read(r.Context(), r.PostFormValue("SAMLResponse"), r.PostFormValue("RelayState"))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.arrived(w, r, got)
}

// read verifies an answer. Each request is answered once. The library's structs serve to
// read what was verified.
func (s *claveSite) read(ctx context.Context, form, relayState string) (received, error) {
	certificates, err := s.signers(ctx)
	if err != nil {
		return received{}, err
	}
	m, err := verified(form, certificates)
	if err != nil {
		return received{}, err
	}
	var response saml.Response
	if err := m.into(&response); err != nil {
		return received{}, err
	}
	as, ok := s.asked.take(response.InResponseTo)
	status := response.Status
	switch {
	case !ok:
		return received{}, errors.New("it answers nothing that was asked, or was taken already")
	case response.Issuer == nil || response.Issuer.Value != s.Issuer:
		return received{}, errors.New("it is of another issuer")
	case response.Destination != s.acs():
		return received{}, errors.New("it is for another address")
	case relayState != as.RelayState:
		return received{}, errors.New("its RelayState is another one")
	case status.StatusCode.Value != saml.StatusSuccess:
		return received{Browser: as.Browser, Status: status}, nil
	case status.StatusMessage == nil || status.StatusMessage.Value != saml.StatusSuccess: // there are clients that look at it alone
		return received{}, errors.New("its status message is not that of success")
	case response.Assertion == nil:
		return received{}, errors.New("it has no assertion")
	}
	if err := s.check(response.Assertion, response.InResponseTo, as); err != nil {
		return received{}, err
	}
	return received{Browser: as.Browser, Login: claveLoginOf(response.Assertion)}, nil
}

// skew is how far the clock of Cl@ve may be from ours.
const skew = 2 * time.Minute

// check looks at what the kits look at, and at the level that was asked for.
func (s *claveSite) check(a *saml.Assertion, request string, as asked) error {
	now := s.Now()
	switch {
	case a.Issuer.Value != s.Issuer:
		return errors.New("the assertion is of another issuer")
	case a.Subject == nil || a.Subject.NameID == nil || a.Subject.NameID.Value == "":
		return errors.New("the assertion names nobody")
	case !slices.ContainsFunc(a.Subject.SubjectConfirmations, func(c saml.SubjectConfirmation) bool {
		return bearer(c) && c.SubjectConfirmationData.Recipient == s.acs() && c.SubjectConfirmationData.InResponseTo == request &&
			now.Before(c.SubjectConfirmationData.NotOnOrAfter.Add(skew))
	}):
		return errors.New("the assertion is not for whoever bears it here now")
	case a.Conditions == nil || now.Add(skew).Before(a.Conditions.NotBefore) || !now.Before(a.Conditions.NotOnOrAfter.Add(skew)):
		return errors.New("the assertion is not of now")
	case !slices.ContainsFunc(a.Conditions.AudienceRestrictions, func(r saml.AudienceRestriction) bool { return r.Audience.Value == s.acs() }):
		return errors.New("the assertion is for another audience")
	case len(a.AuthnStatements) != 1 || a.AuthnStatements[0].AuthnContext.AuthnContextClassRef == nil:
		return errors.New("the assertion does not say how the citizen logged in")
	}
	if class := a.AuthnStatements[0].AuthnContext.AuthnContextClassRef.Value; rank(class) < rank(as.Class) {
		return fmt.Errorf("the assertion says %s, and %s was asked for", class, as.Class)
	}
	if as.Fresh && a.AuthnStatements[0].AuthnInstant.Before(as.At.Add(-skew)) {
		return errors.New("the citizen logged in before that was asked for")
	}
	if state := valueOf(a, "RelayState"); state != as.RelayState { // it travels twice
		return errors.New("the attribute RelayState is another one")
	}
	return nil
}

func valueOf(a *saml.Assertion, name string) string {
	for _, one := range attributes(a) {
		if one.Name == name {
			return fmt.Sprint(one.Value)
		}
	}
	return ""
}

// claveLoginOf is what the service keeps of an assertion.
func claveLoginOf(a *saml.Assertion) *assertedLogin {
	said := a.AuthnStatements[0]
	claims := []claim{
		{"NameID", a.Subject.NameID.Value},
		{"AuthnContextClassRef", said.AuthnContext.AuthnContextClassRef.Value},
		{"AuthnInstant", said.AuthnInstant.UTC().Format(time.RFC3339)},
	}
	for _, one := range attributes(a) {
		if one.Name == "PartialAfirma" {
			claims = append(claims, certificateFields(fmt.Sprint(one.Value))...)
			continue
		}
		claims = append(claims, one)
	}
	return &assertedLogin{login: login{claims}, Name: *a.Subject.NameID}
}

// certificateFields are what Cl@ve says of the certificate: XML in base64.
func certificateFields(encoded string) []claim {
	document := etree.NewDocument()
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || document.ReadFromBytes(data) != nil {
		return []claim{{"PartialAfirma", encoded}}
	}
	var all []claim
	for _, f := range document.FindElements("//ReadableField") {
		name, value := f.SelectElement("FieldIdentity"), f.SelectElement("FieldValue")
		if name != nil && value != nil {
			all = append(all, claim{"PartialAfirma " + name.Text(), value.Text()})
		}
	}
	return all
}
