package broker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"clave/broker/registry"
	"clave/identity"
)

// Citizen is who is logged in, as our own pages see them.
type Citizen struct {
	Session  Session
	Standing Standing
	// Evidence is the best that the session holds for what the page demands, and
	// Level what it reaches.
	Evidence Evidence
	Level    identity.Level
}

type citizenKey struct{}

// WithCitizen puts the citizen into the context of a page of ours.
func WithCitizen(ctx context.Context, c *Citizen) context.Context {
	return context.WithValue(ctx, citizenKey{}, c)
}

// CitizenFrom gives the citizen that the guard of a route.Citizen route put into
// the context. It panics outside such a route, which is a mistake of ours.
func CitizenFrom(ctx context.Context) *Citizen { return ctx.Value(citizenKey{}).(*Citizen) }

// seenEvery is how often the use of our own pages is noted in the session: the hour
// that a session lasts unused need not be counted by the second.
const seenEvery = time.Minute

// LoggedIn gives the citizen whose session satisfies a request for our own pages by
// itself, or nil: then Open lets them log in. Being here counts as use of the
// session.
func (b *Broker) LoggedIn(r *http.Request, req Request) (*Citizen, error) {
	ctx := r.Context()
	session, err := b.CurrentSession(r)
	if err != nil || session == nil {
		return nil, err
	}
	st, err := b.Register.Standing(ctx, session.Person)
	if errors.Is(err, ErrNoPerson) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the standing of a session: %w", err)
	}
	s := Situation{Request: req, Demand: DemandOf(registry.Own(), req, b.Installed), Session: session, Standing: &st, Now: b.Now()}
	ev, _ := s.evidence()
	if ev == nil {
		return nil, nil
	}
	if s.Now.Sub(session.SeenAt) >= seenEvery {
		if err := b.used(ctx, session); err != nil {
			return nil, err
		}
	}
	return &Citizen{Session: *session, Standing: st, Evidence: *ev, Level: s.reached(*ev)}, nil
}

// used notes that the session is being used.
func (b *Broker) used(ctx context.Context, session *Session) error {
	return b.Tx(ctx, func(ctx context.Context) error {
		held, err := b.Sessions.Session(ctx, session.TokenHash)
		if errors.Is(err, ErrNoSession) || err == nil && !held.Live(b.Now()) {
			return nil // it ended this moment; the next page will say so
		}
		if err != nil {
			return fmt.Errorf("noting the use of session %s: %w", session.ID, err)
		}
		held.seen(b.Now(), b.Lifetimes)
		*session = held
		return b.Sessions.SaveSession(ctx, held)
	})
}

// LiveSessions gives the sessions of a person that still count, the last used first.
func (b *Broker) LiveSessions(ctx context.Context, person identity.PersonID) ([]Session, error) {
	all, err := b.Sessions.SessionsOf(ctx, person)
	return slices.DeleteFunc(all, func(s Session) bool { return !s.Live(b.Now()) }), err
}

// EndSessions ends those sessions of a person that which picks, with all that
// depends on them; why goes into the audit trail.
func (b *Broker) EndSessions(ctx context.Context, person identity.PersonID, why string, which func(SessionID) bool) error {
	return b.Tx(ctx, func(ctx context.Context) error {
		live, err := b.LiveSessions(ctx, person)
		if err != nil {
			return err
		}
		for _, s := range live {
			if !which(s.ID) {
				continue
			}
			if err := b.endSession(ctx, s, why); err != nil {
				return err
			}
		}
		return nil
	})
}
