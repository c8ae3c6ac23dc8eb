package permanentetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"clave/identity"
	"clave/internal/onetime"
	"clave/providers/permanente"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Suite is what stores of the method must do. It can be run on stores that hold
// something already.
func Suite(t *testing.T, s Stores) {
	tests := []struct {
		name string
		test func(t *testing.T, s Stores)
	}{
		{"who has no password has the zero one", noAccount},
		{"a password comes back as it was kept, and changes", keptAccount},
		{"a password that is void is gone", voidAccount},
		{"an activation code bears so many wrong tries and is then void", missed},
		{"a new activation code has all its tries", reissued},
		{"a code comes back as it was kept, and changes", keptCode},
		{"a code that is dropped is gone", droppedCode},
		{"a transaction that fails leaves nothing", rolledBack},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.test(t, s) })
	}
}

func dawn() time.Time { return time.Date(2026, 11, 21, 6, 0, 0, 123000, time.UTC) }

func someone() identity.PersonID { return identity.PersonID(onetime.NewID()) }

func (s Stores) tx(t *testing.T, fn func(ctx context.Context) error) {
	t.Helper()
	if err := s.Tx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func (s Stores) sameAccount(t *testing.T, person identity.PersonID, want permanente.Account) {
	t.Helper()
	got, err := s.Accounts.Account(t.Context(), person)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, want less got:\n%s", err, diff)
	}
}

func (s Stores) keepAccount(t *testing.T, a permanente.Account) {
	t.Helper()
	s.tx(t, func(ctx context.Context) error {
		if _, err := s.Accounts.Account(ctx, a.Person); err != nil {
			return err
		}
		return s.Accounts.KeepAccount(ctx, a)
	})
}

func noAccount(t *testing.T, s Stores) {
	s.sameAccount(t, someone(), permanente.Account{})
	s.sameAccount(t, "", permanente.Account{})
}

func keptAccount(t *testing.T, s Stores) {
	a := permanente.Account{Person: someone(), Hash: "$one", SetAt: dawn()}
	s.keepAccount(t, a)
	s.sameAccount(t, a.Person, a)
	a.Hash, a.Previous, a.Always, a.SetAt, a.WarnedAt, a.ToldAt = "$two", "$one", true, dawn().Add(time.Hour), dawn().Add(time.Minute), dawn().Add(time.Second)
	s.keepAccount(t, a)
	s.sameAccount(t, a.Person, a)
}

func voidAccount(t *testing.T, s Stores) {
	a := permanente.Account{Person: someone(), Hash: "$one", SetAt: dawn()}
	s.keepAccount(t, a)
	for range 2 {
		s.tx(t, func(ctx context.Context) error { return s.Void(ctx, a.Person) })
		s.sameAccount(t, a.Person, permanente.Account{})
	}
}

func (s Stores) issue(t *testing.T, person identity.PersonID) {
	t.Helper()
	if err := s.Issue(t.Context(), person, []byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
}

func (s Stores) miss(t *testing.T, person identity.PersonID, tries int) (voided bool) {
	t.Helper()
	s.tx(t, func(ctx context.Context) (err error) {
		if _, err := s.Activations.HoldActivation(ctx, person); err != nil {
			return err
		}
		voided, err = s.Activations.MissActivation(ctx, person, tries, 3)
		return err
	})
	return voided
}

func (s Stores) activation(t *testing.T, person identity.PersonID) (sum []byte) {
	t.Helper()
	s.tx(t, func(ctx context.Context) (err error) {
		sum, err = s.Activations.HoldActivation(ctx, person)
		return err
	})
	return sum
}

func missed(t *testing.T, s Stores) {
	person := someone()
	if s.activation(t, person) != nil || s.miss(t, person, 1) || s.miss(t, "", 0) {
		t.Error("got a code that nobody issued")
	}
	s.issue(t, person)
	for range 10 {
		if s.miss(t, person, 0) {
			t.Fatal("a try that does not count voided the code")
		}
	}
	for range 2 {
		if s.miss(t, person, 1) || s.activation(t, person) == nil {
			t.Error("the code was void too early")
		}
	}
	if !s.miss(t, person, 1) || s.activation(t, person) != nil {
		t.Error("the code bears more tries than it should")
	}
}

func reissued(t *testing.T, s Stores) {
	person := someone()
	s.issue(t, person)
	s.miss(t, person, 2)
	s.issue(t, person)
	if s.miss(t, person, 2) || s.activation(t, person) == nil {
		t.Error("the new code has the tries of the old one")
	}
}

func code() permanente.Challenge {
	phone, _ := identity.ParseE164("+34600000099")
	return permanente.Challenge{
		Key: onetime.NewID(), Purpose: permanente.ForChange, Person: someone(), Document: Document(Advanced), Phone: phone, Pending: "$new", Session: Here,
		Secret: []byte{1, 2}, Sends: 1, Wrong: 2, SentAt: dawn(), ExpiresAt: dawn().Add(time.Minute),
	}
}

func (s Stores) keepCode(t *testing.T, c permanente.Challenge) {
	t.Helper()
	s.tx(t, func(ctx context.Context) error {
		if _, err := s.Challenges.Challenge(ctx, c.Key); err != nil {
			return err
		}
		return s.Challenges.KeepChallenge(ctx, c)
	})
}

func (s Stores) sameCode(t *testing.T, key string, want permanente.Challenge) {
	t.Helper()
	got, err := s.Challenges.Challenge(t.Context(), key)
	plain := cmp.Comparer(func(a, b identity.DocumentID) bool { return a == b })
	phone := cmp.Comparer(func(a, b identity.Phone) bool { return a == b })
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), plain, phone); err != nil || diff != "" {
		t.Errorf("%v, want less got:\n%s", err, diff)
	}
}

func keptCode(t *testing.T, s Stores) {
	c := code()
	s.sameCode(t, c.Key, permanente.Challenge{})
	s.keepCode(t, c)
	s.sameCode(t, c.Key, c)
	c.Secret, c.ProvenAt, c.Sends, c.Wrong, c.Pending = nil, dawn().Add(time.Second), 3, 4, ""
	s.keepCode(t, c)
	s.sameCode(t, c.Key, c)
}

func droppedCode(t *testing.T, s Stores) {
	c := code()
	s.keepCode(t, c)
	s.tx(t, func(ctx context.Context) error { return s.Challenges.DropChallenge(ctx, c.Key) })
	s.sameCode(t, c.Key, permanente.Challenge{})
}

func rolledBack(t *testing.T, s Stores) {
	a, c, boom := permanente.Account{Person: someone(), Hash: "$one", SetAt: dawn()}, code(), errors.New("boom")
	err := s.Tx(t.Context(), func(ctx context.Context) error {
		if _, err := s.Accounts.Account(ctx, a.Person); err != nil {
			return err
		}
		if _, err := s.Challenges.Challenge(ctx, c.Key); err != nil {
			return err
		}
		if err := errors.Join(s.Accounts.KeepAccount(ctx, a), s.Challenges.KeepChallenge(ctx, c)); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("got %v, want %v", err, boom)
	}
	s.sameAccount(t, a.Person, permanente.Account{})
	s.sameCode(t, c.Key, permanente.Challenge{})
}
