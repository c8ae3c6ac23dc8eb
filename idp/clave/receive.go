package clave

import (
	"errors"
	"net/http"
	"time"

	"clave/broker"
	"clave/broker/registry"
	"clave/internal/inbound"
	"clave/internal/saml2"
	"clave/web/page"
	"clave/web/route"
)

// fieldHint names a test citizen, beside a SAMLRequest, in the sandbox alone.
const fieldHint = "login_hint"

// maxHintBytes bounds what is kept of a hint.
const maxHintBytes = 200

// receive takes a message by HTTP-POST. It is understood at once, and nothing is stored
// of what is refused. The browser comes back by GET with our cookies.
func (f *Front) receive(w http.ResponseWriter, r *http.Request) {
	var in *saml2.Incoming
	err := r.ParseForm()
	if err == nil {
		inOneField(r.PostForm)
		in, err = inbound.Form(r, saml2.FieldRequest, saml2.FieldLogoutRequest, oldLogoutRequest)
	}
	switch {
	case errors.Is(err, saml2.ErrSignature):
		f.showMistake(w, r, mistakeSignature)
	case err != nil:
		f.showMistake(w, r, mistakeUnreadable)
	case in.Field == saml2.FieldRequest && in.Kind == saml2.KindAuthnRequest:
		f.receiveLogin(w, r, in)
	case in.Field != saml2.FieldRequest && in.Kind == saml2.KindLogoutRequest:
		f.receiveLogout(w, r, in)
	default:
		f.showMistake(w, r, mistakeKind)
	}
}

// receiveLogin checks a request for a login. When it is not taken the answer is given: a
// page while nothing proves where an answer may go, an error response afterwards.
func (f *Front) receiveLogin(w http.ResponseWriter, r *http.Request, in *saml2.Incoming) {
	a, m, refused := f.proveLogin(in, f.Now())
	if m == "" && refused == nil {
		err := f.spend(r, "dialect login", a.to.Service, a.request.Header)
		switch {
		case errors.Is(err, inbound.ErrSeen):
			m = mistakeReplayed
		case err != nil:
			f.fail(w, r, err)
			return
		default:
			refused = a.check()
		}
	}
	switch {
	case m != "":
		f.showMistake(w, r, m)
	case refused != nil:
		f.Log.InfoContext(r.Context(), "request refused", "path", r.URL.Path, "relying_party", a.service.Party.ID, "reason", refused.Message)
		f.refuse(w, f.around(r, a.service), a.to, refused)
	default:
		req := a.opened()
		if hint := r.PostForm.Get(fieldHint); f.Sandbox && len(hint) <= maxHintBytes {
			req.Hint = hint
		}
		if err := f.way(pathLogin).Later(w, r, req); err != nil {
			f.fail(w, r, err)
		}
	}
}

// resumeLogin goes on with a request for a login.
func (f *Front) resumeLogin(w http.ResponseWriter, r *http.Request) {
	var req broker.Request
	if f.resumed(w, r, pathLogin, &req) {
		f.Broker.Open(w, r, req)
	}
}

// resumed takes out what was kept for a path. When it is not there the answer is given.
func (f *Front) resumed(w http.ResponseWriter, r *http.Request, path string, understood any) bool {
	if route.OnlyLooks(w, r) { // a handle is used once
		return false
	}
	err := f.way(path).Take(r, understood)
	switch {
	case errors.Is(err, inbound.ErrGone):
		f.showMistake(w, r, mistakeResumed)
	case err != nil:
		f.fail(w, r, err)
	}
	return err == nil
}

// spend makes sure that a message is taken once, for as long as it would be taken.
func (f *Front) spend(r *http.Request, what, service string, h saml2.Header) error {
	return inbound.Spend(r.Context(), f.Once, what, service, h.ID, h.IssueInstant.Add(maxAge+time.Second))
}

// around names the service on the pages of r.
func (f *Front) around(r *http.Request, service *registry.DialectService) *http.Request {
	return r.WithContext(page.With(r.Context(), page.Around{Service: service.Party.Name.In(string(f.Pages.Language(r)))}))
}
