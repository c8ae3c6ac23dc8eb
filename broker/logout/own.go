package logout

import (
	"net/http"

	"clave/broker"
	"clave/web/route"
)

const pathLoggedOut = "/logged-out"

// ownPages ask for logouts as After without a Front.
type ownPages struct{}

// Name implements Asker.
func (ownPages) Name() string { return "" }

// LoggedOut implements Asker. The page says what the citizen should know in any case.
func (ownPages) LoggedOut(w http.ResponseWriter, _ *http.Request, _ []byte, _ bool, _ broker.Via) {
	route.SeeOther(w, pathLoggedOut)
}

// fromOwnPages logs out who pressed the button in the frame of our pages.
func (l *Logouts) fromOwnPages(w http.ResponseWriter, r *http.Request) {
	l.Start(w, r, After{Proven: true})
}

func (l *Logouts) showLoggedOut(w http.ResponseWriter, r *http.Request) {
	l.Pages.Render(w, r, http.StatusOK, l.pages.loggedOut, nil)
}
