package broker

import (
	"net/http"
	"strings"

	"clave/web/page"
	"clave/web/route"
)

// waitingCookie names the login that waits while its citizen is on pages outside
// of it, to register or to change a phone. It is a hint: what waits is the sealed
// request under that id, and without that the cookie leads nowhere.
const waitingCookie = "clave_waiting"

// waysOut are the steps that lead out of a login, with the pages they lead to.
var waysOut = map[string]string{
	"/help/register": "/register",
	"/help/phone":    "/register/change",
	"/help/level":    "/register/level",
	"/help/password": "/permanente/activate",
	"/help/device":   "/movil/activate",
}

// goOut sends the citizen to what has to be done first. The login gets its time
// anew and the frame of the pages outside leads back to it. The addresses are
// ours, and nothing of the request is in them.
func (b *Broker) goOut(w http.ResponseWriter, r *http.Request) {
	l := From(r.Context())
	if l.Row.Reason == "" {
		if err := b.prolong(w, r, l); err != nil {
			b.fail(w, r, err)
			return
		}
	}
	b.Jar.Set(w, waitingCookie, string(l.Request.ID), l.Request.cookieAge(b.Now()))
	route.SeeOther(w, waysOut[strings.TrimPrefix(r.URL.Path, l.Request.path())])
}

// Detour sends the citizen of a login whose proof is there to a page of ours that has
// something to tell first: the browser gets its session, and the frame of the pages
// outside leads back to the login. Where the login makes no session it goes on at once.
func (b *Broker) Detour(w http.ResponseWriter, r *http.Request, l *Login, path string) {
	if l.Row.State.SessionToken == "" || l.Row.Reason != "" {
		b.Return(w, r, l)
		return
	}
	b.giveSession(w, l)
	b.Began(w, r, l)
	b.Jar.Set(w, waitingCookie, string(l.Request.ID), l.Request.cookieAge(b.Now()))
	route.SeeOther(w, path)
}

// waiting puts the service whose login waits in this browser into the frame of a
// page outside of logins.
func (b *Broker) waiting(r *http.Request, around page.Around) page.Around {
	id := b.Jar.Get(r, waitingCookie)
	if id == "" || strings.HasPrefix(r.URL.Path, "/login/") {
		return around
	}
	sealed, mark := cutMark(b.Jar.Get(r, loginCookie+id))
	if sealed == "" || mark == answeredMark {
		return around
	}
	req, err := b.unseal(r.Context(), LoginID(id), sealed)
	if err != nil {
		return around // the page is about something else
	}
	party, ok := b.Parties.Snapshot().Party(req.RelyingParty)
	if !ok {
		return around
	}
	around.Locales, around.LoginID = req.Languages, string(req.ID)
	around.Service = b.serviceName(req, party).In(string(b.Pages.LanguageFor(r, around.LoginID, around.Locales)))
	around.Waiting = req.path()
	return around
}
