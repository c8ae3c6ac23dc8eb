package saml

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"clave/broker"
	"clave/internal/onetime"
	"clave/internal/saml2"
	"clave/web/page"
	"clave/web/route"
)

// asked takes a request by HTTP-Redirect.
// Source: SAML 2.0 Bindings, section 3.4.
func (f *Front) asked(w http.ResponseWriter, r *http.Request) {
	in, err := saml2.ReadRedirect(r.URL.RawQuery, saml2.MessageLimits(), saml2.FieldRequest)
	if req, ok := f.understand(w, r, in, err); ok {
		f.Broker.Open(w, r, req)
	}
}

// askedByPost takes a request by HTTP-POST. It is understood at once, and nothing is
// stored of what is refused. The browser comes back by GET with our cookies.
// Source: SAML 2.0 Bindings, section 3.5.
func (f *Front) askedByPost(w http.ResponseWriter, r *http.Request) {
	err := r.ParseForm()
	var in *saml2.Incoming
	switch {
	case err != nil:
	case r.URL.RawQuery != "":
		err = errors.New("parameters in both places: which would count?")
	default:
		in, err = saml2.ReadPost(r.PostForm, saml2.MessageLimits(), saml2.FieldRequest)
	}
	req, ok := f.understand(w, r, in, err)
	if !ok {
		return
	}
	f.resumeLater(w, r, req)
}

// understand checks a message. When it is not taken the answer is given: a page while
// nothing proves where an answer may go, an error response afterwards.
func (f *Front) understand(w http.ResponseWriter, r *http.Request, in *saml2.Incoming, unread error) (broker.Request, bool) {
	if unread != nil {
		m := mistakeUnreadable
		if errors.Is(unread, saml2.ErrSignature) {
			m = mistakeSignature
		}
		f.showMistake(w, r, m)
		return broker.Request{}, false
	}
	a, m, refused := f.prove(in, f.Now())
	if m != "" {
		f.showMistake(w, r, m)
		return broker.Request{}, false
	}
	if refused == nil {
		if err := f.spend(r, a); errors.Is(err, ErrSeen) {
			f.showMistake(w, r, mistakeReplayed)
			return broker.Request{}, false
		} else if err != nil {
			f.fail(w, r, err)
			return broker.Request{}, false
		}
		refused = a.check()
	}
	if refused != nil {
		f.refuseAsk(w, r, a, refused)
		return broker.Request{}, false
	}
	return a.opened(), true
}

// spend makes sure that a request is taken once, for as long as it would be taken.
func (f *Front) spend(r *http.Request, a *ask) error {
	expires := a.request.IssueInstant.Add(maxAge + time.Second)
	err := f.Once.SpendRequest(r.Context(), onetime.Hash("saml request\x00"+a.to.Service+"\x00"+a.request.ID), expires)
	if err != nil && !errors.Is(err, ErrSeen) {
		return fmt.Errorf("remembering a request: %w", err)
	}
	return err
}

// refuseAsk sends a refusal to the service.
func (f *Front) refuseAsk(w http.ResponseWriter, r *http.Request, a *ask, refused *refusal) {
	f.Log.InfoContext(r.Context(), "request refused", "path", r.URL.Path, "relying_party", a.service.Party.ID, "reason", refused.Text)
	r = r.WithContext(page.With(r.Context(), page.Around{Service: a.service.Name.In(string(f.Pages.Language(r)))}))
	f.refuse(w, r, a.to, refused)
}

// postedLifetime is how long a posted request waits for the browser to come back.
const postedLifetime = 5 * time.Minute

// resumeParam names the handle of a posted request.
const resumeParam = "handle"

// resumeLater keeps a request under a random handle and sends the browser on with it.
func (f *Front) resumeLater(w http.ResponseWriter, r *http.Request, req broker.Request) {
	kept, err := json.Marshal(req)
	if err != nil {
		f.fail(w, r, fmt.Errorf("writing a posted request: %w", err))
		return
	}
	handle := onetime.NewToken()
	if err := f.Once.KeepPosted(r.Context(), onetime.Hash(pathResume+handle), kept, f.Now().Add(postedLifetime)); err != nil {
		f.fail(w, r, fmt.Errorf("keeping a posted request: %w", err))
		return
	}
	route.SeeOther(w, pathResume+"?"+resumeParam+"="+handle)
}

// maxHandleBytes bounds what is hashed; a handle is shorter.
const maxHandleBytes = 200

// resume goes on with a posted request, and spends its handle.
func (f *Front) resume(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	handle := query.Get(resumeParam)
	if err != nil || handle == "" || len(handle) > maxHandleBytes {
		f.showMistake(w, r, mistakeResumed)
		return
	}
	kept, err := f.Once.TakePosted(r.Context(), onetime.Hash(pathResume+handle), f.Now())
	if errors.Is(err, ErrNoPosted) {
		f.showMistake(w, r, mistakeResumed)
		return
	}
	var req broker.Request
	if err == nil {
		err = json.Unmarshal(kept, &req)
	}
	if err != nil {
		f.fail(w, r, fmt.Errorf("taking a posted request: %w", err))
		return
	}
	f.Broker.Open(w, r, req)
}
