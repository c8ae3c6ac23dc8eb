package page

import (
	"net/http"
	"strconv"
)

type failureData struct {
	Key        string
	Reference  string
	Service    string
	ServiceURL string
	Telephone  string
	Mailbox    string
}

// ErrorPage shows that something cannot go on: the text key.title says what, the
// text key.text says what to do. The reference, when there is one, is what the log
// line carries. A service that waits is named and linked. A key without texts
// is shown as an internal error.
func (e *Engine) ErrorPage(w http.ResponseWriter, r *http.Request, status int, key, reference string) {
	if !e.texts.Has(key+".title") || !e.texts.Has(key+".text") {
		e.frame.Log.ErrorContext(r.Context(), "error page without text", "key", key, "status", strconv.Itoa(status))
		key = "route.internal"
	}
	around := From(r.Context())
	w.Header().Set("Cache-Control", "no-store")
	e.Render(w, r, status, e.failure, failureData{
		Key: key, Reference: reference,
		Service: around.Service, ServiceURL: around.ServiceURL,
		Telephone: e.frame.Telephone, Mailbox: e.frame.Mailbox,
	})
}
