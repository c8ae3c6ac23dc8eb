package sample

import (
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/crewjam/saml"
)

// logout ends the login here, and asks Cl@ve to end its session. The request names the
// service, and its Issuer is where the answer goes.
func (s *claveSite) logout(w http.ResponseWriter, r *http.Request) {
	_, ok := s.logins.take(cookie(r, cookieLogin))
	s.dropCookie(w, cookieLogin)
	if !ok {
		http.Redirect(w, r, s.Path, http.StatusSeeOther)
		return
	}
	id, relayState := "_"+rand.Text(), rand.Text()
	request := s.message("LogoutRequest", id)
	request.CreateElement("saml2:Issuer").SetText(s.bye())
	name := request.CreateElement("saml2:NameID")
	name.CreateAttr("Format", unspecified)
	name.SetText(provider)
	if err := s.sign(request); err != nil {
		s.fail(w, r, err)
		return
	}
	s.leaving.set(id, leaving{relayState})
	s.leave(w, r, s.destination(), field{"logoutRequest", encoded(request)}, field{"RelayState", relayState})
}

// told takes the answer to a logout that this service asked for.
func (s *claveSite) told(w http.ResponseWriter, r *http.Request) {
	certificates, err := s.signers(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	m, err := verified(r.PostFormValue("logoutResponse"), certificates)
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
		response.Destination != s.bye() || response.Issuer == nil || response.Issuer.Value != "Cl@ve" {
		s.refuse(w, r, errors.New("it answers no logout of this service"))
		return
	}
	s.loggedOut(w, r, response.Status)
}
