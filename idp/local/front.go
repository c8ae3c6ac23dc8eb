package local

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

// Name is the front's name in a broker.Request.
const Name = "local"

// Broker lets citizens log in.
type Broker interface {
	// LoggedIn gives the citizen whose session satisfies the request; nil otherwise.
	LoggedIn(r *http.Request, req broker.Request) (*broker.Citizen, error)
	// Open begins a login; it answers r.
	Open(w http.ResponseWriter, r *http.Request, req broker.Request)
}

// Config is what a Front needs. Every field is required.
type Config struct {
	Broker Broker
	// Home is the local path for who gives up logging in.
	Home string
	Fail func(w http.ResponseWriter, r *http.Request, log *slog.Logger, what string, err error)
	Log  *slog.Logger
}

// Front is the front of our own pages. It implements broker.Front.
type Front struct{ Config }

// New makes a front.
func New(c Config) *Front { return &Front{c} }

// Name implements broker.Front.
func (f *Front) Name() string { return Name }

// Freshness is how old a proof may be that a route.Fresh page accepts.
// Source: our choice: who has just come in is not asked twice, and a computer left
// alone for longer changes nobody's registration.
const Freshness = 10 * time.Minute

// Guard lets a citizen pass whose session holds the proof, and lets everybody else
// log in first. It is route.Guards.Citizen. What a form brought is gone then: the
// citizen comes back to its page.
func (f *Front) Guard(proof route.Proof) route.Middleware {
	wanted := broker.Request{Front: Name, RelyingParty: registry.OwnID, Level: proof.Level}
	if proof.Fresh {
		wanted.MaxAge = new(Freshness)
	}
	if proof.Method != "" {
		wanted.Methods = []identity.Method{proof.Method}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			request := wanted
			request.Return = []byte(backTo(r))
			citizen, err := f.Broker.LoggedIn(r, request)
			if err != nil {
				f.Fail(w, r, f.Log, "citizen's page failed", err)
				return
			}
			if citizen != nil && proof.Fresh && citizen.Evidence.Login == "" {
				// It does not tell in which login it was proven, as what is changed now
				// has to say.
				citizen, request.Fresh = nil, true
			}
			if citizen == nil {
				f.Broker.Open(w, r, request)
				return
			}
			next.ServeHTTP(w, r.WithContext(broker.WithCitizen(r.Context(), citizen)))
		})
	}
}

// longestReturn is how much of an address is kept. Our choice: the sealed request
// has to fit a cookie, and none of our own pages has a longer one.
const longestReturn = 500

// backTo is where the citizen goes on after the login: the page that was asked for,
// or the one whose form was sent.
func backTo(r *http.Request) string {
	back := r.URL.EscapedPath()
	if r.Method == http.MethodGet && r.URL.RawQuery != "" {
		back += "?" + r.URL.RawQuery
	}
	if len(back) > longestReturn {
		return r.URL.EscapedPath()
	}
	return back
}

// Issue implements broker.Front: the page goes on by the session, so that there is
// nothing to redeem.
func (f *Front) Issue(_ context.Context, req broker.Request, _ broker.Outcome) ([]byte, error) {
	return req.Return, nil
}

// Reissue implements broker.Front.
func (f *Front) Reissue(_ context.Context, _ broker.Request, answer []byte) ([]byte, error) {
	return answer, nil
}

// Answer implements broker.Front. The way never leaves our origin, whatever the
// broker fears of forms.
func (f *Front) Answer(w http.ResponseWriter, r *http.Request, _ broker.Request, answer []byte, _ broker.Via) {
	f.goTo(w, r, string(answer))
}

// Refuse implements broker.Front.
func (f *Front) Refuse(w http.ResponseWriter, r *http.Request, _ broker.Request, _ broker.Reason, _ broker.Via) {
	f.goTo(w, r, f.Home)
}

// goTo sends the browser to a page of ours. The path comes from our own sealed
// request; that it is local is checked all the same.
func (f *Front) goTo(w http.ResponseWriter, r *http.Request, path string) {
	if !page.LocalPath(path) {
		path = f.Home
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
}
