package app

import (
	"errors"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"clave/providers/movil"
	"clave/web/page"
	"clave/web/route"
)

// devicesPage lists a person's devices.
type devicesPage struct{ Devices []listed }

// listed is a device in the list.
type listed struct {
	ID, Name, Path      string
	This                bool
	Certificate         bool
	ActivatedAt, UsedAt time.Time
}

func (a *App) list(d movil.Device, r *http.Request) listed {
	return listed{
		ID: string(d.ID), Name: d.Name, Path: devicesPath + "/" + string(d.ID), This: d.ID == deviceOf(r).ID,
		Certificate: d.How == movil.ByCertificate, ActivatedAt: d.ActivatedAt, UsedAt: d.UsedAt,
	}
}

func (a *App) showDevices(w http.ResponseWriter, r *http.Request) {
	devices, err := a.Movil.DevicesOf(r.Context(), deviceOf(r).Person)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	var data devicesPage
	for _, d := range devices {
		data.Devices = append(data.Devices, a.list(d, r))
	}
	a.Pages.Render(w, r, http.StatusOK, a.pages.devices, data)
}

// one is the device of the address; when it is none of this person's, the browser is
// sent to the list.
func (a *App) one(w http.ResponseWriter, r *http.Request) (movil.Device, bool) {
	devices, err := a.Movil.DevicesOf(r.Context(), deviceOf(r).Person)
	if err != nil {
		a.fail(w, r, err)
		return movil.Device{}, false
	}
	for _, d := range devices {
		if string(d.ID) == mux.Vars(r)["device"] {
			return d, true
		}
	}
	route.SeeOther(w, devicesPath)
	return movil.Device{}, false
}

// devicePage is one of them, with its name to be changed.
type devicePage struct {
	page.Form
	listed
}

func (a *App) renderDevice(w http.ResponseWriter, r *http.Request, status int, d movil.Device, name string, problems page.Errors) {
	data := devicePage{listed: a.list(d, r)}
	data.Form = page.Form{Fields: []page.Field{{Name: "name", Label: "app.keys.name", MaxLength: 40, Value: name}}, Errors: problems}
	a.Pages.Render(w, here(r, data.Path), status, a.pages.device, data)
}

func (a *App) showDevice(w http.ResponseWriter, r *http.Request) {
	if d, ok := a.one(w, r); ok {
		a.renderDevice(w, r, http.StatusOK, d, d.Name, nil)
	}
}

func (a *App) rename(w http.ResponseWriter, r *http.Request) {
	d, ok := a.one(w, r)
	if !ok {
		return
	}
	name := r.PostFormValue("name")
	err := a.Movil.Rename(r.Context(), d.Person, d.ID, name)
	var denied *movil.Denied
	switch {
	case err == nil, errors.As(err, &denied) && denied.Cause != movil.BadName:
		route.SeeOther(w, devicesPath)
	case errors.As(err, &denied):
		a.renderDevice(w, r, http.StatusUnprocessableEntity, d, name, page.Errors{{Field: "name", Key: "app.cause.bad_name"}})
	default:
		a.fail(w, r, err)
	}
}

func (a *App) showRemove(w http.ResponseWriter, r *http.Request) {
	if d, ok := a.one(w, r); ok {
		a.Pages.Render(w, r, http.StatusOK, a.pages.remove, a.list(d, r))
	}
}

// remove forgets a device. This one's key opens nothing any more, as the door says.
func (a *App) remove(w http.ResponseWriter, r *http.Request) {
	d, ok := a.one(w, r)
	if !ok {
		return
	}
	if err := a.Movil.Forget(r.Context(), d.Person, d.ID); err != nil {
		a.fail(w, r, err)
		return
	}
	if d.ID == deviceOf(r).ID {
		a.Jar.Drop(w, sessionCookie)
		route.SeeOther(w, Path)
		return
	}
	route.SeeOther(w, devicesPath)
}
