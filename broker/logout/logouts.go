package logout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"clave/broker"
	"clave/broker/registry"
	"clave/internal/onetime"
	"clave/keys"
	"clave/web/page"
	"clave/web/route"
)

// Lifetime is how long a logout may take. Our choice: a browser needs seconds, and who
// was stuck at a service comes back within minutes or not at all.
const Lifetime = 10 * time.Minute

// Broker owns the sessions; *broker.Broker implements it.
type Broker interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
	// CurrentSession is the live session of the browser; nil when there is none.
	CurrentSession(r *http.Request) (*broker.Session, error)
	// LogOut ends the browser's session, if it has one, and takes its cookie. also runs
	// in the same transaction, and may be repeated.
	LogOut(w http.ResponseWriter, r *http.Request, also func(ctx context.Context, s broker.Session) error) error
}

// Parties finds relying parties as they are registered now.
type Parties interface {
	Snapshot() *registry.Snapshot
}

// Config is what Logouts need. Every field is required.
type Config struct {
	Broker  Broker
	Store   Store
	Parties Parties
	Cookies *keys.Sealer // binds a logout to its browser
	Jar     broker.CookieJar
	Pages   *page.Engine
	Log     *slog.Logger
	Now     func() time.Time
}

// Logouts take browsers through logouts.
type Logouts struct {
	Config
	tellers map[string]Teller
	askers  map[string]Asker
	pages   pages
}

// New makes Logouts that know of nobody but our own pages. It panics when a template is
// broken, which is a mistake of ours.
func New(c Config) *Logouts {
	l := &Logouts{Config: c, tellers: map[string]Teller{}, askers: map[string]Asker{}, pages: parsePages(c.Pages)}
	l.AddAsker(ownPages{})
	return l
}

// AddTeller makes a front known whose services can be told. It is called before the
// first request.
func (l *Logouts) AddTeller(t Teller) { l.tellers[t.Name()] = t }

// AddAsker makes a front known that asks for logouts. It is called before the first
// request.
func (l *Logouts) AddAsker(a Asker) { l.askers[a.Name()] = a }

// Start logs the browser of r out, and answers r. r has to carry our cookies: what came
// by a form from elsewhere comes back by GET first. A browser without a session is
// answered at once, whoever asks: nothing is left to end. But one that got stuck on its
// way round goes on there.
func (l *Logouts) Start(w http.ResponseWriter, r *http.Request, after After) {
	if route.OnlyLooks(w, r) {
		return
	}
	s, err := l.Broker.CurrentSession(r)
	if err != nil {
		l.fail(w, r, err)
		return
	}
	if s == nil {
		l.resume(w, r, after)
		return
	}
	lo := Logout{ID: ID(onetime.NewID()), After: after, Asking: !after.Proven, Deadline: l.Now().Add(Lifetime)}
	if !lo.Asking {
		l.end(w, r, lo)
		return
	}
	if err := l.Store.SaveLogout(r.Context(), lo); err != nil {
		l.fail(w, r, err)
		return
	}
	l.bind(w, r, lo.ID)
	route.SeeOther(w, lo.ID.path())
}

// end ends the browser's session and goes on: to the first service that can be told, or
// back to who asked.
func (l *Logouts) end(w http.ResponseWriter, r *http.Request, lo Logout) {
	asked, ended := lo.Asking, false
	err := l.Broker.LogOut(w, r, func(ctx context.Context, s broker.Session) error {
		participants, err := l.Store.Participants(ctx, s.ID)
		if err != nil {
			return fmt.Errorf("reading who took part in session %s: %w", s.ID, err)
		}
		ended, lo.Asking, lo.Visits = true, false, l.visits(lo.After, participants)
		if !asked && !lo.left() {
			return nil // answered below, and nobody comes back
		}
		return l.Store.SaveLogout(ctx, lo)
	})
	switch {
	case err != nil:
		l.fail(w, r, fmt.Errorf("logging out: %w", err))
	case ended && !lo.left():
		l.answer(w, r, lo.After, lo.complete(), viaOf(r))
	case ended || asked:
		l.bind(w, r, lo.ID)
		route.SeeOther(w, lo.ID.path())
	default: // it ended this moment, elsewhere
		l.answer(w, r, lo.After, true, viaOf(r))
	}
}

// resume goes on with a logout of this browser in which somebody is still to be told,
// and answers at once where there is none. Who hangs at a service asks for the logout
// again, there or elsewhere: whoever asks last is answered.
func (l *Logouts) resume(w http.ResponseWriter, r *http.Request, after After) {
	for id := range l.Jar.Named(r, cookieName) {
		id, left := ID(id), false
		if !l.bound(r, id) {
			continue
		}
		err := l.Broker.Tx(r.Context(), func(ctx context.Context) error {
			lo, err := l.Store.Logout(ctx, id, l.Now())
			if left = err == nil && lo.goesOnFor(after); !left {
				return err
			}
			return l.Store.SaveLogout(ctx, lo)
		})
		switch {
		case errors.Is(err, ErrNoLogout):
		case err != nil:
			l.fail(w, r, fmt.Errorf("resuming a logout: %w", err))
			return
		case left:
			route.SeeOther(w, id.path())
			return
		}
	}
	l.answer(w, r, after, true, viaOf(r))
}

// visits are those who are to hear of a logout, all but the service that asks.
func (l *Logouts) visits(after After, participants []Participant) []Visit {
	var visits []Visit
	for _, p := range participants {
		if after.by(p) {
			continue
		}
		v := Visit{Participant: p}
		if l.teller(p) == nil {
			v.Result = Unreachable
		}
		visits = append(visits, v)
	}
	return visits
}

// teller is the front that can tell a service; nil when none can.
func (l *Logouts) teller(p Participant) Teller {
	if t := l.tellers[p.Front]; t != nil && t.Reaches(p) {
		return t
	}
	return nil
}

// Told takes the answer of a service, which the front has verified, and sends the
// browser on; it answers r, which need not carry our cookies. Only a service that was
// asked, and has not answered yet, is believed. Unreachable is for a front that finds out
// in Tell; results other than that and Confirmed count as Failed.
func (l *Logouts) Told(w http.ResponseWriter, r *http.Request, id ID, service string, result Result) {
	if result != Confirmed && result != Unreachable {
		result = Failed
	}
	err := l.Broker.Tx(r.Context(), func(ctx context.Context) error {
		lo, err := l.Store.Logout(ctx, id, l.Now())
		if err != nil || !lo.answered(service, result) {
			return err
		}
		return l.Store.SaveLogout(ctx, lo)
	})
	switch {
	case errors.Is(err, ErrNoLogout):
		l.showUnknown(w, r)
	case err != nil:
		l.fail(w, r, fmt.Errorf("taking the answer of a service: %w", err))
	default:
		route.SeeOther(w, id.path())
	}
}

// answer hands the browser to who asked.
func (l *Logouts) answer(w http.ResponseWriter, r *http.Request, after After, complete bool, via broker.Via) {
	asker := l.askers[after.Front]
	if asker == nil {
		l.fail(w, r, fmt.Errorf("answering a logout: front %q is not wired", after.Front))
		return
	}
	asker.LoggedOut(w, l.around(r, "", after), after.State, complete, via)
}

// viaOf is how a browser leaves from a request that began elsewhere or with our form.
func viaOf(r *http.Request) broker.Via {
	if r.Method == http.MethodPost {
		return broker.ByPage
	}
	return broker.ByRedirect
}
