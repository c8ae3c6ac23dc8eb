package saml

import (
	"context"
	"errors"
	"net/http"
	"time"

	"clave/broker/logout"
	"clave/broker/registry"
	"clave/internal/saml2"
)

// takeReply takes a service's answer to a request of ours.
func (f *Front) takeReply(w http.ResponseWriter, r *http.Request, in *saml2.Incoming) {
	answer, m := f.proveReply(r.Context(), in, f.Now())
	if m != "" {
		f.showMistake(w, r, m)
		return
	}
	f.Logouts.Told(w, r, answer.logout, answer.service, answer.result)
}

// reply is what a service answered to a request of ours.
type reply struct {
	logout  logout.ID
	service string
	result  logout.Result
}

// proveReply finds out what an answer answers, and what it says. One that answers a
// request of ours to its service, but is not taken, counts as a no: the citizen goes on
// to the other services, and the operator reads why. Only the service and the browser
// know the ID of that request, so nobody else can bring that about.
func (f *Front) proveReply(ctx context.Context, in *saml2.Incoming, now time.Time) (reply, mistake) {
	claims := in.Claims()
	service, m := f.claimed(claims, now)
	if m != "" {
		return reply{}, m
	}
	id, ok := f.namedLogout(claims.InResponseTo, service.Metadata.EntityID)
	if !ok {
		return reply{}, mistakeAnswer
	}
	said := reply{id, service.Metadata.EntityID, logout.Failed}
	response, err := in.LogoutResponse(f.partingTerms(service, in, now))
	if err == nil && response.InResponseTo != claims.InResponseTo {
		err = errOtherAnswer
	}
	switch {
	case err != nil:
		f.Log.WarnContext(ctx, "answer to a logout not taken", "relying_party", service.Party.ID, "error", err)
	case response.Status.Code != saml2.StatusSuccess, response.Status.Second == saml2.StatusPartialLogout:
		f.Log.InfoContext(ctx, "relying party did not log out", "relying_party", service.Party.ID)
	default:
		said.result = logout.Confirmed
	}
	return said, ""
}

var errOtherAnswer = errors.New("what is signed answers another request than the message")

// partingTerms are those on which messages about logouts are taken.
func (f *Front) partingTerms(service *registry.SAMLService, in *saml2.Incoming, now time.Time) saml2.Terms {
	return saml2.Terms{
		Keys: service.Keys, Issuer: service.Metadata.EntityID,
		Destinations: []string{f.slo()}, DestinationOptional: in.Binding == saml2.BindingRedirect,
		Now: now, MaxAge: maxAge, MaxSkew: maxSkew,
	}
}
