package sample

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/crewjam/saml"
)

// logout ends the login here, and asks Cl@ve to end its session and to tell the other
// services.
func (s *samlSite) logout(w http.ResponseWriter, r *http.Request) {
	l, ok := s.logins.take(cookie(r, cookieLogin))
	s.dropCookie(w, cookieLogin)
	if !ok {
		http.Redirect(w, r, s.Path, http.StatusSeeOther)
		return
	}
	peer, err := s.peer(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	to := peer.GetSLOBindingLocation(saml.HTTPPostBinding)
	if to == "" { // nobody to tell
		http.Redirect(w, r, s.Path+"?partly", http.StatusSeeOther)
		return
	}
	request, err := peer.MakeLogoutRequest(to, l.Name.Value)
	if err == nil {
		// The library leaves the session out, which would end all of the citizen's, and
		// takes the format of the name from its settings.
		request.NameID = &saml.NameID{
			Format: l.Name.Format, NameQualifier: l.Name.NameQualifier, SPNameQualifier: l.Name.SPNameQualifier, Value: l.Name.Value,
		}
		if l.Session != "" {
			request.SessionIndex = &saml.SessionIndex{Value: l.Session}
		}
		request.Signature = nil
		err = peer.SignLogoutRequest(request)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	relayState := rand.Text()
	s.leaving.set(request.ID, leaving{relayState})
	s.leave(w, r, to, field{"SAMLRequest", encoded(request.Element())}, field{"RelayState", relayState})
}

// told takes what Cl@ve says about logouts: its answer to ours, or that a session ended
// which another service or the citizen closed.
func (s *samlSite) told(w http.ResponseWriter, r *http.Request) {
	peer, err := s.peer(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if answer := r.PostFormValue("SAMLResponse"); answer != "" {
		s.answered(w, r, peer, answer)
		return
	}
	m, err := verified(r.PostFormValue("SAMLRequest"), signers(peer.IDPMetadata))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	var request saml.LogoutRequest
	if err := m.into(&request); err != nil {
		s.refuse(w, r, err)
		return
	}
	if err := s.checkLogout(peer, request); err != nil {
		s.refuse(w, r, err)
		return
	}
	var sessions []string // there may be several, of which the library reads one
	for _, el := range m.FindElements("./SessionIndex") {
		sessions = append(sessions, el.Text())
	}
	s.logins.remove(func(l assertedLogin) bool {
		return l.Name.Value == request.NameID.Value && (len(sessions) == 0 || slices.Contains(sessions, l.Session))
	})
	to := responseLocation(peer.IDPMetadata)
	response, err := peer.MakeLogoutResponse(to, request.ID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.leave(w, r, to, field{"SAMLResponse", encoded(response.Element())}, field{"RelayState", r.PostFormValue("RelayState")})
}

func (s *samlSite) checkLogout(peer *saml.ServiceProvider, request saml.LogoutRequest) error {
	switch now := s.Now(); {
	case request.Issuer == nil || request.Issuer.Value != peer.IDPMetadata.EntityID:
		return errors.New("it is of another issuer")
	case request.Destination != peer.SloURL.String():
		return errors.New("it is for another address")
	case request.NameID == nil:
		return errors.New("it names nobody")
	case now.Sub(request.IssueInstant).Abs() > saml.MaxClockSkew, request.NotOnOrAfter != nil && !now.Before(request.NotOnOrAfter.Add(time.Minute)):
		return errors.New("it is not of now")
	}
	return nil
}

// answered takes the answer to a logout that this service asked for.
func (s *samlSite) answered(w http.ResponseWriter, r *http.Request, peer *saml.ServiceProvider, answer string) {
	m, err := verified(answer, signers(peer.IDPMetadata))
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	var response saml.LogoutResponse
	if err := m.into(&response); err != nil {
		s.refuse(w, r, err)
		return
	}
	l, ok := s.leaving.take(response.InResponseTo)
	if !ok || l.RelayState == "" || l.RelayState != r.PostFormValue("RelayState") ||
		response.Destination != peer.SloURL.String() || response.Issuer == nil || response.Issuer.Value != peer.IDPMetadata.EntityID {
		s.refuse(w, r, errors.New("it answers no logout of this service"))
		return
	}
	s.loggedOut(w, r, response.Status)
}

// responseLocation is where answers to logouts go.
func responseLocation(idp *saml.EntityDescriptor) string {
	for _, role := range idp.IDPSSODescriptors {
		for _, e := range role.SingleLogoutServices {
			if e.Binding != saml.HTTPPostBinding {
				continue
			}
			if e.ResponseLocation != "" {
				return e.ResponseLocation
			}
			return e.Location
		}
	}
	return ""
}
