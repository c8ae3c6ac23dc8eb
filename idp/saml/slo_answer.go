package saml

import (
	"encoding/json"
	"fmt"
	"net/http"

	"clave/broker"
	"clave/internal/saml2"
)

// LoggedOut implements logout.Asker.
func (f *Front) LoggedOut(w http.ResponseWriter, r *http.Request, state []byte, complete bool, via broker.Via) {
	var t thread
	if err := json.Unmarshal(state, &t); err != nil {
		f.fail(w, r, fmt.Errorf("reading the state of a logout: %w", err))
		return
	}
	status := saml2.Status{Code: saml2.StatusSuccess}
	if !complete {
		session, err := f.Sessions.CurrentSession(r)
		if err != nil {
			f.fail(w, r, err)
			return
		}
		status = incomplete(session != nil && session.ID == t.Session)
	}
	f.answerFarewell(w, r, t, status, via)
}

// incomplete is how the service hears that not everybody is logged out, which leaves
// its own session ended all the same.
// Source: SAML 2.0 Core, section 3.7.3.2.
func incomplete(stays bool) saml2.Status {
	if stays {
		return *saml2.Ours(saml2.StatusRequestDenied, "the citizen chose to stay logged in")
	}
	return saml2.Status{
		Code: saml2.StatusSuccess, Second: saml2.StatusPartialLogout,
		Message: "the session here has ended, and not every service has confirmed that its own has",
	}
}

// answerFarewell answers a request for a logout at an address that is registered now.
func (f *Front) answerFarewell(w http.ResponseWriter, r *http.Request, t thread, status saml2.Status, via broker.Via) {
	service, err := f.Parties.Snapshot().SAML(t.Service, f.Now())
	if err != nil {
		f.fail(w, r, fmt.Errorf("answering a logout: %w", err))
		return
	}
	at, ok := endpointFor(service.Metadata, t.Binding)
	if !ok {
		f.fail(w, r, fmt.Errorf("answering a logout of relying party %s: %w", service.Party.ID, errServiceGone))
		return
	}
	response := saml2.LogoutResponse{
		Header:       saml2.Header{ID: saml2.NewID(), Issuer: f.EntityID(), Destination: answersAt(at), IssueInstant: f.Now()},
		InResponseTo: t.ID, Status: status,
	}
	err = f.carry(w, r, service, cargo{at.Binding, answersAt(at), saml2.FieldResponse, t.State, response.Write, via})
	if err != nil {
		f.fail(w, r, fmt.Errorf("answering a logout of relying party %s: %w", service.Party.ID, err))
	}
}
