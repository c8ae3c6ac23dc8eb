package app

import (
	"encoding/json"
	"errors"
	"net/http"

	"clave/audit"
	"clave/broker"
	"clave/providers/movil"
	"clave/web/page"
	"clave/web/route"
)

// certificatePage tells whom this device will be activated for.
type certificatePage struct{ Name, Document string }

func (a *App) showCertificate(w http.ResponseWriter, r *http.Request) {
	who := broker.CitizenFrom(r.Context()).Standing.Identity
	a.Pages.Render(w, r, http.StatusOK, a.pages.certificate, certificatePage{
		Name: who.GivenName + " " + who.FamilyName(), Document: who.Document.Reveal(),
	})
}

// byCertificate goes on for who has just shown a certificate.
func (a *App) byCertificate(w http.ResponseWriter, r *http.Request) {
	token, err := a.Movil.ActivateByCertificate(r.Context(), broker.CitizenFrom(r.Context()).Standing.Person)
	var denied *movil.Denied
	switch {
	case err == nil:
		a.travel(w, r, journey{Token: token}, keysPath)
	case errors.As(err, &denied):
		a.showStopped(w, r, denied)
	default:
		a.fail(w, r, err)
	}
}

// keysPage is where the browser makes its keys.
type keysPage struct {
	page.Form
	// Options are what navigator.credentials.create is asked, as JSON.
	Options string
}

func (a *App) showKeys(w http.ResponseWriter, r *http.Request) {
	options, _, err := a.Movil.Creation(r.Context(), a.journeyOf(r).Token)
	var denied *movil.Denied
	switch {
	case errors.As(err, &denied) && denied.Cause == movil.NoActivation:
		route.SeeOther(w, ActivatePath)
		return
	case errors.As(err, &denied):
		a.showStopped(w, r, denied)
		return
	case err != nil:
		a.fail(w, r, err)
		return
	}
	a.Pages.Render(w, r, http.StatusOK, a.pages.keys, keysPage{
		Form: page.Form{Fields: []page.Field{{
			Name: "name", Label: "app.keys.name", Hint: "app.keys.name_hint", MaxLength: 40,
			Value: string(audit.BrowserOf(r.UserAgent())),
		}}},
		Options: string(options),
	})
}

// creation is what the browser made.
type creation struct {
	Response  json.RawMessage `json:"response"`
	Key       bytesText       `json:"key"`
	Signature bytesText       `json:"signature"`
	Name      string          `json:"name"`
}

// activate makes a device of the browser, and opens the app to it.
func (a *App) activate(w http.ResponseWriter, r *http.Request) {
	var c creation
	if !a.read(w, r, &c) {
		return
	}
	d, err := a.Movil.Activate(r.Context(), a.journeyOf(r).Token, movil.NewDevice{
		Response: c.Response, Key: c.Key, Signature: c.Signature, Name: c.Name, Language: a.language(r),
	})
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	now := a.Now()
	if err := a.keepSession(w, session{Device: d.ID, OpenedAt: now, SeenAt: now}); err != nil {
		a.refuse(w, r, err)
		return
	}
	a.Jar.Drop(w, journeyCookie)
	a.answer(w, http.StatusOK, next{Next: donePath, Device: d.ID})
}

// donePage says that the device is active.
type donePage struct {
	Name string
	page.WayBack
	notifications
}

func (a *App) showDone(w http.ResponseWriter, r *http.Request) {
	d := deviceOf(r)
	a.Pages.Render(w, r, http.StatusOK, a.pages.done, donePage{Name: d.Name, WayBack: page.WayBackOf(r), notifications: a.notifications(d)})
}
