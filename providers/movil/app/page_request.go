package app

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"clave/providers/movil"
	"clave/web/page"
	"clave/web/route"
)

// requestPage is what a login asks of this device.
type requestPage struct {
	page.Form
	movil.Shown
	// Options are what navigator.credentials.get is asked, as JSON; empty while this
	// device may not approve.
	Options   string
	Countdown page.Countdown
}

// pending reads the request that waits; when there is none, it says so.
func (a *App) pending(w http.ResponseWriter, r *http.Request) (movil.Request, bool) {
	waiting, err := a.Movil.Pending(r.Context(), deviceOf(r))
	switch {
	case err != nil:
		a.fail(w, r, err)
	case waiting.ID == "":
		a.showRefused(w, r, &movil.Denied{Cause: movil.Gone}, requestPath)
	default:
		return waiting, true
	}
	return movil.Request{}, false
}

func (a *App) renderRequest(w http.ResponseWriter, r *http.Request, status int, waiting movil.Request, typed string, problems page.Errors) {
	d := deviceOf(r)
	data := requestPage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: "digits", Label: "app.request.type", Hint: "app.request.type_hint",
				InputMode: "numeric", MaxLength: 9, Size: 5, Code: true, Value: typed,
			}},
			Errors: problems,
		},
		Shown:     a.Movil.Shown(waiting, d, movil.PlaceOf(r.Context()), a.language(r)),
		Countdown: page.Countdown{Label: "app.request.countdown", Left: waiting.ExpiresAt.Sub(a.Now())},
	}
	if data.Ready {
		options, _, err := a.Movil.ApproveOptions(r.Context(), d, waiting.ID)
		var denied *movil.Denied
		switch {
		case errors.As(err, &denied):
			data.Ready = false // decided this moment
		case err != nil:
			a.fail(w, r, err)
			return
		}
		data.Options = string(options)
	}
	a.Pages.Render(w, here(r, requestPath), status, a.pages.request, data)
}

func (a *App) showRequest(w http.ResponseWriter, r *http.Request) {
	waiting, ok := a.pending(w, r)
	if !ok {
		return
	}
	var problems page.Errors
	if waiting.Asked.Wrong > 0 && waiting.State == movil.Open {
		problems = page.Errors{{Field: "digits", Key: "app.request.error.wrong"}}
	}
	a.renderRequest(w, r, http.StatusOK, waiting, "", problems)
}

// digits takes what was typed, which the browser shows.
func (a *App) digits(w http.ResponseWriter, r *http.Request) {
	typed := r.PostFormValue("digits")
	err := a.Movil.Type(r.Context(), deviceOf(r), movil.RequestID(r.PostFormValue("request")), typed)
	var denied *movil.Denied
	switch {
	case errors.Is(err, movil.ErrDigits):
		if waiting, ok := a.pending(w, r); ok {
			a.renderRequest(w, r, http.StatusUnprocessableEntity, waiting, typed, page.Errors{{Field: "digits", Key: "app.request.error.format"}})
		}
	case err == nil, errors.As(err, &denied) && denied.Cause == movil.WrongDigits:
		route.SeeOther(w, requestPath) // which says how it stands
	case errors.As(err, &denied):
		a.showRefused(w, r, denied, requestPath)
	default:
		a.fail(w, r, err)
	}
}

// approval is what both keys signed.
type approval struct {
	Request   movil.RequestID `json:"request"`
	Response  json.RawMessage `json:"response"`
	Signature bytesText       `json:"signature"`
}

func (a *App) approve(w http.ResponseWriter, r *http.Request) {
	var said approval
	if !a.read(w, r, &said) {
		return
	}
	err := a.Movil.Approve(r.Context(), deviceOf(r), said.Request, movil.Signed{Response: said.Response, Signature: said.Signature})
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	a.answer(w, http.StatusOK, next{Next: decidedPath + "?approved"})
}

func (a *App) reject(w http.ResponseWriter, r *http.Request) {
	a.deny(w, r, a.Movil.Reject(r.Context(), deviceOf(r), movil.RequestID(r.PostFormValue("request"))), "?rejected")
}

// disownPage tells what "this was not me" leads to, before it does.
type disownPage struct{ movil.Shown }

func (a *App) showDisown(w http.ResponseWriter, r *http.Request) {
	if waiting, ok := a.pending(w, r); ok {
		a.Pages.Render(w, r, http.StatusOK, a.pages.disown, disownPage{
			a.Movil.Shown(waiting, deviceOf(r), movil.PlaceOf(r.Context()), a.language(r)),
		})
	}
}

func (a *App) disown(w http.ResponseWriter, r *http.Request) {
	a.deny(w, r, a.Movil.Disown(r.Context(), deviceOf(r), movil.RequestID(r.PostFormValue("request"))), "?disowned")
}

func (a *App) deny(w http.ResponseWriter, r *http.Request, err error, how string) {
	var denied *movil.Denied
	switch {
	case err == nil:
		route.SeeOther(w, decidedPath+how)
	case errors.As(err, &denied):
		a.showRefused(w, r, denied, requestPath)
	default:
		a.fail(w, r, err)
	}
}

// decidedPage says what the citizen did. It is a sentence: what counts was kept.
type decidedPage struct{ How string }

func (a *App) showDecided(w http.ResponseWriter, r *http.Request) {
	how := "approved"
	for _, other := range []string{"rejected", "disowned"} {
		if r.URL.Query().Has(other) {
			how = other
		}
	}
	a.Pages.Render(w, r, http.StatusOK, a.pages.decided, decidedPage{how})
}

// showRefused tells why a request leads no further.
func (a *App) showRefused(w http.ResponseWriter, r *http.Request, d *movil.Denied, at string) {
	data := stoppedPage{Title: "app.request.over", Text: "app.cause." + string(d.Cause), Until: time.Time{}, Path: Path, Link: "app.to_start"}
	if d.Cause == movil.Refused {
		key := "broker.reason." + string(d.Reason)
		data.Title, data.Text = key+".title", key+".text"
	}
	if !a.Pages.Texts().Has(data.Text) {
		data.Text = "app.cause.gone"
	}
	a.Pages.Render(w, here(r, at), http.StatusConflict, a.pages.stopped, data)
}
