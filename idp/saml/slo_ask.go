package saml

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"clave/broker"
	"clave/broker/logout"
	"clave/internal/saml2"
)

// farewell is a service's request to log out, proven to be its own.
type farewell struct {
	thread
	// Name and Sessions are whom and which sessions it names; no sessions means all.
	Name     saml2.NameID `json:"n"`
	Sessions []string     `json:"x,omitempty"`

	Party  string `json:"p"` // registry id of the service
	issued time.Time
}

// thread is what ties an answer to the request for a logout: our state while the broker
// takes the browser round.
type thread struct {
	Service string `json:"s"`
	// ID is that of the request; State its RelayState; Binding how it came.
	ID      string `json:"i"`
	State   string `json:"t,omitempty"`
	Binding string `json:"b"`
	// Session is the browser's when it asked.
	Session broker.SessionID `json:"o,omitempty"`
}

// proveFarewell finds out who wants to log out, whether they do, and that there is an
// address for the answer. There is no exception for unsigned requests: who writes one
// is anybody, and would end sessions.
// Source: SAML 2.0 Profiles, section 4.4.4.1.
func (f *Front) proveFarewell(in *saml2.Incoming, now time.Time) (*farewell, mistake, *saml2.Status) {
	claims := in.Claims()
	service, m := f.claimed(claims, now)
	if m != "" {
		return nil, m, nil
	}
	request, err := in.LogoutRequest(f.partingTerms(service, in, now))
	if m := unproven(err); m != "" {
		return nil, m, nil
	}
	if _, ok := endpointFor(service.Metadata, in.Binding); !ok {
		return nil, mistakeNoLogout, nil
	}
	asked := &farewell{Party: service.Party.ID, thread: thread{Service: service.Metadata.EntityID, ID: claims.ID, State: in.RelayState, Binding: in.Binding}}
	if err != nil {
		return asked, "", untaken(err)
	}
	asked.ID, asked.State, asked.issued = request.ID, request.RelayState, request.IssueInstant
	asked.Name, asked.Sessions = request.NameID, request.SessionIndexes
	return asked, "", nil
}

// sayFarewell compares the request with the session of this browser and has it ended:
// at once where the service shows that it knows this very session, and otherwise when
// the citizen says so. Else any service could log people out of all others.
func (f *Front) sayFarewell(w http.ResponseWriter, r *http.Request, asked *farewell) {
	session, err := f.Sessions.CurrentSession(r)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	knows := nothing
	if session != nil {
		given, err := f.given(r.Context(), session.ID, asked.Service)
		if err != nil {
			f.fail(w, r, err)
			return
		}
		if knows = asked.compare(given, f.EntityID()); knows == anotherCitizen {
			f.refuseFarewell(w, r, asked, strangers())
			return
		}
		asked.Session = session.ID
	}
	state, err := json.Marshal(asked.thread)
	if err != nil {
		f.fail(w, r, fmt.Errorf("writing the state of a logout: %w", err))
		return
	}
	f.Logouts.Start(w, r, logout.After{
		Front: Name, Service: asked.Service, RelyingParty: asked.Party, State: state, Proven: knows == thisSession,
	})
}

// strangers is the refusal of a request that names somebody else than who is here.
func strangers() *saml2.Status {
	return saml2.Theirs(saml2.StatusUnknownPrincipal, "NameID is not the name under which this service knows the citizen of this browser; send the NameID of the assertion as it was")
}

// refuseFarewell tells the service that nothing was ended.
func (f *Front) refuseFarewell(w http.ResponseWriter, r *http.Request, asked *farewell, refused *saml2.Status) {
	f.Log.InfoContext(r.Context(), "logout refused", "path", r.URL.Path, "relying_party", asked.Party, "reason", refused.Message)
	f.answerFarewell(w, r, asked.thread, *refused, broker.ByRedirect)
}
