package permanentetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"clave/audit/audittest"
	"clave/broker"
	"clave/census/registrar"
	"clave/identity"
	"clave/internal/clocktest"
	"clave/internal/safelog/safelogtest"
	"clave/internal/tally"
	"clave/keys/keystest"
	"clave/notify"
	"clave/notify/notifytest"
	"clave/providers/permanente"
	"clave/providers/permanente/password"
	"clave/providers/providertest"
	"clave/web/lang"
	"clave/web/page"
)

// Stores are what the method keeps things in.
type Stores struct {
	Tx          func(ctx context.Context, fn func(ctx context.Context) error) error
	Tallies     tally.Store
	Accounts    permanente.Accounts
	Activations permanente.Activations
	Challenges  permanente.Challenges
	// Issue gives a person an activation code, as the registrar does.
	Issue func(ctx context.Context, person identity.PersonID, sum []byte) error
	// Void forgets a person's password, likewise.
	Void func(ctx context.Context, person identity.PersonID) error
}

// World is the method with everything around it.
type World struct {
	*permanente.Provider
	Citizens *Citizens
	Clock    *clocktest.Clock
	Outbox   *notifytest.Outbox
	Trail    *audittest.Trail
	Log      *safelogtest.Log
	Stores   Stores
	Sessions *Sessions

	broker *providertest.Broker
}

// Params make hashing quick.
func Params() password.Params { return password.Params{MemoryKiB: 64, Passes: 1, Lanes: 1} }

// New returns a world over stores in memory, without pages.
func New(t testing.TB) (*World, *Memory) {
	t.Helper()
	return inMemory(t, false)
}

// NewWithPages is New with pages, whose parsing takes a while.
func NewWithPages(t testing.TB) (*World, *Memory) {
	t.Helper()
	return inMemory(t, true)
}

func inMemory(t testing.TB, withPages bool) (*World, *Memory) {
	t.Helper()
	m, clock := NewMemory(), clocktest.Noon()
	var pages *page.Engine
	if withPages {
		pages = page.New(texts(t), page.Frame{Now: clock.Now, Zone: time.UTC})
		pages.Compare(func(err error) { t.Error(err) })
	}
	w := Over(t, clock, Stores{m.Tx, m, m, m, m, m.Issue, m.VoidPassword}, pages)
	m.Calls()
	w.Citizens.Note = m.Noted
	w.Trail.OnCommit = func(ctx context.Context, f func()) {
		m.Noted("record")
		providertest.OnCommit(ctx, f)
	}
	return w, m
}

// loaded are the texts, which do not change and take a while to read.
var loaded = sync.OnceValues(lang.Load)

func texts(t testing.TB) *lang.Texts {
	t.Helper()
	texts, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// Over returns a world over the stores; the pages may be nil.
func Over(t testing.TB, clock *clocktest.Clock, stores Stores, pages *page.Engine) *World {
	t.Helper()
	composer, err := notify.NewComposer(texts(t), "clave.example", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	ring := keystest.Fixed(t)
	w := &World{
		Citizens: NewCitizens(), Clock: clock, Log: &safelogtest.Log{}, Stores: stores, Sessions: &Sessions{},
		Outbox: &notifytest.Outbox{OnCommit: providertest.OnCommit}, Trail: &audittest.Trail{OnCommit: providertest.OnCommit},
		broker: providertest.NewBroker(identity.Permanente, clock.Now, stores.Tx),
	}
	w.Provider = permanente.New(permanente.Config{
		Broker: w.broker, Ways: w.broker, Register: w.Citizens, Tallies: stores.Tallies, Accounts: stores.Accounts,
		Activations: stores.Activations, Challenges: stores.Challenges, Trail: w.Trail, Codes: ring.PIN(), ActivationCodes: ring.Activation(),
		Passwords: password.NewQueue(password.QueueOptions{Params: Params(), Waiting: 1000, Patience: time.Minute}),
		Outbox:    w.Outbox, Composer: composer, Notices: permanente.NewNotices(texts(t), "060", time.UTC), Budget: open{}, Sessions: w.Sessions, Grants: w.Sessions,
		Cookies: ring.Cookies(), Pages: pages, PhoneLimit: 10, Log: slog.New(slog.NewJSONHandler(w.Log, nil)), Now: clock.Now,
	})
	for _, number := range []string{Advanced, Second, Basic, Dead} {
		w.Give(t, number, func(*permanente.Account) {})
	}
	for _, number := range []string{Advanced, Second, Basic, NoPass, Unproven, Dead, Gone} {
		person := w.Person(number)
		if err := stores.Issue(t.Context(), person, ring.Activation().Sum(registrar.ActivationParts(person, Activation)...)); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// open is a budget without end.
type open struct{}

// Allow implements permanente.Budget.
func (open) Allow(string) bool { return true }

// Sessions are where everybody is logged in, and what services were given: they note
// what ends. The zero value is ready.
type Sessions struct {
	mu      sync.Mutex
	ended   []string
	revoked []identity.PersonID
}

// Here and Elsewhere are the sessions that every sample citizen has.
const (
	Here      broker.SessionID = "here"
	Elsewhere broker.SessionID = "elsewhere"
)

// EndSessions implements permanente.Sessions.
func (s *Sessions) EndSessions(ctx context.Context, person identity.PersonID, why string, which func(broker.SessionID) bool) error {
	for _, session := range []broker.SessionID{Here, Elsewhere} {
		if which(session) {
			providertest.OnCommit(ctx, func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.ended = append(s.ended, fmt.Sprintf("%s of %s: %s", session, person, why))
			})
		}
	}
	return nil
}

// RevokePerson implements permanente.Grants.
func (s *Sessions) RevokePerson(ctx context.Context, person identity.PersonID, _ time.Time) error {
	providertest.OnCommit(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.revoked = append(s.revoked, person)
	})
	return nil
}

// Over is what ended since the last time: sessions as "here of person: why", and whose
// grants were revoked.
func (s *Sessions) Over() (sessions []string, grants []identity.PersonID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sessions, grants, s.ended, s.revoked = s.ended, s.revoked, nil, nil
	return sessions, grants
}

// Give gives a sample citizen the password, with a change.
func (w *World) Give(t testing.TB, number string, change func(*permanente.Account)) {
	t.Helper()
	a := permanente.Account{Person: w.Person(number), Hash: Params().Hash(Password), SetAt: w.Clock.Now()}
	change(&a)
	err := w.Stores.Tx(t.Context(), func(ctx context.Context) error {
		if _, err := w.Stores.Accounts.Account(ctx, a.Person); err != nil {
			return err
		}
		return w.Stores.Accounts.KeepAccount(ctx, a)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Account is what is kept of a sample citizen's password.
func (w *World) Account(t testing.TB, number string) permanente.Account {
	t.Helper()
	a, err := w.Stores.Accounts.Account(t.Context(), w.Person(number))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Known is a browser in which sample citizens logged in.
func (w *World) Known(t testing.TB, numbers ...string) permanente.Known {
	t.Helper()
	var k permanente.Known
	for _, number := range numbers {
		k = k.With(w.Account(t, number))
	}
	return k
}

// Broker implements providertest.Subject.
func (w *World) Broker() *providertest.Broker { return w.broker }

// Person is the id of a sample citizen.
func (w *World) Person(number string) identity.PersonID {
	w.Citizens.mu.Lock()
	defer w.Citizens.mu.Unlock()
	return w.Citizens.held[Document(number)].PersonID
}

// Persons implements providertest.Subject.
func (w *World) Persons() []identity.PersonID {
	return []identity.PersonID{w.Person(Advanced), w.Person(Second)}
}

// Begin implements providertest.Subject: the citizens always want a code as well.
func (w *World) Begin(t testing.TB, l *broker.Login, person identity.PersonID) string {
	t.Helper()
	for _, number := range []string{Advanced, Second} {
		if w.Person(number) == person {
			set := w.Account(t, number)
			w.Give(t, number, func(a *permanente.Account) { a.Always, a.SetAt = true, set.SetAt })
			return w.Send(t, l, number)
		}
	}
	t.Fatalf("%s is no sample citizen", person)
	return ""
}

// Send types the right password where a code has to follow, and returns that.
func (w *World) Send(t testing.TB, l *broker.Login, number string) string {
	t.Helper()
	code, err := w.Try(t.Context(), w.broker.Again(l), Document(number), Password, permanente.Known{})
	if err != nil || !code {
		t.Fatalf("got %v, %v; want a code sent", code, err)
	}
	return w.Outbox.Code(t)
}

// Wrong implements providertest.Subject.
func (w *World) Wrong(answer string) string {
	if answer[0] == '0' {
		return "1" + answer[1:]
	}
	return "0" + answer[1:]
}

// Finish implements providertest.Subject.
func (w *World) Finish(t testing.TB, l *broker.Login, answer string) error {
	err := w.Enter(t.Context(), l, answer)
	var denied *permanente.Denied
	if errors.As(err, &denied) || errors.Is(err, permanente.ErrCode) {
		return nil
	}
	return err
}

// Pass implements providertest.Subject.
func (w *World) Pass(d time.Duration) { w.Clock.Pass(d) }

// Lives implements providertest.Subject.
func (w *World) Lives() time.Duration { return permanente.CodeLifetime }
