package page

import (
	"log/slog"
	"net/http"
	"strconv"

	"clave/web/route"
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

// Failed answers an error of ours and logs it, once: a person sees the page of an
// internal error, with the reference of the line that says what. The text what is
// constant. A browser that left gets no answer, and what its leaving broke is no
// error of ours.
func (e *Engine) Failed(w http.ResponseWriter, r *http.Request, log *slog.Logger, what string, err error) {
	if r.Context().Err() != nil {
		return
	}
	reference := route.NewReference()
	log.ErrorContext(r.Context(), what, "reference", reference, "error", err.Error())
	e.ErrorPage(w, r, http.StatusInternalServerError, "route.internal", reference)
}
