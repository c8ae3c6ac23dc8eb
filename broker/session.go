package broker

import (
	"slices"
	"time"

	"clave/identity"
)

// Lifetimes of a session. Source: our choice; login.gov ends a session after
// 15 minutes idle and 12 hours in all.
const (
	SessionIdle     = 60 * time.Minute
	SessionLifetime = 12 * time.Hour
)

// Session is what a browser proved and still counts. The browser holds a
// random token, which changes at every new proof; ID does not change, because
// relying parties know it.
type Session struct {
	ID        SessionID
	TokenHash []byte
	Person    identity.PersonID
	State     SessionState
	CreatedAt time.Time
	SeenAt    time.Time
	EndedAt   time.Time
}

// SessionState is the sealed part of a session.
type SessionState struct {
	// Evidence holds the newest proof by each method.
	Evidence []Evidence `json:"evidence"`
	// Informed are the relying parties that the citizen was told about.
	Informed []string `json:"informed,omitempty"`
	// Name is how pages greet the citizen.
	Name string `json:"name,omitempty"`
}

// Live tells whether the session counts at that time.
func (s *Session) Live(now time.Time) bool {
	return s != nil && s.EndedAt.IsZero() && now.Before(s.Deadline())
}

// Deadline is when the session ends unless it is used.
func (s *Session) Deadline() time.Time {
	idle, end := s.SeenAt.Add(SessionIdle), s.CreatedAt.Add(SessionLifetime)
	if idle.Before(end) {
		return idle
	}
	return end
}

// add keeps the newest proof by each method.
func (s *Session) add(ev Evidence) {
	s.State.Evidence = slices.DeleteFunc(slices.Clone(s.State.Evidence), func(old Evidence) bool { return old.Method == ev.Method })
	s.State.Evidence = append(s.State.Evidence, ev)
}

func (s *Session) informed(relyingParty string) bool {
	return slices.Contains(s.State.Informed, relyingParty)
}

func (s *Session) inform(relyingParty string) {
	if !s.informed(relyingParty) {
		s.State.Informed = append(slices.Clone(s.State.Informed), relyingParty)
	}
}
