package broker

import (
	"slices"
	"time"

	"clave/identity"
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
	// IdleEndsAt is when the session ends unless it is used before, and EndsAt when
	// it ends however much it is used. The zero values have ended.
	IdleEndsAt time.Time
	EndsAt     time.Time
	EndedAt    time.Time // when it was ended; zero while it was not
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
	if s.IdleEndsAt.Before(s.EndsAt) {
		return s.IdleEndsAt
	}
	return s.EndsAt
}

// begin makes a session of a person.
func begin(id SessionID, person identity.PersonID, now time.Time, last Lifetimes) *Session {
	s := &Session{ID: id, Person: person, CreatedAt: now, EndsAt: now.Add(last.Session)}
	s.seen(now, last)
	return s
}

// seen says that the session is being used.
func (s *Session) seen(now time.Time, last Lifetimes) {
	s.SeenAt, s.IdleEndsAt = now, now.Add(last.SessionIdle)
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
