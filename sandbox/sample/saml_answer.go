package sample

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crewjam/saml"
)

// received is an answer that was verified, and waits for the browser that asked.
type received struct {
	Browser string
	// Login is who logged in; nil when Cl@ve refused, and then Status says why.
	Login  *samlLogin
	Status saml.Status
}

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
	http.Redirect(w, r, s.Path+"/in?answer="+s.received.put(got), http.StatusSeeOther)
}

// refuse shows that a message of somebody was not taken.
func (s *samlSite) refuse(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.WarnContext(r.Context(), "sample service refused a message", "error", err.Error())
	s.render(w, r, http.StatusBadRequest, view{Error: "refused_by_service", Description: "The service does not take this message: " + err.Error()})
}

// enter logs the browser in that asked.
func (s *samlSite) enter(w http.ResponseWriter, r *http.Request) {
	got, ok := s.received.take(r.URL.Query().Get("answer"))
	if !ok || got.Browser != cookie(r, cookieBrowser) {
		s.refuse(w, r, errors.New("it does not belong to a login of this browser"))
		return
	}
	s.dropCookie(w, cookieBrowser)
	if got.Login == nil {
		s.render(w, r, http.StatusOK, refusedView(got.Status))
		return
	}
	s.setCookie(w, cookieLogin, s.logins.put(*got.Login))
	http.Redirect(w, r, s.Path, http.StatusSeeOther)
}

// refusedView shows a refusal of Cl@ve: the second status is what to decide by, the
// message is for whoever develops the service.
func refusedView(status saml.Status) view {
	v := view{Error: status.StatusCode.Value, Details: []claim{{"StatusCode", status.StatusCode.Value}}}
	if second := status.StatusCode.StatusCode; second != nil {
		v.Error = second.Value
		v.Details = append(v.Details, claim{"second StatusCode", second.Value})
	}
	if status.StatusMessage != nil {
		v.Description = status.StatusMessage.Value
	}
	v.Error = v.Error[strings.LastIndexByte(v.Error, ':')+1:]
	return v
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
	return received{Browser: as.Browser, Login: loginOf(assertion, response.EncryptedAssertion != nil)}, nil
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

// classes begins the levels of assurance. Source: eIDAS SAML Message Format 1.2, section 3.2.
const classes = "http://eidas.europa.eu/LoA/"

// rank orders levels; what is none is below all of them.
func rank(class string) int {
	return slices.Index([]string{classes + "low", classes + "substantial", classes + "high"}, class)
}

// loginOf is what the service keeps of an assertion.
func loginOf(a *saml.Assertion, encrypted bool) *samlLogin {
	said, name := a.AuthnStatements[0], a.Subject.NameID
	l := samlLogin{Name: *name, Session: said.SessionIndex, login: login{Claims: []claim{
		{"NameID", name.Value}, {"NameID Format", name.Format},
		{"AuthnContextClassRef", said.AuthnContext.AuthnContextClassRef.Value},
		{"AuthnInstant", said.AuthnInstant.UTC().Format(time.RFC3339)}, {"SessionIndex", said.SessionIndex},
		{"EncryptedAssertion", encrypted},
	}}}
	for _, statement := range a.AttributeStatements {
		for _, attribute := range statement.Attributes {
			for _, value := range attribute.Values {
				l.Claims = append(l.Claims, claim{attribute.FriendlyName, value.Value})
			}
		}
	}
	return &l
}
