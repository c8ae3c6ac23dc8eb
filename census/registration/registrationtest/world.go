package registrationtest

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"clave/audit/audittest"
	"clave/census/pair"
	"clave/census/pair/pairtest"
	"clave/census/receipt"
	"clave/census/receipt/receipttest"
	"clave/census/registration"
	"clave/identity"
	"clave/internal/clocktest"
	"clave/internal/safelog/safelogtest"
	"clave/keys/keystest"
	"clave/notify"
	"clave/notify/notifytest"
	"clave/web/lang"
)

// World is the procedures with everything around them, in memory.
type World struct {
	*registration.Procedures
	Memory   *Memory
	Register *Register
	Town     *Town
	Clock    *clocktest.Clock
	Outbox   *notifytest.Outbox
	Trail    *audittest.Trail
	Budget   *Budget
	Log      *safelogtest.Log
}

// texts do not change and take a while to read.
var texts = sync.OnceValues(lang.Load)

// New returns a world at noon of a day in autumn.
func New(t testing.TB) *World {
	t.Helper()
	loaded, err := texts()
	if err != nil {
		t.Fatal(err)
	}
	composer, err := notify.NewComposer(loaded, "clave.example", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	clock := clocktest.At(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	w := &World{
		Memory: NewMemory(), Register: newRegister(), Clock: clock,
		Outbox: &notifytest.Outbox{OnCommit: OnCommit}, Trail: &audittest.Trail{OnCommit: OnCommit}, Budget: &Budget{}, Log: &safelogtest.Log{},
	}
	w.Town = &Town{register: w.Register, now: clock.Now, letters: map[identity.DocumentID]*posted{}, confirmed: map[identity.PersonID]identity.Email{}, Receipts: &receipttest.Memory{}}
	log := slog.New(slog.NewJSONHandler(w.Log, nil))
	w.Procedures = registration.New(registration.Config{
		Tx: w.Memory, Store: w.Memory, Tallies: w.Memory,
		Pairs:       pair.New(pair.Config{Tx: w.Memory, Register: pairtest.Register{Candidates: w.Register, Tallies: w.Memory}, Tallies: w.Memory, Trail: w.Trail, Log: log, Now: clock.Now}),
		Invitations: w.Town, Registrar: w.Town, Trail: w.Trail, Codes: keystest.Fixed(t).PIN(),
		Outbox: w.Outbox, Composer: composer, Budget: w.Budget, Log: log, Now: clock.Now,
	})
	return w
}

// Matched is the handle of a procedure in which the right pair was typed.
func (w *World) Matched(t testing.TB, number string) registration.Handle {
	t.Helper()
	h, err := w.Begin(t.Context(), "", Document(number))
	if err != nil {
		t.Fatal(err)
	}
	h, err = w.Match(t.Context(), h, w.Register.Contrast(number))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Invited is the handle of a procedure in which the code of a new letter was typed.
func (w *World) Invited(t testing.TB, number string) registration.Handle {
	t.Helper()
	h := w.Matched(t, number)
	if err := w.RequestLetter(t.Context(), h, "es"); err != nil {
		t.Fatal(err)
	}
	return w.WithLetter(t, h, number)
}

// WithLetter goes on with the letter that was sent.
func (w *World) WithLetter(t testing.TB, h registration.Handle, number string) registration.Handle {
	t.Helper()
	if err := w.HaveLetter(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	h, err := w.TryInvitation(t.Context(), h, w.Town.Letter(number))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Contact is what somebody types who has a Spanish phone.
func Contact(national string) registration.Contact {
	return registration.Contact{
		Prefix: "34", Phone: national, PhoneAgain: national,
		Email: "sam@example.org", EmailAgain: "sam@example.org", Conditions: receipt.CurrentConditions,
	}
}

// Give types the contact of a procedure.
func (w *World) Give(t testing.TB, h registration.Handle, c registration.Contact) error {
	t.Helper()
	phone, email, mistakes := c.Read(w.asks(t, h), receipt.CurrentConditions)
	if len(mistakes) > 0 {
		t.Fatalf("got the mistakes %v", mistakes)
	}
	return w.GiveContact(t.Context(), h, c, phone, email, lang.English)
}

// asks are the fields that the step of the contact asks for; those of the longest
// form where no procedure is found.
func (w *World) asks(t testing.TB, h registration.Handle) []registration.Field {
	t.Helper()
	r, err := w.Open(t.Context(), h)
	if err != nil {
		return []registration.Field{registration.FieldPhone, registration.FieldEmail}
	}
	return r.Asks(registration.StepContact)
}

// Budget allows everything until it is closed.
type Budget struct {
	mu     sync.Mutex
	closed bool
}

// Close allows nothing more.
func (b *Budget) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}

// Allow implements registration.Budget.
func (b *Budget) Allow(string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.closed
}
