package saml

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"clave/internal/onetime"
	"clave/internal/saml2"
	"clave/web/route"
)

// posted reads a message that came by HTTP-POST.
func posted(r *http.Request, fields ...string) (*saml2.Incoming, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	if r.URL.RawQuery != "" {
		return nil, errors.New("parameters in both places: which would count?")
	}
	return saml2.ReadPost(r.PostForm, saml2.MessageLimits(), fields...)
}

// unreadable is the page for what could not be read by either binding.
func unreadable(err error) mistake {
	if errors.Is(err, saml2.ErrSignature) {
		return mistakeSignature
	}
	return mistakeUnreadable
}

// postedLifetime is how long what was posted waits for the browser to come back.
const postedLifetime = 5 * time.Minute

// resumeParam names the handle of what was posted.
const resumeParam = "handle"

// resumeLater keeps what was understood of a posted message under a random handle, and
// sends the browser on with it to a path of ours, where our cookies come along.
func (f *Front) resumeLater(w http.ResponseWriter, r *http.Request, path string, understood any) {
	kept, err := json.Marshal(understood)
	if err != nil {
		f.fail(w, r, fmt.Errorf("writing a posted request: %w", err))
		return
	}
	handle := onetime.NewToken()
	if err := f.Once.KeepPosted(r.Context(), onetime.Hash(path+handle), kept, f.Now().Add(postedLifetime)); err != nil {
		f.fail(w, r, fmt.Errorf("keeping a posted request: %w", err))
		return
	}
	route.SeeOther(w, path+"?"+resumeParam+"="+handle)
}

// maxHandleBytes bounds what is hashed; a handle is shorter.
const maxHandleBytes = 200

// resumed takes out what was kept for this path, and spends its handle. When it is not
// there the answer is given.
func (f *Front) resumed(w http.ResponseWriter, r *http.Request, path string, understood any) bool {
	query, err := url.ParseQuery(r.URL.RawQuery)
	handle := query.Get(resumeParam)
	if err != nil || handle == "" || len(handle) > maxHandleBytes {
		f.showMistake(w, r, mistakeResumed)
		return false
	}
	kept, err := f.Once.TakePosted(r.Context(), onetime.Hash(path+handle), f.Now())
	if errors.Is(err, ErrNoPosted) {
		f.showMistake(w, r, mistakeResumed)
		return false
	}
	if err == nil {
		err = json.Unmarshal(kept, understood)
	}
	if err != nil {
		f.fail(w, r, fmt.Errorf("taking a posted request: %w", err))
		return false
	}
	return true
}
