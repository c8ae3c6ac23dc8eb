package broker

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// Guard lets a request pass to a step of /login/{id} when this browser holds
// the sealed request of that login. Steps that the login has behind it are sent
// back to the dispatcher, so that reloads, second tabs and the back button never
// repeat anything.
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
		step := strings.TrimPrefix(r.URL.Path, l.Request.path())
		if !l.Row.takes(step) {
			b.Return(w, r, l)
			return
		}
		if !b.Now().Before(l.Request.Deadline) && l.Row.FinishedAt.IsZero() && step != stepLeave {
			b.showExpired(w, r, l)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// The dispatcher and the broker's own steps, below /login/{id}.
const (
	stepNext   = ""
	stepInform = "/inform"
	stepOther  = "/other"
	stepLeave  = "/leave"
	stepExtend = "/extend"
)

// takes tells whether a step still makes sense. A login that was refused can only
// be left, or waits while its citizen does what was missing; one whose evidence is
// there has no proving to do any more, but its citizen may still go back instead of
// on.
func (r Row) takes(step string) bool {
	switch {
	case step == stepNext:
		return true
	case r.Reason != "":
		return step == stepLeave || waysOut[step] != ""
	case r.Finished():
		return false
	case r.State.Evidence != nil:
		return step == stepInform || step == stepOther || step == stepLeave || step == stepExtend
	}
	return true
}

// ownStep tells whether the step is the dispatcher or another of the broker's,
// which all rest on the login's row.
func (b *Broker) ownStep(step string) bool {
	switch step {
	case stepNext, stepInform, stepOther, stepLeave, stepExtend, "/" + b.Handsfree:
		return true
	}
	return false
}

// asks tells whether the guard reads the login's row. It need not where there is
// none yet, nor for the form of a method's later pages: what that changes is
// changed on a row that its transaction holds, and which says then that the login
// is over.
func (b *Broker) asks(method, step, mark string) bool {
	switch {
	case b.ownStep(step):
		return true
	case mark == "":
		return false
	}
	return method != http.MethodPost || strings.Count(step, "/") < 2
}

// Marks end the cookie of a login. They are hints and no proof; what counts is
// read again in the transaction that writes.
const (
	// begunMark: the login has a row. Without it the first pages of a method, which
	// only take what is typed, spare the database a question.
	begunMark = ".b"
	// answeredMark: the login has a row, and this browser got its answer. The
	// relying party may have redeemed that, and is not to see it twice.
	answeredMark = ".a"
)

// cutMark takes the mark off a cookie's value.
func cutMark(value string) (sealed, mark string) {
	for _, mark := range [...]string{begunMark, answeredMark} {
		if sealed, ok := strings.CutSuffix(value, mark); ok {
			return sealed, mark
		}
	}
	return value, ""
}

// Began makes the browser say from now on that the login has a row, so that
// pages from before the first challenge find out how it goes on. A provider
// calls it before it answers the request that made its challenge.
func (b *Broker) Began(w http.ResponseWriter, r *http.Request, l *Login) {
	name := loginCookie + string(l.Request.ID)
	if sealed, mark := cutMark(b.Jar.Get(r, name)); sealed != "" && mark == "" {
		b.Jar.Set(w, name, sealed+begunMark, l.Request.cookieAge(b.Now()))
	}
}

// answered makes the browser say from now on that it got the login's answer. The
// mark travels with the answer: when the one is lost, so is the other.
func (b *Broker) answered(w http.ResponseWriter, r *http.Request, l *Login) {
	name := loginCookie + string(l.Request.ID)
	if sealed, mark := cutMark(b.Jar.Get(r, name)); sealed != "" && mark != answeredMark {
		b.Jar.Set(w, name, sealed+answeredMark, l.Request.cookieAge(b.Now()))
	}
}

// load opens the login named by the path: the browser's sealed request, the
// relying party, and the row where it matters. ErrNoLogin when this browser does
// not hold it.
func (b *Broker) load(r *http.Request) (*Login, error) {
	id := LoginID(mux.Vars(r)["id"])
	sealed, mark := cutMark(b.Jar.Get(r, loginCookie+string(id)))
	if sealed == "" {
		return nil, ErrNoLogin
	}
	req, err := b.unseal(r.Context(), id, sealed)
	if err != nil {
		return nil, err
	}
	party, ok := b.Parties.Snapshot().Party(req.RelyingParty)
	if !ok {
		return nil, ErrNoLogin
	}
	l := &Login{Request: req, Party: party, browser: b.browserOf(r)}
	l.browser.answered = mark == answeredMark
	if chosen, ok := b.Pages.Chosen(r); ok {
		l.Language = string(chosen)
	}
	if !b.asks(r.Method, strings.TrimPrefix(r.URL.Path, req.path()), mark) {
		return l, nil
	}
	l.Row, err = b.Logins.Login(r.Context(), id)
	if err != nil && !errors.Is(err, ErrNoLogin) {
		return nil, err
	}
	return l, nil
}
