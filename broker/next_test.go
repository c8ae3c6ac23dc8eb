package broker

import (
	"testing"
	"time"

	"clave/broker/registry"
	"clave/identity"
)

func TestNext(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	minute := time.Minute
	ev := func(m identity.Method, l identity.Level, age time.Duration) Evidence {
		return Evidence{Method: m, Level: l, Person: "ana", At: now.Add(-age)}
	}
	session := func(evidence ...Evidence) *Session {
		return &Session{ID: "s", Person: "ana", CreatedAt: now.Add(-time.Hour / 2), IdleEndsAt: now.Add(time.Minute), EndsAt: now.Add(time.Hour), State: SessionState{Evidence: evidence}}
	}
	informed := func(s *Session) *Session { s.State.Informed = []string{"town"}; return s }
	ana := &Standing{Person: "ana", State: identity.Registered, Registration: identity.Advanced}
	basic := &Standing{Person: "ana", State: identity.Registered, Registration: identity.Basic}
	pinOnly := []identity.Method{identity.PIN}
	two := []identity.Method{identity.PIN, identity.Certificate}
	old := session(ev(identity.PIN, identity.Substantial, time.Hour/4))

	for _, tc := range []struct {
		name      string
		situation Situation
		want      Step
	}{
		{"one method left is started at once", Situation{Demand: Demand{Methods: pinOnly}}, Step{Kind: Start, Method: identity.PIN}},
		{"several are offered", Situation{Demand: Demand{Methods: two}}, Step{Kind: Choose}},
		{"no method reaches the level", Situation{Demand: Demand{Level: identity.High, Methods: pinOnly}}, Step{Kind: Refuse, Reason: LevelUnmet}},
		{"a session of somebody informed finishes", Situation{Session: informed(session(ev(identity.PIN, identity.Substantial, 0))), Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Finish}},
		{"the first release to a service informs", Situation{Session: old, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Inform}},
		{"a silent service does not", Situation{Session: old, Standing: ana, Demand: Demand{Methods: pinOnly, SSO: registry.SSOSilent}}, Step{Kind: Finish}},
		{"a service that never takes sessions", Situation{Session: old, Standing: ana, Demand: Demand{Methods: pinOnly, SSO: registry.SSONever}}, Step{Kind: Start, Method: identity.PIN}},
		{"prompt=login wants a fresh proof", Situation{Request: Request{Fresh: true}, Session: old, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Start, Method: identity.PIN}},
		{"prompt=consent informs again", Situation{Request: Request{Ask: true}, Session: informed(session(ev(identity.PIN, identity.Substantial, 0))), Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Inform}},
		{"a proof older than max_age does not count", Situation{Request: Request{MaxAge: &minute}, Session: old, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Start, Method: identity.PIN}},
		{"a proof younger than max_age counts", Situation{Request: Request{MaxAge: &minute}, Session: informed(session(ev(identity.PIN, identity.Substantial, time.Second))), Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Finish}},
		{"step-up: a session below the level asks for more", Situation{Session: old, Standing: ana, Demand: Demand{Level: identity.High, Methods: two}}, Step{Kind: Start, Method: identity.Certificate}},
		{"a registration that sank since the proof counts as it is now", Situation{Session: old, Standing: basic, Demand: Demand{Level: identity.Substantial, Methods: two}}, Step{Kind: Choose}},
		{"prompt=none without a session", Situation{Request: Request{Passive: true}, Demand: Demand{Methods: pinOnly}}, Step{Kind: Refuse, Reason: LoginRequired}},
		{"prompt=none with too low a session", Situation{Request: Request{Passive: true}, Session: old, Standing: ana, Demand: Demand{Level: identity.High, Methods: two}}, Step{Kind: Refuse, Reason: LoginRequired}},
		{"prompt=none where informing is due", Situation{Request: Request{Passive: true}, Session: old, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Refuse, Reason: InteractionRequired}},
		{"prompt=none, informed before", Situation{Request: Request{Passive: true}, Session: informed(session(ev(identity.PIN, identity.Substantial, 0))), Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Finish}},
		{"prompt=none for another subject", Situation{Request: Request{Passive: true, Subject: "other"}, Session: old, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Refuse, Reason: LoginRequired}},
		{"another subject proves anew", Situation{Request: Request{Subject: "other"}, Session: old, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Start, Method: identity.PIN}},
		{"the deceased have no session", Situation{Session: old, Standing: &Standing{Person: "ana", State: identity.Deceased}, Demand: Demand{Methods: pinOnly}}, Step{Kind: Start, Method: identity.PIN}},
		{"an idle session is none", Situation{Session: &Session{Person: "ana", IdleEndsAt: now, EndsAt: now.Add(time.Hour), State: old.State}, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Start, Method: identity.PIN}},
		{"a refused login stays refused", Situation{Row: Row{Reason: TooManyTries, FinishedAt: now}, Session: old, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Refuse, Reason: TooManyTries}},
		{"the answer is given again within the window", Situation{Row: Row{FinishedAt: now.Add(-59 * time.Second)}, Demand: Demand{Methods: pinOnly}}, Step{Kind: Answer}},
		{"and not after it", Situation{Row: Row{FinishedAt: now.Add(-RepeatWindow)}, Demand: Demand{Methods: pinOnly}}, Step{Kind: Over}},
		{"an expired login", Situation{Request: Request{Deadline: now}, Session: old, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Refuse, Reason: Expired}},
		{"a login in its last second goes on", Situation{Request: Request{Deadline: now.Add(time.Second)}, Demand: Demand{Methods: pinOnly}}, Step{Kind: Start, Method: identity.PIN}},
		{"a login whose session was logged out ends", Situation{Row: Row{State: RowState{Evidence: &old.State.Evidence[0]}}, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Refuse, Reason: SessionGone}},
		{"its own proof for the wrong subject ends it", Situation{Request: Request{Subject: "other"}, Row: Row{State: RowState{Evidence: &old.State.Evidence[0]}}, Session: old, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Refuse, Reason: OtherSubject}},
		{"no hands: the hinted citizen, whoever has a session", Situation{NoHands: true, Session: old, Standing: ana, Demand: Demand{Methods: pinOnly}}, Step{Kind: Handsfree}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := tc.situation
			s.Now, s.Subject = now, "sub-of-ana"
			s.Request.RelyingParty = "town"
			if s.Request.Deadline.IsZero() {
				s.Request.Deadline = now.Add(time.Minute)
			}
			if s.Demand.Level == identity.NoLevel {
				s.Demand.Level = identity.Low
			}
			got := Next(s)
			if got.Kind != tc.want.Kind || got.Reason != tc.want.Reason || got.Method != tc.want.Method {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestTheStrongestProofOfASessionIsUsed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	s := &Session{Person: "ana", IdleEndsAt: now.Add(time.Minute), EndsAt: now.Add(time.Hour)}
	s.add(Evidence{Method: identity.Certificate, Level: identity.High, Person: "ana", At: now})
	s.add(Evidence{Method: identity.PIN, Level: identity.Substantial, Person: "ana", At: now})
	got := Next(Situation{
		Request: Request{Deadline: now.Add(time.Minute)}, Now: now, Session: s,
		Standing: &Standing{Person: "ana", State: identity.Registered, Registration: identity.Advanced},
		Demand:   Demand{Level: identity.Low, Methods: identity.Methods(), SSO: registry.SSOSilent},
	})
	if got.Kind != Finish || got.Evidence.Method != identity.Certificate {
		t.Errorf("got %+v, want to finish with the certificate", got)
	}
}
