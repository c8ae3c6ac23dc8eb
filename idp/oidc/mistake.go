package oidc

import (
	"embed"
	"net/http"

	"clave/web/page"
)

// mistake is why a request gets a page instead of an answer to the relying
// party: nothing proves where an answer would have to go. It is the stable code
// that integrators look up.
type mistake string

// The mistakes.
const (
	mistakeUnreadable    mistake = "unreadable_request"
	mistakeNoClient      mistake = "missing_client_id"
	mistakeUnknownClient mistake = "unknown_client_id"
	mistakeNoRedirect    mistake = "missing_redirect_uri"
	mistakeRedirect      mistake = "unregistered_redirect_uri"
	mistakeResumed       mistake = "used_handle"
	mistakeLogoutHint    mistake = "foreign_id_token_hint"
	mistakeLogoutClient  mistake = "ambiguous_client"
	mistakeLogoutTarget  mistake = "unregistered_post_logout_redirect_uri"
)

// text is the sentence for the integrator: why, and what to do.
func (m mistake) text() string {
	switch m {
	case mistakeUnreadable:
		return "The request cannot be read: it is not a query or form, is too large, or has parameters in address and body at once. Send at most 32 kB, in one place."
	case mistakeNoClient:
		return "client_id is missing or came more than once. Send the client_id that was registered."
	case mistakeUnknownClient:
		return "client_id is not registered here. Compare it with the registration, and check that the service speaks to the right environment."
	case mistakeNoRedirect:
		return "redirect_uri is missing, came more than once or is not plain text. Send one that is registered."
	case mistakeRedirect:
		return "redirect_uri is not registered for this client. It is compared octet by octet: scheme, port, path, case and a slash at the end count."
	case mistakeResumed:
		return "The handle of a request that came by POST was used already or is older than 5 minutes. Start the login again."
	case mistakeLogoutHint:
		return "id_token_hint is not an ID token of this provider, or its key is gone. Send the ID token of the login that is to end, or client_id alone."
	case mistakeLogoutClient:
		return "The client is not known: client_id is not registered, is not the one that id_token_hint was given to, or both are missing beside post_logout_redirect_uri."
	case mistakeLogoutTarget:
		return "post_logout_redirect_uri is not registered for this client. It is compared octet by octet."
	}
	return ""
}

//go:embed templates
var embedded embed.FS

type templates struct {
	mistake, confirm, done *page.Template
}

func parseTemplates(e *page.Engine) templates {
	return templates{
		mistake: e.Parse(embedded, "templates/mistake.html"),
		confirm: e.Parse(embedded, "templates/end_session.html"),
		done:    e.Parse(embedded, "templates/logged_out.html"),
	}
}

type mistakeData struct {
	Code, Text, Documentation string
	Again                     bool // starting again at the service helps
}

// showMistake answers with a page that tells the citizen what to do and the
// integrator what is wrong.
func (f *Front) showMistake(w http.ResponseWriter, r *http.Request, m mistake) {
	f.Log.InfoContext(r.Context(), "request refused by page", "path", r.URL.Path, "reason", string(m))
	data := mistakeData{Code: string(m), Text: m.text(), Documentation: f.Documentation, Again: m == mistakeResumed}
	f.Pages.Render(w, r, http.StatusBadRequest, f.templates.mistake, data)
}
