package app

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"clave/providers/movil"
	"clave/web/page"
	"clave/web/route"
)

// codePage asks for the code that was sent.
type codePage struct {
	page.Form
	Last3           string
	SentAt          time.Time
	Countdown       page.Countdown
	Live, MoreSends bool
}

// underWay reads the activation of this browser: when there is none to go on with, it
// sends the browser where things go on.
func (a *App) underWay(w http.ResponseWriter, r *http.Request) (movil.Activation, bool) {
	at, err := a.Movil.Activation(r.Context(), a.journeyOf(r).Token)
	switch {
	case err != nil:
		a.fail(w, r, err)
	case at.Key == "":
		route.SeeOther(w, ActivatePath)
	default:
		return at, true
	}
	return movil.Activation{}, false
}

func (a *App) renderCode(w http.ResponseWriter, r *http.Request, status int, at movil.Activation, typed string, problems page.Errors) {
	now := a.Now()
	if at.Proven(now) {
		route.SeeOther(w, keysPath)
		return
	}
	a.Pages.Render(w, here(r, codePath), status, a.pages.code, codePage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: "code", Label: "permanente.code.label", Hint: "permanente.code.hint",
				Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 20, Size: 8, Code: true, Value: typed,
			}},
			Errors: problems,
		},
		Last3: at.Phone.Last3(), SentAt: at.SentAt, Live: at.Secret != nil && now.Before(at.ExpiresAt), MoreSends: at.Sends < movil.MaxSends,
		Countdown: page.Countdown{Label: "permanente.code.countdown", Left: at.ExpiresAt.Sub(now)},
	})
}

func (a *App) showCode(w http.ResponseWriter, r *http.Request) {
	at, ok := a.underWay(w, r)
	if !ok {
		return
	}
	said := a.journeyOf(r).Said
	switch {
	case said.Cause == movil.WrongCode && said.Left == 1:
		a.renderCode(w, r, http.StatusOK, at, "", page.Errors{{Field: "code", Key: "permanente.code.error.wrong_last"}})
	case said.Cause == movil.WrongCode:
		a.renderCode(w, r, http.StatusOK, at, "", page.Errors{{Field: "code", Key: "permanente.code.error.wrong", Holes: []string{"left", strconv.Itoa(said.Left)}}})
	case said.Cause == movil.TooSoon && a.Now().Before(said.Until):
		seconds := int(said.Until.Sub(a.Now())/time.Second) + 1
		a.renderCode(w, r, http.StatusOK, at, "", page.Errors{{Key: "permanente.code.error.soon", Holes: []string{"seconds", strconv.Itoa(seconds)}}})
	default:
		a.renderCode(w, r, http.StatusOK, at, "", nil)
	}
}

func (a *App) takeCode(w http.ResponseWriter, r *http.Request) {
	typed := r.PostFormValue("code")
	err := a.Movil.ProveActivation(r.Context(), a.journeyOf(r).Token, typed)
	if errors.Is(err, movil.ErrCode) {
		key := "permanente.code.error.format"
		if typed == "" {
			key = "permanente.code.error.empty"
		}
		if at, ok := a.underWay(w, r); ok {
			a.renderCode(w, r, http.StatusUnprocessableEntity, at, typed, page.Errors{{Field: "code", Key: key}})
		}
		return
	}
	a.afterCode(w, r, err, keysPath)
}

// again sends another code and voids the one before.
func (a *App) again(w http.ResponseWriter, r *http.Request) {
	a.afterCode(w, r, a.Movil.ActivationAgain(r.Context(), a.journeyOf(r).Token, a.language(r)), codePath)
}

// afterCode leads on, or tells why not.
func (a *App) afterCode(w http.ResponseWriter, r *http.Request, err error, path string) {
	j := a.journeyOf(r)
	j.Said = saying{}
	var denied *movil.Denied
	switch {
	case err == nil:
		a.travel(w, r, j, path)
	case !errors.As(err, &denied):
		a.fail(w, r, err)
	case denied.Cause == movil.WrongCode, denied.Cause == movil.TooSoon:
		j.Said = saying{Cause: denied.Cause, Until: denied.Until, Left: denied.Left}
		a.travel(w, r, j, codePath)
	case denied.Cause == movil.CodeExpired:
		a.travel(w, r, j, codePath) // which says so
	case denied.Cause == movil.Over:
		a.travel(w, r, j, keysPath)
	default:
		a.showStopped(w, r, denied)
	}
}

// stoppedPage tells why an activation goes no further, until when, and the way on.
type stoppedPage struct {
	// Title and Text are keys.
	Title, Text string
	Until       time.Time
	// Path and Link are the way on of who has to do something else first; Link is a key.
	Path, Link string
}

func (a *App) showStopped(w http.ResponseWriter, r *http.Request, d *movil.Denied) {
	data := stoppedPage{Title: "app.stopped.title", Text: "app.cause." + string(d.Cause), Until: d.Until, Path: ActivatePath, Link: "app.stopped.again"}
	status := http.StatusForbidden
	switch d.Cause {
	case movil.Refused:
		key := "broker.reason." + string(d.Reason)
		data.Title, data.Text = key+".title", key+".text"
		data.Path, data.Link = leads(d.Reason)
	case movil.PairLocked, movil.TooMany, movil.PhoneFull, movil.NoSendsLeft:
		status = http.StatusTooManyRequests
	case movil.NoBudget:
		status = http.StatusServiceUnavailable
	case movil.TooManyDevices:
		data.Path, data.Link = "/my/devices", "app.stopped.devices"
	default:
	}
	if !a.Pages.Texts().Has(data.Text) {
		data.Text = "app.cause.gone"
	}
	a.Pages.Render(w, here(r, ActivatePath), status, a.pages.stopped, data)
}
