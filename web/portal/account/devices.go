package account

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"clave/broker"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

// Device is a phone, a tablet or a computer that a citizen activated for Cl@ve Móvil.
type Device struct {
	ID, Name string
	// How it was activated, as in the text account.devices.how.sms.
	How                 string
	ActivatedAt, UsedAt time.Time
	// Woken: it gets notifications.
	Woken bool
}

// What Devices answer when they do not what they are asked.
var (
	ErrNoDevice   = errors.New("the citizen has no such device")
	ErrDeviceName = errors.New("not a name for a device")
)

// Devices are those of citizens. Devices of other people are none: ErrNoDevice.
type Devices interface {
	// DevicesOf are a person's, the last used first.
	DevicesOf(ctx context.Context, person identity.PersonID) ([]Device, error)
	// RenameDevice gives one another name, or ErrDeviceName.
	RenameDevice(ctx context.Context, person identity.PersonID, id, name string) error
	// RemoveDevice forgets one, and tells its person on the other channels.
	RemoveDevice(ctx context.Context, person identity.PersonID, id string) error
}

const devicesPath = Path + "/devices"

// deviceRoutes serve the pages of devices, where there are any.
func (p *Pages) deviceRoutes() []route.Route {
	if p.Devices == nil {
		return nil
	}
	low := route.Citizen(identity.Low)
	one := devicesPath + "/{device}"
	routes := []route.Route{
		{Method: http.MethodGet, Path: devicesPath, Access: low, Handler: p.showDevices},
		{Method: http.MethodGet, Path: one, Access: low, Handler: p.showDevice},
		{Method: http.MethodPost, Path: one, Access: low, Handler: p.renameDevice},
		{Method: http.MethodPost, Path: one + "/remove", Access: low, Handler: p.removeDevice},
		{Method: http.MethodPost, Path: one + "/disown", Access: low, Handler: p.disownDevice},
	}
	for _, form := range []string{"/remove", "/disown"} {
		routes = append(routes, route.Route{Method: http.MethodGet, Path: one + form, Access: low, Handler: p.backToDevice})
	}
	return routes
}

// backToDevice is where who had to log in again when sending a form comes back.
func (p *Pages) backToDevice(w http.ResponseWriter, r *http.Request) {
	route.SeeOther(w, devicesPath+"/"+mux.Vars(r)["device"])
}

type devicesData struct {
	here
	Devices []Device
	// Removed, Disowned: that was just done.
	Removed, Disowned bool
}

func (p *Pages) showDevices(w http.ResponseWriter, r *http.Request) {
	held, err := p.Devices.DevicesOf(r.Context(), broker.CitizenFrom(r.Context()).Standing.Person)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	done := r.URL.Query().Get("done")
	p.Engine.Render(w, r, http.StatusOK, p.devices, devicesData{
		here: p.at(devicesPath), Devices: held, Removed: done == "removed", Disowned: done == "disowned",
	})
}

type deviceData struct {
	page.Form
	here
	Device Device
}

// Title is what the page is called: the device's name, which is no text of ours.
func (d deviceData) Title() string { return d.Device.Name }

func (p *Pages) showDevice(w http.ResponseWriter, r *http.Request) {
	p.renderDevice(w, r, http.StatusOK, "", nil)
}

// renderDevice shows a device; typed is the name that was refused, or empty.
func (p *Pages) renderDevice(w http.ResponseWriter, r *http.Request, status int, typed string, problems page.Errors) {
	held, err := p.Devices.DevicesOf(r.Context(), broker.CitizenFrom(r.Context()).Standing.Person)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	for _, d := range held {
		if d.ID != mux.Vars(r)["device"] {
			continue
		}
		value := d.Name
		if problems != nil {
			value = typed
		}
		p.Engine.Render(w, r, status, p.device, deviceData{
			Form: page.Form{Fields: []page.Field{{
				Name: "name", Label: "account.device.name.label", Hint: "account.device.name.hint", Value: value, MaxLength: 60,
			}}, Errors: problems},
			here: p.at(devicesPath), Device: d,
		})
		return
	}
	p.Engine.ErrorPage(w, r, http.StatusNotFound, "route.not_found", "")
}

func (p *Pages) renameDevice(w http.ResponseWriter, r *http.Request) {
	typed := r.PostFormValue("name")
	err := p.Devices.RenameDevice(r.Context(), broker.CitizenFrom(r.Context()).Standing.Person, mux.Vars(r)["device"], typed)
	if errors.Is(err, ErrDeviceName) {
		p.renderDevice(w, r, http.StatusUnprocessableEntity, typed, page.Errors{{Field: "name", Key: "account.device.name.error"}})
		return
	}
	p.afterDevice(w, r, err, "")
}

func (p *Pages) removeDevice(w http.ResponseWriter, r *http.Request) {
	err := p.Devices.RemoveDevice(r.Context(), broker.CitizenFrom(r.Context()).Standing.Person, mux.Vars(r)["device"])
	p.afterDevice(w, r, err, "?done=removed")
}

// disownDevice removes a device that somebody else activated, and ends what they may
// have opened with it: all sessions but this one.
func (p *Pages) disownDevice(w http.ResponseWriter, r *http.Request) {
	c := broker.CitizenFrom(r.Context())
	err := p.Devices.RemoveDevice(r.Context(), c.Standing.Person, mux.Vars(r)["device"])
	if err == nil {
		err = p.Sessions.EndSessions(r.Context(), c.Standing.Person, "device_disowned", func(id broker.SessionID) bool { return id != c.Session.ID })
	}
	p.afterDevice(w, r, err, "?done=disowned")
}

// afterDevice leads back to the list. A device that is gone meanwhile is what was
// wanted, or is seen there.
func (p *Pages) afterDevice(w http.ResponseWriter, r *http.Request, err error, done string) {
	switch {
	case errors.Is(err, ErrNoDevice):
		route.SeeOther(w, devicesPath)
	case err != nil:
		p.fail(w, r, err)
	default:
		route.SeeOther(w, devicesPath+done)
	}
}
