package pintest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/onetime"
	"clave/internal/tally"
	"clave/providers/pin"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Suite is what every store of the method passes. All tests share the stores.
func Suite(t *testing.T, s Stores) {
	tests := []struct {
		name string
		test func(t *testing.T, s Stores)
	}{
		{"nothing is counted of whom nothing was counted", unknownTally},
		{"a tally comes back as it was kept", keptTally},
		{"subjects and kinds are counted apart", tallyApart},
		{"a tally that is held is counted by one at a time", heldTally},
		{"a login without challenge has the zero one", unknownChallenge},
		{"who sends first gets an empty challenge", emptyChallenge},
		{"a challenge comes back as it was kept", keptChallenge},
		{"a challenge that is spent stays as it is", spentChallenge},
		{"an app is shown what its person may enter", shownChallenges},
		{"what holds to send or to try comes with the counts", heldCounts},
		{"tries in two logins of a person are looked at one after the other", heldAcross},
		{"a transaction that fails leaves nothing", rolledBack},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.test(t, s) })
	}
}

var dawn = time.Date(2026, 11, 21, 6, 0, 0, 123000, time.UTC)

func subject(kind tally.Kind) tally.Subject { return tally.Subject{Kind: kind, Value: onetime.NewID()} }

func phone() identity.Phone {
	p, err := identity.ParseE164("+34600000099")
	if err != nil {
		panic(err)
	}
	return p
}

func (s Stores) tx(t *testing.T, fn func(ctx context.Context) error) {
	t.Helper()
	if err := s.Tx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func (s Stores) same(t *testing.T, of tally.Subject, want tally.Tally) {
	t.Helper()
	got, err := s.Tallies.Tally(t.Context(), of)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%v, want less got:\n%s", err, diff)
	}
}

func (s Stores) sameChallenge(t *testing.T, want pin.Challenge) {
	t.Helper()
	got, err := s.Challenges.Challenge(t.Context(), want.Login)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%v, want less got:\n%s", err, diff)
	}
}

func unknownTally(t *testing.T, s Stores) {
	of := subject(tally.WrongPairs)
	s.same(t, of, tally.Tally{})
	s.tx(t, func(ctx context.Context) error {
		got, err := s.Tallies.HoldTally(ctx, of)
		if len(got.Times) != 0 || !got.LockedUntil.IsZero() {
			t.Errorf("got %+v, want nothing", got)
		}
		return err
	})
	s.same(t, of, tally.Tally{})
}

func (s Stores) keep(t *testing.T, of tally.Subject, tally tally.Tally) {
	t.Helper()
	s.tx(t, func(ctx context.Context) error {
		if _, err := s.Tallies.HoldTally(ctx, of); err != nil {
			return err
		}
		return s.Tallies.KeepTally(ctx, of, tally)
	})
}

func keptTally(t *testing.T, s Stores) {
	of := subject(tally.WrongPINs)
	full := tally.Tally{Times: []time.Time{dawn, dawn.Add(time.Microsecond), dawn.Add(time.Hour)}, LockedUntil: dawn.Add(2 * time.Hour)}
	s.keep(t, of, full)
	s.same(t, of, full)
	endless := tally.Tally{Times: []time.Time{dawn}, LockedUntil: tally.Indefinitely()}
	s.keep(t, of, endless)
	s.same(t, of, endless)
	// What unlocking leaves: nothing counted, and all that was sent before is void.
	voiding := tally.Tally{LockedUntil: dawn.Add(time.Hour)}
	s.keep(t, of, voiding)
	s.same(t, of, voiding)
	s.keep(t, of, tally.Tally{})
	s.same(t, of, tally.Tally{})
	fresh := subject(tally.WrongPINs)
	s.keep(t, fresh, voiding)
	s.same(t, fresh, voiding)
}

func tallyApart(t *testing.T, s Stores) {
	one, two := subject(tally.WrongPairs), subject(tally.WrongPairs)
	sms := tally.Subject{Kind: tally.SentSMS, Value: one.Value}
	s.keep(t, one, tally.Tally{Times: []time.Time{dawn}})
	s.same(t, two, tally.Tally{})
	s.same(t, sms, tally.Tally{})
}

func heldTally(t *testing.T, s Stores) {
	of := subject(tally.WrongPairs)
	const many = 20
	var group sync.WaitGroup
	for range many {
		group.Go(func() {
			s.tx(t, func(ctx context.Context) error {
				tally, err := s.Tallies.HoldTally(ctx, of)
				if err != nil {
					return err
				}
				tally.Times = append(tally.Times, dawn)
				return s.Tallies.KeepTally(ctx, of, tally)
			})
		})
	}
	group.Wait()
	if got, err := s.Tallies.Tally(t.Context(), of); err != nil || len(got.Times) != many {
		t.Errorf("got %d, %v; want %d", len(got.Times), err, many)
	}
}

func unknownChallenge(t *testing.T, s Stores) {
	login := broker.LoginID(onetime.NewID())
	if got, err := s.Challenges.Challenge(t.Context(), login); err != nil || got.Login != "" {
		t.Errorf("got %+v, %v; want nothing", got, err)
	}
	s.tx(t, func(ctx context.Context) error {
		held, err := s.Challenges.HoldToTry(ctx, login)
		if held.Challenge.Login != "" {
			t.Errorf("got %+v, want nothing", held)
		}
		return err
	})
}

func emptyChallenge(t *testing.T, s Stores) {
	login := broker.LoginID(onetime.NewID())
	s.tx(t, func(ctx context.Context) error {
		held, err := s.Challenges.HoldToSend(ctx, login, "somebody", phone())
		if held.Challenge.Login != login || held.Challenge.Sends != 0 || held.Challenge.Secret != nil {
			t.Errorf("got %+v, want an empty one", held.Challenge)
		}
		return err
	})
	if got, err := s.Challenges.Challenge(t.Context(), login); err != nil || got.Login != "" {
		t.Errorf("got %+v, %v; want nothing kept", got, err)
	}
}

func sentChallenge() pin.Challenge {
	return pin.Challenge{
		Login: broker.LoginID(onetime.NewID()), Person: identity.PersonID(onetime.NewID()), Secret: []byte{1, 2, 3},
		Half: "AB12", Last3: "099", Sends: 2, Wrong: 1, SentAt: dawn, ExpiresAt: dawn.Add(10 * time.Minute),
	}
}

func (s Stores) keepChallenge(t *testing.T, c pin.Challenge) {
	t.Helper()
	s.tx(t, func(ctx context.Context) error {
		if _, err := s.Challenges.HoldToSend(ctx, c.Login, c.Person, phone()); err != nil {
			return err
		}
		return s.Challenges.KeepChallenge(ctx, c)
	})
}

func keptChallenge(t *testing.T, s Stores) {
	c := sentChallenge()
	s.keepChallenge(t, c)
	s.sameChallenge(t, c)
	c.Person, c.Half, c.Secret, c.Sends = "another", "ZZZZ", []byte{9}, 3
	s.keepChallenge(t, c)
	s.sameChallenge(t, c)
	c.Secret, c.Half, c.Last3, c.Wrong = nil, "", "", 2
	s.keepChallenge(t, c)
	s.sameChallenge(t, c)
}

func shownChallenges(t *testing.T, s Stores) {
	person := identity.PersonID(onetime.NewID())
	inApp := func(age time.Duration) pin.Challenge {
		c := sentChallenge()
		c.Person, c.SentAt, c.ExpiresAt = person, dawn.Add(-age), dawn.Add(10*time.Minute-age)
		c.Way, c.Shown = pin.ByApp, pin.Shown{PIN: "K7M", Party: "town"}
		return c
	}
	newest, older, over := inApp(0), inApp(time.Minute), inApp(10*time.Minute)
	spent, void, instead, other := inApp(0), inApp(0), inApp(0), inApp(0)
	other.Person = "another"
	for _, c := range []pin.Challenge{older, over, newest, spent, void, instead, other} {
		s.keepChallenge(t, c)
	}
	s.sameChallenge(t, newest)
	spent.Secret, spent.Half, spent.Last3, spent.Shown, spent.SpentAt = nil, "", "", pin.Shown{}, dawn
	void.Secret, void.Half, void.Last3, void.Shown = nil, "", "", pin.Shown{}
	instead.Way, instead.Shown, instead.Secret = pin.BySMS, pin.Shown{}, []byte{7}
	for _, c := range []pin.Challenge{spent, void, instead} {
		s.keepChallenge(t, c)
		s.sameChallenge(t, c)
	}
	got, err := s.Challenges.Showing(t.Context(), person, dawn)
	if diff := cmp.Diff([]pin.Challenge{newest, older}, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%v, want less got:\n%s", err, diff)
	}
}

func spentChallenge(t *testing.T, s Stores) {
	c := sentChallenge()
	s.keepChallenge(t, c)
	spent := c
	spent.Secret, spent.Half, spent.Last3, spent.SpentAt = nil, "", "", dawn.Add(time.Minute)
	s.keepChallenge(t, spent)
	s.sameChallenge(t, spent)
	s.keepChallenge(t, c)
	s.sameChallenge(t, spent)
}

func heldCounts(t *testing.T, s Stores) {
	c := sentChallenge()
	wrong := tally.Tally{Times: []time.Time{dawn}, LockedUntil: dawn.Add(time.Hour)}
	sms := tally.Tally{Times: []time.Time{dawn, dawn}}
	s.keepChallenge(t, c)
	s.keep(t, tally.Subject{Kind: tally.WrongPINs, Value: string(c.Person)}, wrong)
	s.keep(t, tally.Subject{Kind: tally.SentSMS, Value: phone().Reveal()}, sms)
	s.tx(t, func(ctx context.Context) error {
		toSend, err := s.Challenges.HoldToSend(ctx, c.Login, c.Person, phone())
		if err != nil {
			return err
		}
		if diff := cmp.Diff(pin.Held{Challenge: c, Wrong: wrong, SMS: sms}, toSend, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("to send, want less got:\n%s", diff)
		}
		toTry, err := s.Challenges.HoldToTry(ctx, c.Login)
		if diff := cmp.Diff(pin.Held{Challenge: c, Wrong: wrong}, toTry, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("to try, want less got:\n%s", diff)
		}
		return err
	})
}

func heldAcross(t *testing.T, s Stores) {
	person := identity.PersonID(onetime.NewID())
	of := tally.Subject{Kind: tally.WrongPINs, Value: string(person)}
	const logins, each = 3, 7
	var group sync.WaitGroup
	for range logins {
		c := sentChallenge()
		c.Person, c.Wrong = person, 0
		s.keepChallenge(t, c)
		for range each {
			group.Go(func() {
				s.tx(t, func(ctx context.Context) error {
					held, err := s.Challenges.HoldToTry(ctx, c.Login)
					if err != nil {
						return err
					}
					wrong, err := s.Tallies.HoldTally(ctx, of)
					if err != nil {
						return err
					}
					if len(wrong.Times) != len(held.Wrong.Times) {
						t.Errorf("got %d wrong PINs that were not looked at, want none", len(wrong.Times)-len(held.Wrong.Times))
					}
					held.Challenge.Wrong++
					wrong.Times = append(wrong.Times, dawn)
					if err := s.Challenges.KeepChallenge(ctx, held.Challenge); err != nil {
						return err
					}
					return s.Tallies.KeepTally(ctx, of, wrong)
				})
			})
			group.Go(func() { // sending meanwhile waits for nobody in a circle
				s.tx(t, func(ctx context.Context) error {
					_, err := s.Challenges.HoldToSend(ctx, c.Login, person, phone())
					return err
				})
			})
		}
		defer func() {
			if got, err := s.Challenges.Challenge(t.Context(), c.Login); err != nil || got.Wrong != each {
				t.Errorf("got %d in the login, %v; want %d", got.Wrong, err, each)
			}
		}()
	}
	group.Wait()
	if got, err := s.Tallies.Tally(t.Context(), of); err != nil || len(got.Times) != logins*each {
		t.Errorf("got %d in all, %v; want %d", len(got.Times), err, logins*each)
	}
}

func rolledBack(t *testing.T, s Stores) {
	c, of, boom := sentChallenge(), subject(tally.SentSMS), errors.New("boom")
	err := s.Tx(t.Context(), func(ctx context.Context) error {
		if _, err := s.Challenges.HoldToSend(ctx, c.Login, c.Person, phone()); err != nil {
			return err
		}
		if _, err := s.Tallies.HoldTally(ctx, of); err != nil {
			return err
		}
		if err := s.Tallies.KeepTally(ctx, of, tally.Tally{Times: []time.Time{dawn}}); err != nil {
			return err
		}
		if err := s.Challenges.KeepChallenge(ctx, c); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v, want %v", err, boom)
	}
	s.same(t, of, tally.Tally{})
	if got, err := s.Challenges.Challenge(t.Context(), c.Login); err != nil || got.Login != "" {
		t.Errorf("got %+v, %v; want nothing", got, err)
	}
}
