package broker

import (
	"errors"
	"net/http"

	"github.com/gorilla/mux"
)

// Guard lets a request pass to a step of /login/{id} when this browser holds
// the sealed request of that login. Steps of a login that has its evidence or
// has ended are sent back to the dispatcher, so that reloads, second tabs and
// the back button never repeat anything.
func (b *Broker) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l, err := b.load(r)
		if errors.Is(err, ErrNoLogin) {
			b.showUnknown(w, r)
			return
		}
		if err != nil {
			b.fail(w, r, err)
			return
		}
		r = r.WithContext(b.around(With(r.Context(), l), r, l))
		if !isDispatcher(r, l) && (l.Row.Reason != "" || l.Row.State.Evidence != nil && !isInform(r, l)) {
			b.Return(w, r, l)
			return
		}
		if !b.Now().Before(l.Request.Deadline()) && l.Row.FinishedAt.IsZero() && !isLeaving(r, l) {
			b.showExpired(w, r, l)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isDispatcher(r *http.Request, l *Login) bool { return r.URL.Path == l.Request.path() }
func isInform(r *http.Request, l *Login) bool     { return r.URL.Path == l.Request.path()+"/inform" }
func isLeaving(r *http.Request, l *Login) bool    { return r.URL.Path == l.Request.path()+"/leave" }

// load opens the login named by the path: the browser's sealed request, the
// relying party, and the row if there is one. ErrNoLogin when this browser does
// not hold it.
func (b *Broker) load(r *http.Request) (*Login, error) {
	id := LoginID(mux.Vars(r)["id"])
	value := b.Jar.Get(r, loginCookie+string(id))
	if value == "" {
		return nil, ErrNoLogin
	}
	req, err := b.unseal(r.Context(), id, value)
	if err != nil {
		return nil, ErrNoLogin // forged, of another login, or under a key that is gone
	}
	party, ok := b.Parties.Snapshot().Party(req.RelyingParty)
	if !ok {
		return nil, ErrNoLogin
	}
	l := &Login{Request: req, Party: party, browser: b.browserOf(r)}
	l.Row, err = b.Logins.Login(r.Context(), id)
	if err != nil && !errors.Is(err, ErrNoLogin) {
		return nil, err
	}
	return l, nil
}
