package app

import (
	"errors"
	"net/http"

	"github.com/gorilla/mux"

	"clave/providers/movil"
	"clave/web/route"
)

// scanPage has the camera.
type scanPage struct{}

func (a *App) showScan(w http.ResponseWriter, r *http.Request) {
	route.AllowCamera(w)
	a.Pages.Render(w, r, http.StatusOK, a.pages.scan, scanPage{})
}

// arrivePage is where the QR of a login leads, read by the app or by the phone's own
// camera. A GET changes nothing: its form is sent at once by a script.
type arrivePage struct{ Action string }

func (a *App) showArrive(w http.ResponseWriter, r *http.Request) {
	a.Pages.Render(w, r, http.StatusOK, a.pages.arrive, arrivePage{movil.HandlePath + mux.Vars(r)["handle"]})
}

// claim takes the request for this device.
func (a *App) claim(w http.ResponseWriter, r *http.Request) {
	_, err := a.Movil.Claim(r.Context(), deviceOf(r), mux.Vars(r)["handle"])
	var denied *movil.Denied
	switch {
	case err == nil:
		route.SeeOther(w, requestPath)
	case errors.As(err, &denied):
		a.showRefused(w, r, denied, Path)
	default:
		a.fail(w, r, err)
	}
}
