package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/identity"
	"clave/notify"
	"clave/providers/permanente"
	"clave/providers/permanente/password"
	"clave/providers/permanente/permanentetest"
	"clave/providers/providertest"
	"clave/store"
	"clave/store/storetest"
	"clave/web/lang"
)

// settling is the setting of passwords over a database, with a registrar beside it.
type settling struct {
	*permanente.Provider
	*registering
	registrar *registrar.Registrar
	codes     sync.Map // phone → the code that came last
}

// Send implements permanente.Outbox.
func (s *settling) Send(_ context.Context, m notify.Message) error {
	if m.Code != "" {
		s.codes.Store(m.To, m.Code)
	}
	return nil
}

// Allow implements permanente.Budget.
func (s *settling) Allow(string) bool { return true }

func newSettling(t *testing.T, db *store.DB) *settling {
	t.Helper()
	r, parts := newRegistration(t, db)
	s := &settling{registering: r}
	texts, err := lang.Load()
	noError(t, err)
	composer, err := notify.NewComposer(texts, "clave.example", time.UTC)
	noError(t, err)
	now := func() time.Time { return r.register.now }
	s.registrar = registrar.New(registrar.Config{
		Tx: parts.Tx, Store: parts.Store, Activations: parts.Activations, Passwords: parts.Passwords, Devices: parts.Devices, Codes: parts.Codes, Sessions: parts.Sessions, Grants: parts.Grants,
		Locks: parts.Locks, Invitations: parts.Invitations, Receipts: parts.Receipts, Outbox: s, Trail: parts.Trail,
		Notices: registrar.NewNotices(texts, "060", time.UTC), Now: now,
	})
	s.Provider = permanente.New(permanente.Config{
		Broker: providertest.NewBroker(identity.Permanente, now, db.Tx), Register: r.register.persons, Tallies: r.tallies,
		Accounts: r.passwords, Activations: r.passwords, Challenges: r.passwords,
		Passwords: password.NewQueue(password.QueueOptions{Params: permanentetest.Params()}), Trail: parts.Trail,
		Codes: r.register.keys.PIN(), ActivationCodes: parts.Codes, Outbox: s, Composer: composer, Budget: s,
		Notices: permanente.NewNotices(texts, "060", time.UTC), Sessions: storedSessions{parts.Sessions, now}, Grants: r.grants,
		PhoneLimit: 10, Log: slog.New(slog.DiscardHandler), Now: now,
	})
	return s
}

// storedSessions ends all sessions of a person, as a reset does.
type storedSessions struct {
	registrar.Sessions
	now func() time.Time
}

// EndSessions implements permanente.Sessions.
func (s storedSessions) EndSessions(ctx context.Context, person identity.PersonID, _ string, _ func(broker.SessionID) bool) error {
	_, err := s.Sessions.EndSessions(ctx, person, "", s.now())
	return err
}

// byLetter is who comes with a letter.
func byLetter() registrar.By {
	return registrar.By{Channel: identity.ByLetter, Language: "es", Conditions: receipt.CurrentConditions}
}

// proven is a citizen without a password, and a browser that may set one.
func (s *settling) proven(t *testing.T, number, phoneNumber string) (person identity.PersonID, token string) {
	t.Helper()
	email, err := identity.ParseEmail("a@example.org")
	noError(t, err)
	a := registrar.Application{Document: document(t, number), Phone: phone(t, phoneNumber), Email: email}
	done, err := s.registrar.Register(t.Context(), a, byLetter())
	noError(t, err)
	noError(t, s.registrar.ConfirmEmail(t.Context(), done.Person, email, registrar.By{Method: identity.PIN, Login: "login"}))
	code := ""
	for _, r := range done.Activation {
		if r != '-' {
			code += string(r)
		}
	}
	token, err = s.Activate(t.Context(), permanente.Activation{Document: a.Document, Email: email, Code: code}, "")
	noError(t, err)
	sms, _ := s.codes.Load(a.Phone.Reveal())
	_, err = s.ProveSetting(t.Context(), token, sms.(string))
	noError(t, err)
	return done.Person, token
}

// keep gives a citizen a password of before.
func (s *settling) keep(t *testing.T, person identity.PersonID, hash password.Hash) {
	t.Helper()
	noError(t, s.db.Tx(t.Context(), func(ctx context.Context) error {
		if _, err := s.passwords.Account(ctx, person); err != nil {
			return err
		}
		return s.passwords.KeepAccount(ctx, permanente.Account{Person: person, Hash: hash, SetAt: s.register.now})
	}))
}

// Whoever withdraws in the moment in which a password is set has none afterwards, and
// a phone that is lost in that moment sets none: whichever is first.
func TestAPasswordIsSetWhileItsCitizenLeaves(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSettling(t, db)
		for i := range 8 {
			number := fmt.Sprintf("0000000%d%c", i, "TRWAGMYF"[i])
			s.Know(t, spaniard(t, number))
			person, token := s.proven(t, number, fmt.Sprintf("+3460000010%d", i))
			if i%2 == 0 {
				s.keep(t, person, permanentetest.Params().Hash(permanentetest.Password))
			}
			s.LogIn(t, person, "login-"+number)
			var both sync.WaitGroup
			both.Go(func() {
				_, err := s.Set(t.Context(), token, "cesta_Mimbre9")
				var denied *permanente.Denied
				if err != nil && (!errors.As(err, &denied) || denied.Cause != permanente.NoCode) {
					t.Errorf("setting: got %v", err)
				}
			})
			both.Go(func() {
				if _, err := s.registrar.Withdraw(t.Context(), person, identity.Phone{}, byLetter()); err != nil {
					t.Errorf("withdrawing: got %v", err)
				}
			})
			both.Wait()
			if s.HasPassword(t, person) {
				t.Errorf("%d: who has withdrawn has a password", i)
			}
			if sessions, grants := s.Live(t, person); sessions+grants != 0 {
				t.Errorf("%d: got %d sessions and %d grants, want none", i, sessions, grants)
			}
		}
	})
}

func TestAPhoneIsLostBeforeAPasswordIsSet(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := newSettling(t, db)
		s.Know(t, spaniard(t, "12345678Z"), spaniard(t, "00000000T"))
		person, token := s.proven(t, "12345678Z", "+34600000100")
		a := registrar.Application{Document: document(t, "00000000T"), Phone: phone(t, "+34600000100")}
		if done, err := s.registrar.Register(t.Context(), a, byLetter()); err != nil || !done.TookPhone {
			t.Fatalf("got %v, %v; want the phone taken", done.TookPhone, err)
		}
		_, err := s.Set(t.Context(), token, "cesta_Mimbre9")
		var denied *permanente.Denied
		if !errors.As(err, &denied) || denied.Cause != permanente.NoCode {
			t.Errorf("got %v, want no_code", err)
		}
		if s.HasPassword(t, person) {
			t.Error("a password was set all the same")
		}
	})
}
