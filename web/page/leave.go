package page

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"clave/web/route"
)

// Leave is the last step of a login that goes back by an address: a page that
// moves on at once and has a visible link. A redirect would not do: it would
// belong to a chain that began with a form, and form-action 'self' blocks it.
// The target is one that the caller has checked to be registered. Only http and
// https go by themselves; an app's own scheme (RFC 8252 section 7.1, with a dot as
// it asks) is a link to press; any other scheme, such as javascript, goes nowhere.
func (e *Engine) Leave(w http.ResponseWriter, r *http.Request, target string) {
	around := From(r.Context())
	data := leaveData{Service: around.Service, Closing: around.Closing}
	refresh := ""
	if u, err := url.Parse(target); err == nil {
		switch {
		case u.Scheme == "https" || u.Scheme == "http":
			refresh = target
			data.Target = template.URL(target)
		case strings.Contains(u.Scheme, "."):
			data.Target = template.URL(target)
		}
	}
	e.render(w, r, http.StatusOK, e.leave, data, refresh)
}

type leaveData struct {
	Target  template.URL // only what Leave let pass
	Service string
	Closing bool
}

// Hidden is a field of a form that the citizen does not see.
type Hidden struct{ Name, Value string }

// Post is the last step of a login that goes back by a posted form (form_post,
// SAML): it allows exactly the target, is sent by a script, and shows a
// button without one.
func (e *Engine) Post(w http.ResponseWriter, r *http.Request, target string, fields []Hidden) error {
	if err := route.AllowForm(w, target); err != nil {
		return fmt.Errorf("answering by a posted form: %w", err)
	}
	around := From(r.Context())
	data := postData{Target: target, Fields: fields, Service: around.Service, Closing: around.Closing}
	e.render(w, r, http.StatusOK, e.post, data, "")
	return nil
}

type postData struct {
	Target, Service string
	Fields          []Hidden
	Closing         bool
}
