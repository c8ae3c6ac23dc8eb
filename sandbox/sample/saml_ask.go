package sample

import (
	"crypto/rand"
	"net/http"
	"net/url"

	"github.com/crewjam/saml"
)

func samlTries() []try {
	return []try{
		{"Ask for at least the level substantial", "class=substantial&comparison=minimum"},
		{"Ask for the level high (refused: NoAuthnContext, without a certificate)", "class=high&comparison=minimum"},
		{"Ask for exactly the level low", "class=low&comparison=exact"},
		{"Ask for better than high (refused: NoAuthnContext)", "class=high&comparison=better"},
		{"IsPassive: silently (refused: NoPassive, without a session)", "passive=true"},
		{"ForceAuthn: prove it again", "force=true"},
		{"Send the request by HTTP-POST instead of HTTP-Redirect", "binding=post"},
		{"Ask for a transient name", "name=transient"},
		{"Ask for a name that is not offered (refused: InvalidNameIDPolicy)", "name=email"},
		{"An unregistered address for the answer (a page with status 400)", "acs=elsewhere"},
		{"A request without signature (a page with status 400)", "unsigned=true"},
		{"Log in without hands as 12345678Z", "login_hint=test:12345678Z"},
	}
}

// ask sends the browser to Cl@ve with a request.
func (s *samlSite) ask(w http.ResponseWriter, r *http.Request) {
	peer, err := s.peer(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	wish := r.URL.Query()
	binding := saml.HTTPRedirectBinding
	if wish.Get("binding") == "post" {
		binding = saml.HTTPPostBinding
	}
	as := asked{Browser: rand.Text(), RelayState: rand.Text(), At: s.Now()}
	if class := wish.Get("class"); class != "" {
		asks := saml.RequestedAuthnContext{Comparison: wish.Get("comparison"), AuthnContextClassRef: classes + class}
		peer.RequestedAuthnContext, as.Class = &asks, asks.AuthnContextClassRef
	}
	if wish.Get("force") == "true" {
		peer.ForceAuthn, as.Fresh = new(true), true
	}
	switch wish.Get("name") {
	case "transient":
		peer.AuthnNameIDFormat = saml.TransientNameIDFormat
	case "email":
		peer.AuthnNameIDFormat = saml.EmailAddressNameIDFormat
	}
	if wish.Get("acs") != "" {
		peer.AcsURL.Path += "/elsewhere"
	}
	if wish.Get("unsigned") == "true" {
		peer.SignatureMethod = ""
	}
	request, err := peer.MakeAuthenticationRequest(peer.GetSSOBindingLocation(binding), binding, saml.HTTPPostBinding)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if wish.Get("passive") == "true" {
		request.IsPassive = new(true)
		if binding == saml.HTTPPostBinding { // it was signed without that
			request.Signature = nil
			if err := peer.SignAuthnRequest(request); err != nil {
				s.fail(w, r, err)
				return
			}
		}
	}
	s.asked.set(request.ID, as)
	s.setCookie(w, cookieBrowser, as.Browser)
	hint := wish.Get("login_hint") // only the sandbox of Cl@ve knows it
	if binding == saml.HTTPPostBinding {
		fields := []field{{"SAMLRequest", encoded(request.Element())}, {"RelayState", as.RelayState}}
		if hint != "" {
			fields = append(fields, field{"login_hint", hint})
		}
		s.leave(w, r, request.Destination, fields...)
		return
	}
	to, err := request.Redirect(url.QueryEscape(as.RelayState), peer) // the library does not escape it
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if hint != "" {
		to.RawQuery += "&login_hint=" + url.QueryEscape(hint) // what is signed stays as it is
	}
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
}
