package logout

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"clave/broker"
	"clave/web/page"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// Routes are the pages of a logout, and the logout of our own pages.
func (l *Logouts) Routes() []route.Route {
	return []route.Route{
		{Method: http.MethodPost, Path: "/logout", Access: route.Public, Handler: l.fromOwnPages},
		{Method: http.MethodGet, Path: pathLoggedOut, Access: route.Public, Handler: l.showLoggedOut},
		{Method: http.MethodGet, Path: "/logout/{id}", Access: route.Public, Handler: l.show},
		{Method: http.MethodPost, Path: "/logout/{id}", Access: route.Public, Handler: l.decided},
		{Method: http.MethodGet, Path: "/logout/{id}/next", Access: route.Public, Handler: l.next},
		{Method: http.MethodGet, Path: "/logout/{id}/done", Access: route.Public, Handler: l.done},
	}
}

// load finds the logout that the path names, if it is this browser's own. Otherwise r is
// answered: who knows only the id learns nothing.
func (l *Logouts) load(w http.ResponseWriter, r *http.Request) (Logout, bool) {
	id := ID(mux.Vars(r)["id"])
	if !l.bound(r, id) {
		l.showUnknown(w, r)
		return Logout{}, false
	}
	lo, err := l.Store.Logout(r.Context(), id, l.Now())
	if errors.Is(err, ErrNoLogout) {
		l.showUnknown(w, r)
		return Logout{}, false
	}
	if err != nil {
		l.fail(w, r, fmt.Errorf("reading a logout: %w", err))
		return Logout{}, false
	}
	return lo, true
}

// show is where every step of a logout comes back to. It changes nothing. While
// somebody is left to be told it leads on, by a page in any case: a redirect might end a
// chain that began with a form, of ours or of a service, and form-action blocks those.
func (l *Logouts) show(w http.ResponseWriter, r *http.Request) {
	lo, ok := l.load(w, r)
	if !ok {
		return
	}
	r = r.WithContext(page.With(r.Context(), l.frame(r, lo)))
	switch {
	case lo.Asking:
		s, err := l.Broker.CurrentSession(r)
		switch {
		case err != nil:
			l.fail(w, r, err)
		case s == nil: // it ended elsewhere
			l.answer(w, r, lo.After, true, broker.ByPage)
		default:
			l.showAsk(w, r, lo)
		}
	case lo.left():
		l.showOnward(w, r, lo)
	default:
		l.showDone(w, r, lo)
	}
}

// decided takes what the citizen says about the end of the session.
func (l *Logouts) decided(w http.ResponseWriter, r *http.Request) {
	lo, ok := l.load(w, r)
	switch {
	case !ok:
	case !lo.Asking: // decided in another tab
		route.SeeOther(w, lo.ID.path())
	case r.PostForm.Get("answer") != "yes":
		l.answer(w, r, lo.After, false, broker.ByPage)
	default:
		lo.Deadline = l.Now().Add(Lifetime)
		l.end(w, r, lo)
	}
}

// next sends the browser to the next service, which is stored as asked before, so that
// none is told twice.
func (l *Logouts) next(w http.ResponseWriter, r *http.Request) {
	if route.OnlyLooks(w, r) {
		return
	}
	id := ID(mux.Vars(r)["id"])
	if !l.bound(r, id) {
		l.showUnknown(w, r)
		return
	}
	var lo Logout
	var to *Participant
	err := l.Broker.Tx(r.Context(), func(ctx context.Context) (err error) {
		if lo, err = l.Store.Logout(ctx, id, l.Now()); err != nil {
			return err
		}
		to = l.take(&lo)
		return l.Store.SaveLogout(ctx, lo)
	})
	switch {
	case errors.Is(err, ErrNoLogout):
		l.showUnknown(w, r)
	case err != nil:
		l.fail(w, r, fmt.Errorf("telling a service: %w", err))
	case to == nil:
		route.SeeOther(w, lo.ID.path())
	default:
		l.Log.InfoContext(r.Context(), "service told of a logout", "relying_party", to.RelyingParty)
		l.tellers[to.Front].Tell(w, l.around(r, to.RelyingParty, lo.After), lo.ID, *to)
	}
}

// take marks the next service as asked. Who cannot be told any more, because of a change
// of its registration, is passed over. It is nil when nobody is left.
func (l *Logouts) take(lo *Logout) *Participant {
	for i := range lo.Visits {
		v := &lo.Visits[i]
		switch {
		case v.Result != Waiting:
		case l.teller(v.Participant) == nil:
			v.Result = Unreachable
		default:
			v.Result = Asked
			return &v.Participant
		}
	}
	return nil
}

// done leads back to who asked.
func (l *Logouts) done(w http.ResponseWriter, r *http.Request) {
	lo, ok := l.load(w, r)
	switch {
	case !ok:
	case lo.Asking || lo.left():
		route.SeeOther(w, lo.ID.path())
	default:
		l.answer(w, r, lo.After, lo.complete(), broker.ByRedirect)
	}
}
