package saml

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"clave/broker"
	"clave/internal/inbound"
	"clave/internal/saml2"
	"clave/web/page"
	"clave/web/route"
)

// asked takes a request by HTTP-Redirect.
// Source: SAML 2.0 Bindings, section 3.4.
func (f *Front) asked(w http.ResponseWriter, r *http.Request) {
	if route.OnlyLooks(w, r) { // a request is taken once
		return
	}
	in, err := saml2.ReadRedirect(r.URL.RawQuery, saml2.MessageLimits(), saml2.FieldRequest)
	if req, ok := f.understand(w, r, in, err, r.URL.Query()); ok {
		f.Broker.Open(w, r, req)
	}
}

// askedByPost takes a request by HTTP-POST. It is understood at once, and nothing is
// stored of what is refused. The browser comes back by GET with our cookies.
// Source: SAML 2.0 Bindings, section 3.5.
func (f *Front) askedByPost(w http.ResponseWriter, r *http.Request) {
	in, err := inbound.Form(r, saml2.FieldRequest)
	if req, ok := f.understand(w, r, in, err, r.PostForm); ok {
		f.resumeLater(w, r, pathResume, req)
	}
}

// resume goes on with a request that came by POST.
func (f *Front) resume(w http.ResponseWriter, r *http.Request) {
	var req broker.Request
	if f.resumed(w, r, pathResume, &req) {
		f.Broker.Open(w, r, req)
	}
}

// understand checks a message. When it is not taken the answer is given: a page while
// nothing proves where an answer may go, an error response afterwards. What stands
// beside the message counts in the sandbox alone.
func (f *Front) understand(w http.ResponseWriter, r *http.Request, in *saml2.Incoming, unread error, beside url.Values) (broker.Request, bool) {
	if unread != nil {
		f.showMistake(w, r, unreadable(unread))
		return broker.Request{}, false
	}
	a, m, refused := f.prove(in, f.Now())
	if m != "" {
		f.showMistake(w, r, m)
		return broker.Request{}, false
	}
	if refused == nil {
		if a.request.Signed { // who may write another one need not send the same again
			if err := f.spend(r.Context(), a.to.Service, a.request.Header); errors.Is(err, inbound.ErrSeen) {
				f.showMistake(w, r, mistakeReplayed)
				return broker.Request{}, false
			} else if err != nil {
				f.fail(w, r, err)
				return broker.Request{}, false
			}
		}
		refused = a.check()
	}
	if refused != nil {
		f.refuseAsk(w, r, a, refused)
		return broker.Request{}, false
	}
	a.hint = beside.Get(paramHint)
	return a.opened(), true
}

// paramHint stands beside a message, since SAML has no place for it.
const paramHint = "login_hint"

// spend makes sure that a request is taken once, for as long as it would be taken.
func (f *Front) spend(ctx context.Context, service string, h saml2.Header) error {
	return inbound.Spend(ctx, f.Once, "saml request", service, h.ID, h.IssueInstant.Add(maxAge+time.Second))
}

// refuseAsk sends a refusal to the service.
func (f *Front) refuseAsk(w http.ResponseWriter, r *http.Request, a *ask, refused *saml2.Status) {
	f.Log.InfoContext(r.Context(), "request refused", "path", r.URL.Path, "relying_party", a.service.Party.ID, "reason", refused.Message)
	r = r.WithContext(page.With(r.Context(), page.Around{Service: shown(a.service, a.calls()).In(string(f.Pages.Language(r)))}))
	f.refuse(w, r, a.to, refused)
}
