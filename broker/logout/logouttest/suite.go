package logouttest

import (
	"errors"
	"testing"
	"time"

	"clave/broker"
	"clave/broker/logout"

	"github.com/google/go-cmp/cmp"
)

// At is the time of the suite.
func At() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }

// Sample is a service that got a login of a session that many minutes after At.
func Sample(session broker.SessionID, service string, minutes time.Duration) logout.Participant {
	return logout.Participant{
		Session: session, Front: "fake", Service: service, RelyingParty: "party-" + service,
		Told: []byte("what " + service + " knows"), At: At().Add(minutes * time.Minute), EndsAt: At().Add(12 * time.Hour),
	}
}

// Suite is what every store passes.
func Suite(t *testing.T, newStore func(t *testing.T) logout.Store) {
	for name, test := range map[string]func(t *testing.T, s logout.Store){
		"services come in the order of their logins, the newest of each": participants,
		"a logout is found until its deadline, as it was written last":   logouts,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newStore(t))
		})
	}
}

func participants(t *testing.T, s logout.Store) {
	ctx := t.Context()
	again := Sample("session-1", "a", 3)
	again.RelyingParty, again.Told, again.EndsAt = "renamed", []byte{0, 255}, At().Add(13*time.Hour)
	otherFront := Sample("session-1", "a", 4)
	otherFront.Front = "other"
	silent := Sample("session-1", "b", 2)
	silent.Told = nil
	for _, p := range []logout.Participant{Sample("session-1", "a", 1), silent, Sample("session-2", "a", 1), again, otherFront} {
		if err := s.AddParticipant(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	for session, want := range map[broker.SessionID][]logout.Participant{
		"session-1": {silent, again, otherFront}, "session-2": {Sample("session-2", "a", 1)}, "session-3": nil,
	} {
		got, err := s.Participants(ctx, session)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", session, err, diff)
		}
	}
}

func logouts(t *testing.T, s logout.Store) {
	ctx := t.Context()
	lo := logout.Logout{
		ID: "logout-1", Asking: true, Deadline: At().Add(logout.Lifetime),
		After: logout.After{Front: "fake", Service: "a", RelyingParty: "party-a", State: []byte{1, 0, 2}, Languages: []string{"eu"}},
	}
	find := func(id logout.ID, now time.Time, want logout.Logout, wrong error) {
		t.Helper()
		got, err := s.Logout(ctx, id, now)
		if diff := cmp.Diff(want, got); !errors.Is(err, wrong) || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}
	find("logout-1", At(), logout.Logout{}, logout.ErrNoLogout)
	if err := s.SaveLogout(ctx, lo); err != nil {
		t.Fatal(err)
	}
	find("logout-1", At(), lo, nil)
	lo.Asking, lo.Deadline = false, lo.Deadline.Add(time.Minute)
	lo.Visits = []logout.Visit{{Participant: Sample("session-1", "b", 0), Result: logout.Asked}, {Participant: Sample("session-1", "c", 1)}}
	if err := s.SaveLogout(ctx, lo); err != nil {
		t.Fatal(err)
	}
	find("logout-1", At().Add(logout.Lifetime), lo, nil)
	find("logout-1", lo.Deadline, logout.Logout{}, logout.ErrNoLogout)
	find("logout-2", At(), logout.Logout{}, logout.ErrNoLogout)
}
