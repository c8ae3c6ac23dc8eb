package oidc

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"clave/broker"
	"clave/internal/onetime"
	"clave/web/page"
	"clave/web/route"
)

// authorize takes an authorization request by GET.
// Source: OpenID Connect Core 1.0, section 3.1.2.
func (f *Front) authorize(w http.ResponseWriter, r *http.Request) {
	encoded, ok := f.resumed(w, r)
	if !ok {
		return
	}
	a, ok := f.understand(w, r, encoded)
	if !ok {
		return
	}
	f.Broker.Open(w, r, a.request())
}

// authorizePosted takes an authorization request by POST: it is kept, and the
// browser comes back by GET with our cookies, which a POST from another site does
// not carry. What has no proven redirect URI, or breaks a rule, is refused at once
// and never stored.
func (f *Front) authorizePosted(w http.ResponseWriter, r *http.Request) {
	encoded, ok := f.posted(w, r)
	if !ok {
		return
	}
	if _, ok := f.understand(w, r, encoded); !ok {
		return
	}
	f.resumeLater(w, r, pathAuthorize, encoded)
}

// understand checks a request. When it is refused the answer is given: a page
// while the redirect URI is not proven, the protocol's error afterwards.
func (f *Front) understand(w http.ResponseWriter, r *http.Request, encoded string) (*ask, bool) {
	p, ok := parseParams(encoded)
	if !ok {
		f.showMistake(w, r, mistakeUnreadable)
		return nil, false
	}
	a := &ask{params: p, front: f}
	if m := a.prove(); m != "" {
		f.showMistake(w, r, m)
		return nil, false
	}
	if refused := a.check(); refused != nil {
		f.refuseAsk(w, r, a, refused)
		return nil, false
	}
	return a, true
}

// refuseAsk sends a refusal to the relying party: by a page where its own form
// brought the browser here, because its form-action may not allow a redirect.
func (f *Front) refuseAsk(w http.ResponseWriter, r *http.Request, a *ask, refused *Refusal) {
	f.Log.InfoContext(r.Context(), "request refused", "path", r.URL.Path, "relying_party", a.client.party.ID, "reason", refused.Code)
	via := broker.ByRedirect
	if r.Method == http.MethodPost {
		via = broker.ByPage
	}
	r = r.WithContext(page.With(r.Context(), page.Around{Service: a.client.party.Name.In(string(f.Pages.Language(r)))}))
	f.send(w, r, a.target(), refused.params(), via)
}

// postedLifetime is how long a posted request waits for the browser to come back.
const postedLifetime = 5 * time.Minute

// resumeParam names the handle of a posted request.
const resumeParam = "resume"

// posted reads the form of a request that came by POST.
func (f *Front) posted(w http.ResponseWriter, r *http.Request) (string, bool) {
	if err := r.ParseForm(); err != nil || r.PostForm == nil {
		f.showMistake(w, r, mistakeUnreadable)
		return "", false
	}
	if r.URL.RawQuery != "" {
		f.showMistake(w, r, mistakeUnreadable) // parameters in both places: which would count?
		return "", false
	}
	return r.PostForm.Encode(), true
}

// resumeLater keeps the parameters of a posted request under a random handle and
// sends the browser to the same path with it.
func (f *Front) resumeLater(w http.ResponseWriter, r *http.Request, path, encoded string) {
	handle := onetime.NewToken()
	if err := f.Once.KeepParams(r.Context(), onetime.Hash(path+handle), encoded, f.Now().Add(postedLifetime)); err != nil {
		f.fail(w, r, fmt.Errorf("keeping a posted request: %w", err))
		return
	}
	route.SeeOther(w, path+"?"+resumeParam+"="+handle)
}

// resumed gives the parameters of a request: those of the query, or those kept
// under the handle in it, which then is spent.
func (f *Front) resumed(w http.ResponseWriter, r *http.Request) (string, bool) {
	encoded := r.URL.RawQuery
	if len(encoded) > maxHandleBytes {
		return encoded, true
	}
	query, err := url.ParseQuery(encoded)
	handle := query.Get(resumeParam)
	if err != nil || handle == "" {
		return encoded, true
	}
	encoded, err = f.Once.TakeParams(r.Context(), onetime.Hash(r.URL.Path+handle), f.Now())
	if errors.Is(err, ErrNoStoredParams) {
		f.showMistake(w, r, mistakeResumed)
		return "", false
	}
	if err != nil {
		f.fail(w, r, fmt.Errorf("taking a posted request: %w", err))
		return "", false
	}
	return encoded, true
}

// fail shows an error of ours and logs it once.
func (f *Front) fail(w http.ResponseWriter, r *http.Request, err error) {
	f.Pages.Failed(w, r, f.Log.With("path", r.URL.Path), "request failed", err)
}

// readBody reads a body that the route has bounded.
func readBody(r *http.Request) (string, error) {
	body, err := io.ReadAll(r.Body)
	return string(body), err
}
