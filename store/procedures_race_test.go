package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/audit"
	"clave/census"
	"clave/census/invitation"
	"clave/census/pair"
	"clave/census/registrar"
	procedures "clave/census/registration"
	"clave/identity"
	"clave/notify"
	"clave/store"
	"clave/store/storetest"
	"clave/web/lang"
)

// town runs the registration with a letter over a database, with everything that the
// product puts under it, but for phones and print house.
type town struct {
	*procedures.Procedures
	*registering
	codes sync.Map // phone → the code that came last
}

// Send implements registration.Outbox: the last try of a transaction is the one that
// was committed.
func (w *town) Send(_ context.Context, m notify.Message) error {
	w.codes.Store(m.To, m.Code)
	return nil
}

// Allow implements registration.Budget.
func (w *town) Allow(string) bool { return true }

func newTown(t *testing.T, db *store.DB) *town {
	t.Helper()
	r, parts := newRegistration(t, db)
	w := &town{registering: r}
	texts, err := lang.Load()
	noError(t, err)
	composer, err := notify.NewComposer(texts, "clave.example", time.UTC)
	noError(t, err)
	now, log := func() time.Time { return r.register.now }, slog.New(slog.DiscardHandler)
	trail := audit.NewRecorder(db.Audit(), r.register.keys.Columns(), now)
	w.Procedures = procedures.New(procedures.Config{
		Tx: db, Store: store.NewProcedures(db, r.register.keys.Columns()), Tallies: r.tallies,
		Pairs: pair.New(pair.Config{Tx: db, Register: r.register.persons, Tallies: r.tallies, Trail: trail, Log: log, Now: now}),
		Invitations: invitation.New(invitation.Config{
			Tx: db, Register: r.register.persons, Store: r.invitations, Letters: r.letters,
			Codes: r.register.keys.Activation(), Trail: trail, Now: now,
		}),
		Registrar: registrar.New(registrar.Config{
			Tx: parts.Tx, Store: parts.Store, Activations: parts.Activations, Passwords: parts.Passwords, Devices: parts.Devices, Codes: parts.Codes, Sessions: parts.Sessions, Grants: parts.Grants,
			Locks: parts.Locks, Invitations: parts.Invitations, Receipts: parts.Receipts, Outbox: parts.Outbox, Trail: parts.Trail,
			Notices: registrar.NewNotices(texts, "060", time.UTC), Now: now,
		}),
		Trail: trail, Codes: r.register.keys.PIN(), Outbox: w, Composer: composer, Budget: w, Log: log, Now: now,
	})
	return w
}

// letter asks for a letter and gives the code that was printed.
func (w *town) letter(t *testing.T, reference census.Reference) string {
	t.Helper()
	h := w.matched(t, reference)
	noError(t, w.RequestLetter(t.Context(), h, "es"))
	batch, err := w.letters.OpenBatch(t.Context(), "spool", w.register.now, 1)
	noError(t, err)
	_, err = w.letters.BatchStaged(t.Context(), batch.ID, w.register.now)
	noError(t, err)
	noError(t, w.letters.BatchPublished(t.Context(), batch.ID, w.register.now))
	return batch.Letters[0].Code
}

func (w *town) matched(t *testing.T, reference census.Reference) procedures.Handle {
	t.Helper()
	h, err := w.Begin(t.Context(), "", reference.Document)
	noError(t, err)
	h, err = w.Match(t.Context(), h, reference.Contrast())
	noError(t, err)
	return h
}

// waiting goes on with a letter until a code was sent to the phone, and gives both.
func (w *town) waiting(t *testing.T, reference census.Reference, letter, phone string) (procedures.Handle, string) {
	t.Helper()
	h := w.matched(t, reference)
	noError(t, w.HaveLetter(t.Context(), h))
	h, err := w.TryInvitation(t.Context(), h, letter)
	noError(t, err)
	c := procedures.Contact{Prefix: "34", Phone: phone, PhoneAgain: phone, Email: "a@example.org", EmailAgain: "a@example.org", Conditions: "2026-11"}
	number, email, mistakes := c.Read([]procedures.Field{procedures.FieldPhone, procedures.FieldEmail}, "2026-11")
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	noError(t, w.GiveContact(t.Context(), h, c, number, email, lang.Spanish))
	code, _ := w.codes.Load(number.Reveal())
	return h, code.(string)
}

func TestManyBrowsersWithOneLetter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newTown(t, db)
		reference := spaniard(t, "12345678Z")
		w.Know(t, reference)
		letter := w.letter(t, reference)
		var group sync.WaitGroup
		var registered, told atomic.Int64
		proofs := map[procedures.Handle]string{}
		for i := range 6 {
			h, code := w.waiting(t, reference, letter, fmt.Sprintf("60000010%d", i))
			proofs[h] = code
		}
		for h, code := range proofs {
			group.Go(func() {
				var denied *procedures.Denied
				switch err := w.Prove(t.Context(), h, code, lang.Spanish); {
				case err == nil:
					registered.Add(1)
				case errors.As(err, &denied) && denied.Cause == procedures.NotEligible:
					told.Add(1)
				default:
					t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
		if registered.Load() != 1 || told.Load() != 5 {
			t.Errorf("got %d registered and %d told, want 1 and 5", registered.Load(), told.Load())
		}
	})
}

func TestManyCitizensWithOnePhone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newTown(t, db)
		numbers := []string{"12345678Z", "00000000T", "99999999R", "11111111H", "22222222J"}
		proofs := map[procedures.Handle]string{}
		for _, number := range numbers {
			reference := spaniard(t, number)
			w.Know(t, reference)
			h, code := w.waiting(t, reference, w.letter(t, reference), "600000100")
			proofs[h] = code
		}
		var group sync.WaitGroup
		for h, code := range proofs {
			group.Go(func() {
				if err := w.Prove(t.Context(), h, code, lang.Spanish); err != nil {
					t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
		states := map[identity.State]int{}
		for _, number := range numbers {
			states[w.Candidate(t, document(t, number)).State]++
		}
		if states[identity.Registered] != 1 || states[identity.PhoneRevoked] != len(numbers)-1 {
			t.Errorf("got %v, want one with the phone and all others registered without", states)
		}
	})
}

func TestOneCodeInManyTabs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newTown(t, db)
		reference := spaniard(t, "12345678Z")
		w.Know(t, reference)
		letter := w.letter(t, reference)
		h, code := w.waiting(t, reference, letter, "600000100")
		wrong := "000000"
		if code == wrong {
			wrong = "111111"
		}
		var group sync.WaitGroup
		var looked, ended, done, late atomic.Int64
		for range 20 {
			group.Go(func() {
				var denied *procedures.Denied
				switch err := w.Prove(t.Context(), h, wrong, lang.Spanish); {
				case errors.As(err, &denied) && denied.Cause == procedures.WrongCode:
					looked.Add(1)
				case errors.As(err, &denied) && denied.Cause == procedures.TriesSpent:
					ended.Add(1)
				default:
					t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
		if looked.Load() != 4 || ended.Load() != 16 {
			t.Errorf("got %d looked at and %d after the end, want 4 and 16", looked.Load(), ended.Load())
		}
		h, code = w.waiting(t, reference, letter, "600000101")
		for range 8 {
			group.Go(func() {
				switch err := w.Prove(t.Context(), h, code, lang.Spanish); {
				case err == nil:
					done.Add(1)
				case errors.Is(err, procedures.ErrStep):
					late.Add(1)
				default:
					t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
		if done.Load() != 1 || late.Load() != 7 {
			t.Errorf("got %d done and %d late, want 1 and 7", done.Load(), late.Load())
		}
	})
}
