package pintest

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"clave/audit/audittest"
	"clave/broker"
	"clave/census/pair"
	"clave/census/pair/pairtest"
	"clave/identity"
	"clave/internal/clocktest"
	"clave/internal/safelog/safelogtest"
	"clave/internal/tally"
	"clave/keys/keystest"
	"clave/notify"
	"clave/notify/notifytest"
	"clave/providers/pin"
	"clave/providers/providertest"
	"clave/web/lang"
	"clave/web/page"
)

// Stores are what the method keeps things in.
type Stores struct {
	Tx         func(ctx context.Context, fn func(ctx context.Context) error) error
	Tallies    tally.Store
	Challenges pin.Challenges
}

// World is the method with everything around it.
type World struct {
	*pin.Provider
	Citizens *Citizens
	Clock    *clocktest.Clock
	Outbox   *notifytest.Outbox
	Trail    *audittest.Trail
	Budget   *Budget
	Log      *safelogtest.Log

	broker *providertest.Broker
}

// New returns a world over stores in memory, without pages.
func New(t testing.TB) (*World, *Memory) {
	t.Helper()
	m := NewMemory()
	w := Over(t, clocktest.Noon(), Stores{m.Tx, m, m}, nil)
	w.Citizens.Note = m.Noted
	w.Trail.OnCommit = func(ctx context.Context, f func()) {
		m.Noted("record")
		providertest.OnCommit(ctx, f)
	}
	return w, m
}

// NewWithPages is New with pages, whose parsing takes a while.
func NewWithPages(t testing.TB) (*World, *Memory) {
	t.Helper()
	m, clock := NewMemory(), clocktest.Noon()
	pages := page.New(texts(t), page.Frame{Now: clock.Now})
	if _, measured := t.(*testing.B); !measured {
		pages.Compare(func(err error) { t.Error(err) })
	}
	w := Over(t, clock, Stores{m.Tx, m, m}, pages)
	w.Citizens.Note = m.Noted
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
		Citizens: NewCitizens(), Clock: clock, Budget: &Budget{}, Log: &safelogtest.Log{},
		Outbox: &notifytest.Outbox{OnCommit: providertest.OnCommit}, Trail: &audittest.Trail{OnCommit: providertest.OnCommit},
		broker: providertest.NewBroker(identity.PIN, clock.Now, stores.Tx),
	}
	log := slog.New(slog.NewJSONHandler(w.Log, nil))
	pairs := pair.New(pair.Config{
		Tx: w.broker, Register: pairtest.Register{Candidates: w.Citizens, Tallies: stores.Tallies}, Tallies: stores.Tallies, Trail: w.Trail, Log: log, Now: clock.Now,
	})
	w.Provider = pin.New(pin.Config{
		Broker: w.broker, Ways: w.broker, Pairs: pairs, Tallies: stores.Tallies, Challenges: stores.Challenges,
		Trail: w.Trail, Codes: ring.PIN(), Outbox: w.Outbox, Composer: composer,
		Budget: w.Budget, Cookies: ring.Cookies(), Pages: pages, Log: log, Now: clock.Now,
	})
	return w
}

// Broker implements providertest.Subject.
func (w *World) Broker() *providertest.Broker { return w.broker }

// Persons implements providertest.Subject.
func (w *World) Persons() []identity.PersonID {
	return []identity.PersonID{w.Person(Advanced), w.Person(Foreigner)}
}

// Person is the id of a sample citizen.
func (w *World) Person(number string) identity.PersonID {
	c, _ := w.Citizens.Candidate(context.Background(), Document(number))
	return c.PersonID
}

// Begin implements providertest.Subject.
func (w *World) Begin(t testing.TB, l *broker.Login, person identity.PersonID) string {
	t.Helper()
	for _, number := range []string{Advanced, Foreigner} {
		if w.Person(number) == person {
			return w.Send(t, l, number, "")
		}
	}
	t.Fatalf("%s is no sample citizen", person)
	return ""
}

// Send obtains a PIN for a sample citizen and returns it.
func (w *World) Send(t testing.TB, l *broker.Login, number, half string) string {
	t.Helper()
	before := len(w.Outbox.Messages())
	if err := w.Obtain(t.Context(), w.broker.Again(l), w.Citizens.Pair(number), half); err != nil {
		t.Fatalf("obtaining a PIN: %v", err)
	}
	messages := w.Outbox.Messages()
	if len(messages) != before+1 {
		t.Fatalf("got %d messages, want one more than %d", len(messages), before)
	}
	return messages[before].Code
}

// Wrong implements providertest.Subject.
func (w *World) Wrong(answer string) string {
	if answer[0] == 'A' {
		return "B" + answer[1:]
	}
	return "A" + answer[1:]
}

// Finish implements providertest.Subject.
func (w *World) Finish(t testing.TB, l *broker.Login, answer string) error {
	err := w.Enter(t.Context(), l, answer)
	var denied *pin.Denied
	if errors.As(err, &denied) || errors.Is(err, pin.ErrPIN) {
		return nil
	}
	return err
}

// Pass implements providertest.Subject.
func (w *World) Pass(d time.Duration) { w.Clock.Pass(d) }

// Lives implements providertest.Subject.
func (w *World) Lives() time.Duration { return pin.Lifetime }

// Budget allows everything but what was closed.
type Budget struct {
	mu     sync.Mutex
	closed map[string]bool
	asked  []string
}

// Close closes a key.
func (b *Budget) Close(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed == nil {
		b.closed = map[string]bool{}
	}
	b.closed[key] = true
}

// Allow implements pin.Budget.
func (b *Budget) Allow(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, key)
	return !b.closed[key]
}

// Asked are the keys asked for so far.
func (b *Budget) Asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.asked...)
}
