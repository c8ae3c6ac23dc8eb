package app

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"clave/providers/movil"
	"clave/web/route"
)

// notifications is what the script of notifications needs.
type notifications struct {
	PushKey    string
	Subscribed string // "true" or "false"
}

func (a *App) notifications(d movil.Device) notifications {
	return notifications{PushKey: a.PushKey, Subscribed: strconv.FormatBool(d.Push != nil)}
}

// settingsPage is what can be chosen for this device, and for its person.
type settingsPage struct {
	notifications
	// Blocked is until when no requests come by document; zero when they do.
	Blocked time.Time
}

func (a *App) showSettings(w http.ResponseWriter, r *http.Request) {
	d := deviceOf(r)
	until, err := a.Movil.BlockedUntil(r.Context(), d)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.Pages.Render(w, r, http.StatusOK, a.pages.settings, settingsPage{notifications: a.notifications(d), Blocked: until})
}

// allow lets requests by document come again.
func (a *App) allow(w http.ResponseWriter, r *http.Request) {
	var denied *movil.Denied
	if err := a.Movil.AllowAgain(r.Context(), deviceOf(r)); err != nil && !errors.As(err, &denied) {
		a.fail(w, r, err)
		return
	}
	route.SeeOther(w, settingsPath) // which says how it stands
}

// subscribe takes where the browser wants its messages.
func (a *App) subscribe(w http.ResponseWriter, r *http.Request) {
	var s movil.Subscription
	if a.read(w, r, &s) {
		a.setPush(w, r, &s)
	}
}

func (a *App) unsubscribe(w http.ResponseWriter, r *http.Request) { a.setPush(w, r, nil) }

func (a *App) setPush(w http.ResponseWriter, r *http.Request, s *movil.Subscription) {
	err := a.Movil.Subscribe(r.Context(), deviceOf(r), s)
	var denied *movil.Denied
	switch {
	case err == nil:
		a.answer(w, http.StatusOK, struct{}{})
	case errors.As(err, &denied) && denied.Cause == movil.NoProof:
		// The browser's push service is none that we use.
		a.answer(w, http.StatusForbidden, refusal{Cause: "unsupported"})
	default:
		a.refuse(w, r, err)
	}
}
