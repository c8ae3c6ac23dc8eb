package logout

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"clave/broker"
)

// ID names a logout: random, in URLs.
type ID string

// Participant is a service that got a login of a session.
type Participant struct {
	Session broker.SessionID
	// Front speaks with the service, and Service is what it calls it: an entityID or a
	// provider name.
	Front, Service string
	RelyingParty   string // registry id, whose name pages show
	// Told is what the front needs to name the citizen and the session to the service.
	// It is personal, and sealed where it is stored.
	Told []byte
	At   time.Time
	// EndsAt is when the session ends at the latest: nobody asks who took part after
	// that. It is broker.Outcome.SessionEndsAt.
	EndsAt time.Time
}

// Result is how a service took the news.
type Result string

// Results.
const (
	Waiting     Result = ""            // not told yet
	Asked       Result = "asked"       // told, and has not answered
	Confirmed   Result = "confirmed"   // it answered that its session is over
	Failed      Result = "failed"      // it answered that it is not
	Unreachable Result = "unreachable" // it has no way to be told by the browser
)

// Visit is a participant and how it went.
type Visit struct {
	Participant
	Result Result
}

// After is who asked for a logout and what answers them.
type After struct {
	Front string // whose Asker is called
	// Service is the participant that asks, which need not be told; empty for none.
	Service string
	// RelyingParty is shown while the citizen is asked; empty for a page of ours.
	RelyingParty string
	// State is the front's own, opaque.
	State []byte
	// Proven tells that the service knows this very session, so that nobody is asked.
	Proven    bool
	Languages []string // for the pages
}

// by tells whether the service is the one that asks.
func (a After) by(p Participant) bool { return p.Front == a.Front && p.Service == a.Service }

// Logout is one on its way. It is kept sealed.
type Logout struct {
	ID    ID
	After After
	// Asking tells that the citizen has not said yet that the session is to end.
	Asking   bool
	Visits   []Visit
	Deadline time.Time
}

// path is the page of a logout.
func (id ID) path() string { return "/logout/" + string(id) }

// left tells whether somebody is still to be told.
func (lo *Logout) left() bool {
	return slices.ContainsFunc(lo.Visits, func(v Visit) bool { return v.Result == Waiting })
}

// complete tells whether every service confirmed.
func (lo *Logout) complete() bool {
	return !slices.ContainsFunc(lo.Visits, func(v Visit) bool { return v.Result != Confirmed })
}

// goesOnFor lets another who asks take over a logout that is not through: false when
// nobody is left to be told then.
func (lo *Logout) goesOnFor(after After) bool {
	lo.After = after
	lo.Visits = slices.DeleteFunc(lo.Visits, func(v Visit) bool { return after.by(v.Participant) })
	return lo.left()
}

// answered takes what a service says, and tells whether that counts: once, and only of
// one that was asked.
func (lo *Logout) answered(service string, result Result) bool {
	for i, v := range lo.Visits {
		if v.Service == service && v.Result == Asked {
			lo.Visits[i].Result = result
			return true
		}
	}
	return false
}

// ErrNoLogout is what a Store answers when there is none, or when its time is over.
var ErrNoLogout = errors.New("no such logout")

// Store keeps who takes part in sessions, and logouts on their way.
type Store interface {
	// AddParticipant remembers that a service got a login of a session, inside the
	// transaction that finishes the login. One that is known is replaced.
	AddParticipant(ctx context.Context, p Participant) error
	// Participants are those of a session, the first to log in first.
	Participants(ctx context.Context, session broker.SessionID) ([]Participant, error)
	// SaveLogout writes a logout, new or held.
	SaveLogout(ctx context.Context, l Logout) error
	// Logout reads one and, inside a transaction, holds it. ErrNoLogout when there is
	// none, or when its deadline has passed.
	Logout(ctx context.Context, id ID, now time.Time) (Logout, error)
}

// Teller is a front whose services can be told by the browser.
type Teller interface {
	Name() string
	// Reaches tells whether the service can be told now.
	Reaches(p Participant) bool
	// Tell sends the browser to the service, whose answer names the logout; the front
	// hands it to Told. It answers r.
	Tell(w http.ResponseWriter, r *http.Request, id ID, p Participant)
}

// Asker is a front that asks for logouts.
type Asker interface {
	Name() string
	// LoggedOut answers who asked. Complete is false when a service could not be told
	// or did not confirm, or when the citizen stays logged in.
	LoggedOut(w http.ResponseWriter, r *http.Request, state []byte, complete bool, via broker.Via)
}
