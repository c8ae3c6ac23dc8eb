package providertest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/web/route"
)

// Subject is a provider in a world of its own, with at least two persons who can
// log in with it.
type Subject interface {
	// Broker is the one that the provider was wired to.
	Broker() *Broker
	// Method and Routes are the provider's own.
	Method() identity.Method
	Routes() []route.Route
	// Persons are those who can log in: at least two.
	Persons() []identity.PersonID
	// Begin takes the login as far as the question to the person, and returns the
	// answer that only the person has.
	Begin(t testing.TB, l *broker.Login, person identity.PersonID) (answer string)
	// Wrong is an answer that is wrong and looks like the right one.
	Wrong(answer string) string
	// Finish gives an answer. An error is one of the stores; that an answer was
	// refused is none.
	Finish(t testing.TB, l *broker.Login, answer string) error
	// Pass lets time pass.
	Pass(d time.Duration)
	// Lives is how long an answer is taken.
	Lives() time.Duration
}

// Run runs the suite; open makes a new world for each test.
func Run(t *testing.T, open func(t testing.TB) Subject) {
	t.Helper()
	tests := []struct {
		name string
		test func(t *testing.T, s Subject)
	}{
		{"all its pages are steps of a login, below the method's name", routes},
		{"the right answer proves the person, once, at most at the method's level", proves},
		{"a wrong answer proves nothing", wrong},
		{"an answer without a question proves nothing", unasked},
		{"the answer of another login of the same person is refused", otherLogin},
		{"another person's answer is refused", otherPerson},
		{"an answer that was used is refused, also in a login that began anew", replay},
		{"the question asked last counts, and only it", superseded},
		{"an answer that comes too late is refused", late},
		{"a login that has ended takes no evidence", ended},
		{"the same answer sent many times at once proves once", together},
		{"an answer is not used up when the broker cannot take the evidence", notSpent},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.test(t, open(t))
		})
	}
}

func routes(t *testing.T, s Subject) {
	root := "/login/{id}/" + string(s.Method())
	if len(s.Routes()) == 0 {
		t.Error("got no pages")
	}
	for _, rt := range s.Routes() {
		if rt.Path != root && !strings.HasPrefix(rt.Path, root+"/") {
			t.Errorf("got %s, want it at or below %s", rt.Path, root)
		}
		if rt.Access != route.Login {
			t.Errorf("%s %s: got access %q, want %q", rt.Method, rt.Path, rt.Access, route.Login)
		}
	}
}

func proves(t *testing.T, s Subject) {
	b, person := s.Broker(), s.Persons()[0]
	l := b.Open(Party())
	answer := s.Begin(t, l, person)
	if ev := b.Evidence(l); ev != nil {
		t.Fatalf("got evidence before the answer: %+v", *ev)
	}
	now := b.Now()
	finish(t, s, l, answer)
	ev := b.Evidence(l)
	if ev == nil {
		t.Fatal("got no evidence")
	}
	if ev.Method != s.Method() || ev.Person != person || !ev.At.Equal(now) || len(ev.Factors) == 0 {
		t.Errorf("got %+v, want %s for %s at %v with factors", *ev, s.Method(), person, now)
	}
	if best := broker.Best(s.Method(), identity.Advanced); ev.Level > best || ev.Level == identity.NoLevel {
		t.Errorf("got level %s, want one up to %s", ev.Level, best)
	}
}

func wrong(t *testing.T, s Subject) {
	l := s.Broker().Open(Party())
	answer := s.Begin(t, l, s.Persons()[0])
	finish(t, s, l, s.Wrong(answer))
	proven(t, s, l, false)
	finish(t, s, l, "")
	proven(t, s, l, false)
	finish(t, s, l, answer)
	proven(t, s, l, true)
}

func unasked(t *testing.T, s Subject) {
	b := s.Broker()
	asked, l := b.Open(Party()), b.Open(Party())
	answer := s.Begin(t, asked, s.Persons()[0])
	finish(t, s, l, answer)
	finish(t, s, l, "")
	proven(t, s, l, false)
}

func otherLogin(t *testing.T, s Subject) {
	b, person := s.Broker(), s.Persons()[0]
	one, two := b.Open(Party()), b.Open(Party())
	answer := s.Begin(t, one, person)
	if own := s.Begin(t, two, person); own == answer {
		answer = s.Wrong(own) // one in as many as there are answers
	}
	finish(t, s, two, answer)
	proven(t, s, two, false)
}

func otherPerson(t *testing.T, s Subject) {
	b := s.Broker()
	own, victim := b.Open(Party()), b.Open(Party())
	answer := s.Begin(t, own, s.Persons()[0])
	if theirs := s.Begin(t, victim, s.Persons()[1]); theirs == answer {
		answer = s.Wrong(theirs)
	}
	finish(t, s, victim, answer)
	proven(t, s, victim, false)
}

func replay(t *testing.T, s Subject) {
	b, person := s.Broker(), s.Persons()[0]
	l := b.Open(Party())
	answer := s.Begin(t, l, person)
	finish(t, s, l, answer)
	first := b.Evidence(l)
	s.Pass(time.Second)
	finish(t, s, l, answer)
	if again := b.Evidence(l); first == nil || again == nil || !again.At.Equal(first.At) {
		t.Errorf("got evidence %+v and then %+v, want the first to stay", first, again)
	}
	next := b.Open(Party())
	finish(t, s, next, answer)
	proven(t, s, next, false)
}

func superseded(t *testing.T, s Subject) {
	b, person := s.Broker(), s.Persons()[0]
	l := b.Open(Party())
	old := s.Begin(t, l, person)
	s.Pass(time.Minute)
	answer := s.Begin(t, l, person)
	if old != answer {
		finish(t, s, l, old)
		proven(t, s, l, false)
	}
	finish(t, s, l, answer)
	proven(t, s, l, true)
}

func late(t *testing.T, s Subject) {
	l := s.Broker().Open(Party())
	answer := s.Begin(t, l, s.Persons()[0])
	s.Pass(s.Lives())
	finish(t, s, l, answer)
	proven(t, s, l, false)
}

func ended(t *testing.T, s Subject) {
	b := s.Broker()
	l := b.Open(Party())
	answer := s.Begin(t, l, s.Persons()[0])
	err := b.Tx(t.Context(), func(ctx context.Context) error { return b.End(ctx, l, broker.Cancelled) })
	if err != nil {
		t.Fatal(err)
	}
	finish(t, s, l, answer)
	proven(t, s, l, false)
}

func together(t *testing.T, s Subject) {
	b := s.Broker()
	l := b.Open(Party())
	answer := s.Begin(t, l, s.Persons()[0])
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			if err := s.Finish(t, b.Again(l), answer); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	proven(t, s, l, true)
	s.Pass(time.Second)
	before := b.Evidence(l).At
	finish(t, s, l, answer)
	if after := b.Evidence(l).At; !after.Equal(before) {
		t.Errorf("got evidence of %v, want that of %v to stay", after, before)
	}
}

func notSpent(t *testing.T, s Subject) {
	b := s.Broker()
	l := b.Open(Party())
	answer := s.Begin(t, l, s.Persons()[0])
	down := errors.New("the database is down")
	b.SucceedFails = func() error { return down }
	if err := s.Finish(t, b.Again(l), answer); !errors.Is(err, down) {
		t.Errorf("got %v, want the broker's error", err)
	}
	proven(t, s, l, false)
	b.SucceedFails = nil
	finish(t, s, l, answer)
	proven(t, s, l, true)
}

func finish(t testing.TB, s Subject, l *broker.Login, answer string) {
	t.Helper()
	if err := s.Finish(t, s.Broker().Again(l), answer); err != nil {
		t.Fatalf("answering: %v", err)
	}
}

func proven(t testing.TB, s Subject, l *broker.Login, want bool) {
	t.Helper()
	if got := s.Broker().Evidence(l) != nil; got != want {
		t.Fatalf("got evidence: %v, want %v", got, want)
	}
}
