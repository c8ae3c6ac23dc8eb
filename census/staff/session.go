package staff

import (
	"context"
	"time"

	"clave/identity"
)

// Lifetimes of a session at the console. Source: 15 minutes is what login.gov gives
// a session that nobody uses; a working day in all is our choice.
const (
	Idle    = 15 * time.Minute
	Longest = 10 * time.Hour
)

// Session is a member's work at the console in one browser, from a login by
// certificate on. It has nothing to do with the sessions of citizens.
type Session struct {
	ID string
	// TokenHash is the hash of what the browser holds.
	TokenHash []byte
	Person    identity.PersonID
	// Office is where the member acts; empty until one is chosen, and for roles that
	// work at none.
	Office string
	// Login is the login by certificate that it began with.
	Login string
	// Training: the member practises on synthetic citizens, and nothing is sent.
	Training bool
	// Started is when it began, Seen when it was used last, Ended when it was ended;
	// zero while it was not.
	Started, Seen, Ended time.Time
}

// Live tells whether the session counts at that time.
func (s Session) Live(now time.Time) bool {
	return s.ID != "" && s.Ended.IsZero() && now.Before(s.Deadline())
}

// Deadline is when the session ends unless it is used.
func (s Session) Deadline() time.Time {
	idle, last := s.Seen.Add(Idle), s.Started.Add(Longest)
	if idle.Before(last) {
		return idle
	}
	return last
}

// Signed is a member at work: who, and in which session. Session.Office is where.
type Signed struct {
	Member  Member
	Session Session
}

type signedKey struct{}

// With puts who is at work into the context of a page.
func With(ctx context.Context, s *Signed) context.Context {
	return context.WithValue(ctx, signedKey{}, s)
}

// From gives who the guard of a route.Officer route put into the context. It panics
// outside such a route, which is a mistake of ours.
func From(ctx context.Context) *Signed { return ctx.Value(signedKey{}).(*Signed) }
