package page

import (
	"fmt"
	"net/http"
	"net/url"

	"clave/web/route"
)

// Leave is the last step of a login that goes back by an address: a page that
// moves on at once and has a visible link. A redirect would not do: it would
// belong to a chain that began with a form, and form-action 'self' blocks it.
// The target is one that the caller has checked to be registered; only http and
// https go by themselves.
func (e *Engine) Leave(w http.ResponseWriter, r *http.Request, target string) {
	u, err := url.Parse(target)
	automatic := err == nil && (u.Scheme == "https" || u.Scheme == "http")
	v := view{}
	if automatic {
		v.Refresh = target
	}
	e.render(w, r, http.StatusOK, e.leave, leaveData{Target: target, Service: From(r.Context()).Service}, v)
}

type leaveData struct{ Target, Service string }

// Hidden is a field of a form that the citizen does not see.
type Hidden struct{ Name, Value string }

// Post is the last step of a login that goes back by a posted form (form_post,
// SAML): it allows exactly the target, is sent by a script, and shows a
// button without one.
func (e *Engine) Post(w http.ResponseWriter, r *http.Request, target string, fields []Hidden) error {
	if err := route.AllowForm(w, target); err != nil {
		return fmt.Errorf("answering by a posted form: %w", err)
	}
	data := postData{Target: target, Fields: fields, Service: From(r.Context()).Service}
	e.render(w, r, http.StatusOK, e.post, data, view{PostOn: true})
	return nil
}

type postData struct {
	Target, Service string
	Fields          []Hidden
}
