package saml

import (
	"context"
	"errors"
	"net/http"

	"clave/broker"
	"clave/broker/logout"
	"clave/internal/inbound"
	"clave/internal/saml2"
	"clave/web/route"
)

// The addresses of single logout, below the issuer.
const (
	pathSLO       = "/saml/slo"
	pathSLOResume = "/saml/slo/resume"
)

// slo is where messages about logouts have to be sent, letter by letter.
func (f *Front) slo() string { return f.Issuer + pathSLO }

// Logouts ends sessions and takes browsers round the services; *logout.Logouts.
type Logouts interface {
	// Start ends the browser's session, or asks first; it answers r.
	Start(w http.ResponseWriter, r *http.Request, after logout.After)
	// Told takes how a service took the news, and goes on; it answers r.
	Told(w http.ResponseWriter, r *http.Request, id logout.ID, service string, result logout.Result)
}

// Participants remembers the services of sessions.
type Participants interface {
	// AddParticipant remembers one, inside the transaction that finishes a login.
	AddParticipant(ctx context.Context, p logout.Participant) error
	// Participants are those of a session.
	Participants(ctx context.Context, session broker.SessionID) ([]logout.Participant, error)
}

// Sessions knows browsers.
type Sessions interface {
	// CurrentSession is the live session of the browser; nil when there is none.
	CurrentSession(r *http.Request) (*broker.Session, error)
}

// parted takes a message about a logout by HTTP-Redirect.
// Source: SAML 2.0 Bindings, section 3.4.
func (f *Front) parted(w http.ResponseWriter, r *http.Request) {
	if route.OnlyLooks(w, r) { // a request is taken once
		return
	}
	in, err := saml2.ReadRedirect(r.URL.RawQuery, saml2.MessageLimits(), saml2.FieldRequest, saml2.FieldResponse)
	if asked, ok := f.understandParting(w, r, in, err); ok {
		f.sayFarewell(w, r, asked)
	}
}

// partedByPost takes one by HTTP-POST. With a request it goes on by GET, where our
// cookies come along: whose session ends is told by them.
// Source: SAML 2.0 Bindings, section 3.5.
func (f *Front) partedByPost(w http.ResponseWriter, r *http.Request) {
	in, err := inbound.Form(r, saml2.FieldRequest, saml2.FieldResponse)
	if asked, ok := f.understandParting(w, r, in, err); ok {
		f.resumeLater(w, r, pathSLOResume, asked)
	}
}

// resumeFarewell goes on with a request that came by POST.
func (f *Front) resumeFarewell(w http.ResponseWriter, r *http.Request) {
	var asked farewell
	if f.resumed(w, r, pathSLOResume, &asked) {
		f.sayFarewell(w, r, &asked)
	}
}

// understandParting checks a message. It gives back a request that is taken; in all
// other cases the browser is answered.
func (f *Front) understandParting(w http.ResponseWriter, r *http.Request, in *saml2.Incoming, unread error) (*farewell, bool) {
	if unread != nil {
		f.showMistake(w, r, unreadable(unread))
		return nil, false
	}
	switch in.Kind {
	case saml2.KindLogoutRequest:
		return f.understandFarewell(w, r, in)
	case saml2.KindLogoutResponse:
		f.takeReply(w, r, in)
	default:
		f.showMistake(w, r, mistakeLogoutKind)
	}
	return nil, false
}

// understandFarewell checks a request, and takes it once.
func (f *Front) understandFarewell(w http.ResponseWriter, r *http.Request, in *saml2.Incoming) (*farewell, bool) {
	asked, m, refused := f.proveFarewell(in, f.Now())
	if m == "" && refused == nil {
		switch err := f.spend(r.Context(), asked.Service, saml2.Header{ID: asked.ID, IssueInstant: asked.issued}); {
		case errors.Is(err, inbound.ErrSeen):
			m = mistakeReplayed
		case err != nil:
			f.fail(w, r, err)
			return nil, false
		}
	}
	switch {
	case m != "":
		f.showMistake(w, r, m)
	case refused != nil:
		f.refuseFarewell(w, r, asked, refused)
	default:
		return asked, true
	}
	return nil, false
}
