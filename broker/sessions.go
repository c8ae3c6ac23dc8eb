package broker

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"clave/audit"
	"clave/internal/onetime"
	"clave/web/page"
)

func (b *Broker) browserOf(r *http.Request) browser {
	return browser{token: b.Jar.Get(r, sessionCookie), form: r.Method == http.MethodPost}
}

// sessionOf finds the live session of a token; nil when there is none.
func (b *Broker) sessionOf(ctx context.Context, token string) (*Session, error) {
	if token == "" {
		return nil, nil
	}
	s, err := b.Sessions.Session(ctx, onetime.Hash(token))
	if errors.Is(err, ErrNoSession) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the session: %w", err)
	}
	if !s.Live(b.Now()) {
		return nil, nil
	}
	return &s, nil
}

// ownSession is the session that the login goes on with: the browser's, or the
// one that the login's own proof made and the browser has not got yet.
func (b *Broker) ownSession(ctx context.Context, l *Login) (*Session, error) {
	s, err := b.sessionOf(ctx, l.browser.token)
	if err != nil || l.Row.Session == "" || s != nil && s.ID == l.Row.Session {
		return s, err
	}
	return b.sessionOf(ctx, l.Row.State.SessionToken)
}

type sessionKey struct{}

// CurrentSession is the live session of the browser; nil when there is none. On a
// page it is the one that the page's frame was made from.
func (b *Broker) CurrentSession(r *http.Request) (*Session, error) {
	if s, ok := r.Context().Value(sessionKey{}).(*Session); ok {
		if !s.EndedAt.IsZero() { // by this very request
			return nil, nil
		}
		return s, nil
	}
	return b.sessionOf(r.Context(), b.browserOf(r).token)
}

// giveSession sets the browser's session cookie to the token that its proof
// made.
func (b *Broker) giveSession(w http.ResponseWriter, l *Login) {
	if l.Row.State.SessionToken != "" {
		b.Jar.Set(w, sessionCookie, l.Row.State.SessionToken, 0)
	}
}

// endSession ends a session and all that depends on it, inside a transaction.
func (b *Broker) endSession(ctx context.Context, s Session, why string) error {
	s.EndedAt = b.Now()
	if err := b.Sessions.SaveSession(ctx, s); err != nil {
		return fmt.Errorf("ending session %s: %w", s.ID, err)
	}
	for _, f := range b.fronts {
		if e, ok := f.(SessionEnder); ok {
			if err := e.EndSession(ctx, s.ID); err != nil {
				return fmt.Errorf("ending session %s at front %s: %w", s.ID, f.Name(), err)
			}
		}
	}
	return b.Trail.Record(ctx, audit.Event{
		Actor: audit.Citizen, Person: s.Person, Data: audit.SessionEnded{Session: string(s.ID), Reason: why},
	})
}

// LogOut ends the browser's session, if it has one, and takes its cookie. also runs in
// the same transaction, with the session as it was, and may be repeated; it may be nil.
func (b *Broker) LogOut(w http.ResponseWriter, r *http.Request, also func(ctx context.Context, s Session) error) error {
	token := b.browserOf(r).token
	if token == "" {
		return nil
	}
	b.Jar.Drop(w, sessionCookie)
	err := b.Tx(r.Context(), func(ctx context.Context) error {
		s, err := b.sessionOf(ctx, token)
		if err != nil || s == nil {
			return err
		}
		if also != nil {
			if err := also(ctx, *s); err != nil {
				return err
			}
		}
		return b.endSession(ctx, *s, "logout")
	})
	if s, ok := r.Context().Value(sessionKey{}).(*Session); ok && err == nil {
		s.EndedAt = b.Now()
	}
	return err
}

// stay keeps the session open because the citizen asked for it.
func (b *Broker) stay(w http.ResponseWriter, r *http.Request) {
	ends := b.Now()
	err := b.Tx(r.Context(), func(ctx context.Context) error {
		s, err := b.sessionOf(ctx, b.browserOf(r).token)
		if err != nil || s == nil {
			return err
		}
		s.seen(b.Now(), b.Lifetimes)
		ends = s.Deadline()
		return b.Sessions.SaveSession(ctx, *s)
	})
	if err != nil {
		b.fail(w, r, err)
		return
	}
	b.Pages.Extended(w, r, ends)
}

// other lets another person log in: the browser's session ends first.
func (b *Broker) other(w http.ResponseWriter, r *http.Request) {
	l := From(r.Context())
	err := b.LogOut(w, r, nil)
	if err == nil && l.Row.State.Evidence != nil {
		// Somebody proved who they are for this login: it is theirs and ends.
		err = b.Tx(r.Context(), func(ctx context.Context) error { return b.End(ctx, l, Cancelled) })
	}
	if err != nil {
		b.fail(w, r, err)
		return
	}
	b.Return(w, r, l)
}

// Around puts who is logged in, and the service whose login waits, into the frame
// of every page.
func (b *Broker) Around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, around := r.Context(), page.From(r.Context())
		// A session that cannot be read is shown as none: the step itself will say
		// what is wrong.
		if s, err := b.CurrentSession(r); err == nil && s != nil {
			ctx = context.WithValue(ctx, sessionKey{}, s)
			around.Account, around.LogOut = s.State.Name, "/logout"
			around.SessionEnds, around.Stay = s.Deadline(), "/session/stay"
		}
		if around = b.waiting(r, around); around.Account != "" || around.Waiting != "" {
			ctx = page.With(ctx, around)
		}
		if ctx != r.Context() {
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}

// around puts the service that waits and the login's deadline into the frame.
func (b *Broker) around(ctx context.Context, r *http.Request, l *Login) context.Context {
	around, path := page.From(ctx), l.Request.path()
	around.Locales, around.LoginID = l.Request.Languages, string(l.Request.ID)
	around.Service = b.serviceName(l.Request, l.Party).In(string(b.Pages.LanguageFor(r, around.LoginID, around.Locales)))
	around.Here = path
	if r.Method == http.MethodGet {
		around.Here = r.URL.Path
	}
	if l.Row.Reason == "" && !l.Row.Finished() {
		around.Cancel = path + "/leave"
		around.LoginEnds, around.Extend = l.Request.Deadline, path+"/extend"
	}
	return page.With(ctx, around)
}
