package saml

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"clave/broker"
	"clave/broker/logout"
	"clave/broker/registry"
	"clave/internal/saml2"
	"clave/web/page"
)

// reasonUser: the citizen wants to log out. Source: SAML 2.0 Core, section 3.7.3.
const reasonUser = "urn:oasis:names:tc:SAML:2.0:logout:user"

// Reaches implements logout.Teller.
func (f *Front) Reaches(p logout.Participant) bool {
	_, _, _, err := f.reach(p)
	return err == nil
}

// reach finds where a participant is told, and in which words. A redirect comes first:
// it needs no page, and what a service does with a form in between is not blocked.
func (f *Front) reach(p logout.Participant) (*registry.SAMLService, saml2.Endpoint, *given, error) {
	service, err := f.Parties.Snapshot().SAML(p.Service, f.Now())
	if err != nil {
		return nil, saml2.Endpoint{}, nil, err
	}
	at, ok := endpointFor(service.Metadata, saml2.BindingRedirect)
	if !ok || len(service.Keys) == 0 { // whose answer could not be believed
		return nil, saml2.Endpoint{}, nil, errServiceGone
	}
	knows, err := givenTo(p)
	return service, at, knows, err
}

// Tell implements logout.Teller.
func (f *Front) Tell(w http.ResponseWriter, r *http.Request, id logout.ID, p logout.Participant) {
	service, at, knows, err := f.reach(p)
	if err != nil {
		f.Log.InfoContext(r.Context(), "relying party not told of a logout", "relying_party", p.RelyingParty, "error", err)
		f.Logouts.Told(w, r, id, p.Service, logout.Unreachable)
		return
	}
	now := f.Now()
	request := saml2.LogoutRequest{
		Header:       saml2.Header{ID: f.nameLogout(id, p.Service), Issuer: f.EntityID(), Destination: at.Location, IssueInstant: now},
		NotOnOrAfter: now.Add(maxAge), Reason: reasonUser, NameID: knows.Name,
	}
	if knows.Session != "" {
		request.SessionIndexes = []string{knows.Session}
	}
	around := page.From(r.Context())
	around.Closing = true
	r = r.WithContext(page.With(r.Context(), around))
	if err := f.carry(w, r, service, cargo{at.Binding, at.Location, saml2.FieldRequest, "", request.Write, broker.ByRedirect}); err != nil {
		f.fail(w, r, fmt.Errorf("telling relying party %s of a logout: %w", p.RelyingParty, err))
	}
}

// logoutPlace is where the names of logouts belong.
const logoutPlace = "saml logout request"

// nameLogout is the ID of a request of ours: which logout it belongs to, for one service
// alone, and nobody else can write one. So an answer says by itself what it answers,
// and nothing is kept for it.
func (f *Front) nameLogout(id logout.ID, service string) string {
	return "_" + base64.RawURLEncoding.EncodeToString(f.Cookies.Seal([]byte(id), logoutPlace, service))
}

// namedLogout reads such an ID, where it comes from that service.
func (f *Front) namedLogout(name, service string) (logout.ID, bool) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimPrefix(name, "_"))
	if err != nil {
		return "", false
	}
	id, err := f.Cookies.Open(sealed, logoutPlace, service)
	return logout.ID(id), err == nil
}
