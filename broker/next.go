package broker

import (
	"time"

	"clave/broker/registry"
	"clave/identity"
)

// Situation is all that the next step depends on.
type Situation struct {
	Request Request
	Demand  Demand
	Row     Row
	// Session of the browser and the standing of its person; nil without one.
	Session  *Session
	Standing *Standing
	// Subject is the pairwise subject of Standing's person at this relying party.
	Subject string
	// NoHands: the sandbox logs a test citizen in without pages.
	NoHands bool
	Now     time.Time
}

// StepKind is what comes next in a login.
type StepKind int

// The steps. The zero value refuses.
const (
	Refuse    StepKind = iota // end with Reason
	Answer                    // the answer is made: send the browser there
	Over                      // the answer was made and given: nothing more to do here
	Start                     // begin Method
	Choose                    // let the citizen choose among Methods
	Inform                    // tell what is released, then finish with Evidence
	Finish                    // make the answer from Evidence
	Handsfree                 // let the sandbox log its test citizen in
)

// Step is the next step of a login.
type Step struct {
	Kind     StepKind
	Reason   Reason
	Method   identity.Method
	Methods  []identity.Method
	Evidence Evidence
}

// Next decides the next step. It is the only decision about the course of a
// login, and pure.
func Next(s Situation) Step {
	switch {
	case s.Row.Reason != "":
		return Step{Kind: Refuse, Reason: s.Row.Reason}
	case s.Row.Finished() && s.Now.Sub(s.Row.FinishedAt) < RepeatWindow:
		return Step{Kind: Answer}
	case s.Row.Finished():
		return Step{Kind: Over}
	case !s.Now.Before(s.Request.Deadline):
		return Step{Kind: Refuse, Reason: Expired}
	}
	ev, why := s.evidence()
	if why != "" {
		return Step{Kind: Refuse, Reason: why}
	}
	if ev != nil {
		return s.release(*ev)
	}
	if s.Request.Passive {
		return Step{Kind: Refuse, Reason: LoginRequired}
	}
	offers := s.Demand.Offers()
	switch {
	case len(offers) == 0:
		return Step{Kind: Refuse, Reason: LevelUnmet}
	case s.NoHands:
		return Step{Kind: Handsfree, Methods: offers}
	case len(offers) == 1:
		return Step{Kind: Start, Method: offers[0]}
	}
	return Step{Kind: Choose, Methods: offers}
}

// evidence picks what this login can rest on: what was proven for it, else the
// best that the session holds. A reason ends the login; neither means that
// something has to be proven first.
func (s Situation) evidence() (*Evidence, Reason) {
	own := s.Row.State.Evidence
	if own != nil {
		if s.Standing == nil || !s.Session.Live(s.Now) || s.Session.Person != own.Person {
			return nil, SessionGone
		}
		if s.Request.Subject != "" && s.Subject != s.Request.Subject {
			return nil, OtherSubject
		}
		if why := s.Demand.Meets(*own, *s.Standing); why != "" {
			return nil, why
		}
		return own, ""
	}
	if !s.Session.Live(s.Now) || s.Standing == nil || s.Request.Fresh || !s.Demand.SSO.Reuses() {
		return nil, ""
	}
	if s.NoHands && !s.Request.Passive {
		return nil, "" // the hint names who is to log in, whoever is here
	}
	if s.Request.Subject != "" && s.Subject != s.Request.Subject {
		return nil, ""
	}
	var best *Evidence
	for _, ev := range s.Session.State.Evidence {
		if s.Request.MaxAge != nil && s.Now.Sub(ev.At) > *s.Request.MaxAge {
			continue
		}
		if s.Demand.Meets(ev, *s.Standing) != "" {
			continue
		}
		if best == nil || s.reached(ev) > s.reached(*best) {
			best = &ev
		}
	}
	return best, ""
}

func (s Situation) reached(ev Evidence) identity.Level { return Reached(ev, s.Standing.Registration) }

// release finishes, or informs first where that is due.
func (s Situation) release(ev Evidence) Step {
	known := s.Demand.SSO == registry.SSOSilent || s.Demand.SSO == registry.SSOApart || s.Session != nil && s.Session.informed(s.Request.RelyingParty)
	switch {
	case s.NoHands, known && !s.Request.Ask:
		return Step{Kind: Finish, Evidence: ev}
	case s.Request.Passive:
		return Step{Kind: Refuse, Reason: InteractionRequired}
	}
	return Step{Kind: Inform, Evidence: ev}
}
