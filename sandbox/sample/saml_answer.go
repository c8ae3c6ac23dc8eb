package sample

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/crewjam/saml"
)

// consume takes the answer of Cl@ve. It comes by a form from another site, and so without
// our cookies: whose answer it is shows when the browser comes back by GET.
func (s *samlSite) consume(w http.ResponseWriter, r *http.Request) {
	peer, err := s.peer(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	got, err := s.read(peer, r.PostFormValue("SAMLResponse"), r.PostFormValue("RelayState"))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.arrived(w, r, got)
}

// read verifies an answer. Each request is answered once.
func (s *samlSite) read(peer *saml.ServiceProvider, form, relayState string) (received, error) {
	m, err := verified(form, signers(peer.IDPMetadata))
	if err != nil {
		return received{}, err
	}
	var response saml.Response
	if err := m.into(&response); err != nil {
		return received{}, err
	}
	as, ok := s.asked.take(response.InResponseTo)
	switch {
	case !ok:
		return received{}, errors.New("it answers nothing that was asked, or was taken already")
	case response.Issuer == nil || response.Issuer.Value != peer.IDPMetadata.EntityID:
		return received{}, errors.New("it is of another issuer")
	case response.Destination != peer.AcsURL.String():
		return received{}, errors.New("it is for another address")
	case relayState != as.RelayState:
		return received{}, errors.New("its RelayState is another one")
	case response.Status.StatusCode.Value != saml.StatusSuccess:
		return received{Browser: as.Browser, Status: response.Status}, nil
	}
	data, err := m.bytes()
	if err != nil {
		return received{}, err
	}
	assertion, err := peer.ParseXMLResponse(data, []string{response.InResponseTo}, peer.AcsURL)
	if err != nil {
		var invalid *saml.InvalidResponseError
		if errors.As(err, &invalid) {
			err = invalid.PrivateErr
		}
		return received{}, err
	}
	if err := s.check(assertion, as); err != nil {
		return received{}, err
	}
	return received{Browser: as.Browser, Login: samlLoginOf(assertion, response.EncryptedAssertion != nil)}, nil
}

// check looks at what the library leaves to its users: that the parts which it compares
// are there at all, and that Cl@ve answers what was asked.
func (s *samlSite) check(a *saml.Assertion, as asked) error {
	switch {
	case a.Subject == nil || a.Subject.NameID == nil || a.Subject.NameID.Value == "":
		return errors.New("the assertion names nobody")
	case !slices.ContainsFunc(a.Subject.SubjectConfirmations, bearer):
		return errors.New("the assertion is not for whoever bears it")
	case a.Conditions == nil || len(a.Conditions.AudienceRestrictions) == 0:
		return errors.New("the assertion is for no audience")
	case len(a.AuthnStatements) != 1 || a.AuthnStatements[0].AuthnContext.AuthnContextClassRef == nil:
		return errors.New("the assertion does not say how the citizen logged in")
	}
	said := a.AuthnStatements[0]
	if class := said.AuthnContext.AuthnContextClassRef.Value; rank(class) < rank(as.Class) {
		return fmt.Errorf("the assertion says %s, and %s was asked for", class, as.Class)
	}
	if as.Fresh && said.AuthnInstant.Before(as.At.Add(-saml.MaxClockSkew)) {
		return errors.New("the citizen logged in before that was asked for")
	}
	return nil
}

func bearer(c saml.SubjectConfirmation) bool {
	return c.Method == "urn:oasis:names:tc:SAML:2.0:cm:bearer" && c.SubjectConfirmationData != nil &&
		!c.SubjectConfirmationData.NotOnOrAfter.IsZero()
}

// samlLoginOf is what the service keeps of an assertion.
func samlLoginOf(a *saml.Assertion, encrypted bool) *assertedLogin {
	said, name := a.AuthnStatements[0], a.Subject.NameID
	l := assertedLogin{Name: *name, Session: said.SessionIndex, login: login{Claims: []claim{
		{"NameID", name.Value}, {"NameID Format", name.Format},
		{"AuthnContextClassRef", said.AuthnContext.AuthnContextClassRef.Value},
		{"AuthnInstant", said.AuthnInstant.UTC().Format(time.RFC3339)}, {"SessionIndex", said.SessionIndex},
		{"EncryptedAssertion", encrypted},
	}}}
	l.Claims = append(l.Claims, attributes(a)...)
	return &l
}
