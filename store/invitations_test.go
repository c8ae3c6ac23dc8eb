package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/audit"
	"clave/audit/audittest"
	"clave/census"
	"clave/census/invitation"
	"clave/identity"
	"clave/internal/onetime"
	"clave/notify/letter"
	"clave/store"
)

// mailWorld is a register with the invitations of its citizens.
type mailWorld struct {
	*register
	t       *testing.T
	service *invitation.Invitations
	letters *store.Letters
	store   *store.Invitations
	events  *audittest.Trail
}

// The citizens of a mailWorld, by document.
const (
	neverRegistered = "12345678Z"
	withdrew        = "99999999R"
	lostPhone       = "X1234567L"
	isRegistered    = "00000000T"
	isRevoked       = "99999972C"
	isDeceased      = "11111111H"
	noAddress       = "22222222J"
	unknown         = "87654321X"
)

func eachMailWorld(t *testing.T, test func(w *mailWorld)) {
	t.Helper()
	eachRegister(t, func(t *testing.T, r *register) {
		w := &mailWorld{register: r, t: t, events: &audittest.Trail{}}
		var held []census.Reference
		for _, number := range []string{neverRegistered, withdrew, lostPhone, isRegistered, isRevoked, isDeceased, noAddress} {
			reference := spaniard(t, number)
			switch number {
			case isDeceased:
				reference.DeceasedOn = identity.Date{Year: 2026, Month: 1, Day: 1}
			case noAddress:
				reference.Address = census.Address{}
			}
			held = append(held, reference)
		}
		r.hold(t, held...)
		state := func(number string, state identity.State) census.Registration {
			return census.Registration{Document: document(t, number), State: state, Level: identity.Advanced, Channel: identity.ByOffice, At: r.now}
		}
		r.enrol(t, state(withdrew, identity.Withdrawn), state(lostPhone, identity.PhoneRevoked),
			state(isRegistered, identity.Registered), state(isRevoked, identity.Revoked), state(isDeceased, identity.Registered))
		w.letters = store.NewLetters(r.db, r.keys.Columns())
		w.store = store.NewInvitations(r.db, r.keys.Index())
		w.service = invitation.New(invitation.Config{
			Tx: r.db, Register: r.persons, Store: w.store, Letters: w.letters,
			Codes: r.keys.Activation(), Trail: w.events, Now: func() time.Time { return r.now },
		})
		test(w)
	})
}

func (w *mailWorld) request(number string) error {
	return w.service.Request(context.Background(), document(w.t, number), "es")
}

func (w *mailWorld) check(number, typed string) error {
	return w.service.Check(context.Background(), document(w.t, number), typed)
}

// spend is a registration's transaction.
func (w *mailWorld) spend(number, typed string) error {
	var refused *invitation.Refused
	err := w.db.Tx(context.Background(), func(ctx context.Context) error {
		refused = nil
		err := w.service.Spend(ctx, document(w.t, number), typed)
		if errors.As(err, &refused) {
			return nil // committed, so that the try counts
		}
		return err
	})
	if refused != nil {
		return refused
	}
	return err
}

// deliver prints everything that is queued.
func (w *mailWorld) deliver() []letter.Letter {
	w.t.Helper()
	ctx := context.Background()
	var all []letter.Letter
	for {
		b, err := w.letters.OpenBatch(ctx, "spool", w.now, 100)
		if err != nil {
			w.t.Fatal(err)
		}
		if b.ID == "" {
			return all
		}
		all = append(all, b.Letters...)
		if _, err := w.letters.BatchStaged(ctx, b.ID, w.now); err != nil {
			w.t.Fatal(err)
		}
		if err := w.letters.BatchPublished(ctx, b.ID, w.now); err != nil {
			w.t.Fatal(err)
		}
	}
}

// letter asks for a letter and opens it.
func (w *mailWorld) letter(number string) letter.Letter {
	w.t.Helper()
	if err := w.request(number); err != nil {
		w.t.Fatal(err)
	}
	all := w.deliver()
	if len(all) != 1 {
		w.t.Fatalf("got %d letters, want 1", len(all))
	}
	return all[0]
}

func (w *mailWorld) pass(d time.Duration) { w.now = w.now.Add(d) }

// refused checks that err is a refusal for that cause.
func refusedFor(t *testing.T, what string, err error, want invitation.Cause) *invitation.Refused {
	t.Helper()
	var refused *invitation.Refused
	if !errors.As(err, &refused) || refused.Cause != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
		return &invitation.Refused{}
	}
	return refused
}

func TestALetterLeadsToOneRegistration(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		for _, number := range []string{neverRegistered, withdrew, lostPhone} {
			l := w.letter(number)
			r := spaniard(w.t, number)
			if l.To.Street != r.Address.Street || l.To.City != r.Address.City || !strings.HasPrefix(l.To.Name, r.GivenName) || l.Language != "es" {
				w.t.Errorf("%s: the letter does not go to the address of the reference data", number)
			}
			if len(l.Code) != onetime.InvitationLength || !l.ExpiresAt.Equal(w.now.Add(60*24*time.Hour)) {
				w.t.Errorf("%s: a code of %d characters until %s", number, len(l.Code), l.ExpiresAt)
			}
			for range 3 { // looking uses nothing up
				if err := w.check(number, " "+strings.ToLower(onetime.Grouped(l.Code))); err != nil {
					w.t.Fatal(err)
				}
			}
			if err := w.spend(number, onetime.Grouped(l.Code)); err != nil {
				w.t.Fatal(err)
			}
			refusedFor(w.t, "a second time", w.spend(number, l.Code), invitation.OldCode)
		}
		if got := len(w.events.Events(audit.KindInvitationIssued)); got != 3 {
			w.t.Errorf("got %d events of letters, want 3", got)
		}
	})
}

func TestWhoGetsNoLetter(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		for number, want := range map[string]identity.State{
			isRegistered: identity.Registered, isRevoked: identity.Revoked, isDeceased: identity.Deceased, unknown: "",
		} {
			if got := refusedFor(w.t, number, w.request(number), invitation.NotEligible).State; got != want {
				w.t.Errorf("%s: got the state %q, want %q", number, got, want)
			}
		}
		refusedFor(w.t, "no address", w.request(noAddress), invitation.NoAddress)
		if got := w.deliver(); len(got) != 0 {
			w.t.Errorf("%d letters went out", len(got))
		}
	})
}

func TestLettersAreBounded(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		start := w.now
		for range 4 {
			w.letter(neverRegistered)
			w.pass(24*time.Hour - time.Microsecond)
			if until := refusedFor(w.t, "within a day", w.request(neverRegistered), invitation.TooSoon).Until; !until.Equal(w.now.Add(time.Microsecond)) {
				// After the fourth the month's limit is the one to tell.
				w.t.Errorf("got %s", until)
			}
			w.pass(time.Microsecond)
			if w.now.Sub(start) == 3*24*time.Hour {
				break
			}
		}
		w.letter(neverRegistered)
		if until := refusedFor(w.t, "the fifth in a month", w.request(neverRegistered), invitation.TooMany).Until; !until.Equal(start.Add(30 * 24 * time.Hour)) {
			w.t.Errorf("got %s", until)
		}
		w.letter(withdrew) // another citizen is not affected
		w.now = start.Add(30 * 24 * time.Hour)
		w.letter(neverRegistered)
	})
}

func TestANewLetterVoidsTheOld(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		old := w.letter(neverRegistered)
		w.pass(24 * time.Hour)
		young := w.letter(neverRegistered)
		refusedFor(w.t, "the old code", w.check(neverRegistered, old.Code), invitation.OldCode)
		refusedFor(w.t, "the old code, spent", w.spend(neverRegistered, old.Code), invitation.OldCode)
		if err := w.spend(neverRegistered, young.Code); err != nil {
			w.t.Error(err)
		}
	})
}

func TestALetterNotYetPrintedIsTakenBack(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		if err := w.request(neverRegistered); err != nil {
			w.t.Fatal(err)
		}
		w.pass(24 * time.Hour)
		if err := w.request(neverRegistered); err != nil {
			w.t.Fatal(err)
		}
		if got := w.deliver(); len(got) != 1 || !got[0].QueuedAt.Equal(w.now) {
			w.t.Errorf("got %d letters, want the newest alone", len(got))
		}
	})
}

func TestACodeExpires(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		l := w.letter(neverRegistered)
		w.pass(60*24*time.Hour - time.Microsecond)
		if err := w.check(neverRegistered, l.Code); err != nil {
			w.t.Error(err)
		}
		w.pass(time.Microsecond)
		refusedFor(w.t, "after 60 days", w.spend(neverRegistered, l.Code), invitation.OldCode)
	})
}

func TestACodeIsForOneDocument(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		l := w.letter(withdrew)
		w.letter(neverRegistered)
		refusedFor(w.t, "another citizen's code", w.spend(neverRegistered, l.Code), invitation.WrongCode)
		refusedFor(w.t, "a code without any letter", w.spend(lostPhone, l.Code), invitation.WrongCode)
		refusedFor(w.t, "the letter's number", w.spend(withdrew, l.Number), invitation.WrongCode)
		refusedFor(w.t, "an unknown document", w.spend(unknown, l.Code), invitation.NotEligible)
	})
}

func TestWrongCodesAreCounted(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		l := w.letter(neverRegistered)
		wrong := onetime.NewPrinted(onetime.InvitationLength)
		for i := range 5 {
			try := w.check
			if i%2 == 1 {
				try = w.spend // both count into one
			}
			if left := refusedFor(w.t, "a wrong one", try(neverRegistered, wrong), invitation.WrongCode).Left; left != 4-i {
				w.t.Errorf("got %d tries left, want %d", left, 4-i)
			}
			w.pass(time.Minute)
		}
		refused := refusedFor(w.t, "even the right one", w.spend(neverRegistered, l.Code), invitation.TooManyTries)
		if want := w.now.Add(5 * time.Minute); !refused.Until.Equal(want) {
			w.t.Errorf("got %s, want %s", refused.Until, want)
		}
		w.pass(5 * time.Minute) // the first of the five is ten minutes old
		if err := w.spend(neverRegistered, l.Code); err != nil {
			w.t.Error(err)
		}
		if got := len(w.events.Events(audit.KindInvitationWrong)); got != 5 {
			w.t.Errorf("got %d events of wrong codes, want 5", got)
		}
	})
}

func TestASlipIsNoTry(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		l := w.letter(neverRegistered)
		for range 10 {
			if left := refusedFor(w.t, "a zero for an O", w.check(neverRegistered, "0"+l.Code[1:]), invitation.WrongCode).Left; left != 5 {
				w.t.Errorf("got %d tries left, want 5", left)
			}
		}
	})
}

func TestAReturnedLetterIsVoid(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		ctx := context.Background()
		queued := w.request(withdrew) // a letter that is not printed
		if queued != nil {
			w.t.Fatal(queued)
		}
		held, err := w.letters.OpenBatch(ctx, "elsewhere", w.now, 10)
		if err != nil {
			w.t.Fatal(err)
		}
		if known, err := w.service.Returned(ctx, held.Letters[0].Number, audit.Operator("mail")); err != nil || known {
			w.t.Errorf("what was never posted came back: %v, %v", known, err)
		}
		l := w.letter(neverRegistered)
		for _, step := range []struct {
			number string
			known  bool
		}{{l.Number, true}, {l.Number, false}, {letter.NewNumber(), false}} {
			if known, err := w.service.Returned(ctx, step.number, audit.Operator("mail")); err != nil || known != step.known {
				w.t.Errorf("got %v, %v; want %v", known, err, step.known)
			}
		}
		refusedFor(w.t, "a returned letter's code", w.spend(neverRegistered, l.Code), invitation.OldCode)
		if got := len(w.events.Events(audit.KindLetterReturned)); got != 1 {
			w.t.Errorf("got %d events, want 1", got)
		}
		w.pass(24 * time.Hour)
		w.letter(neverRegistered) // a new one may be asked for
	})
}

func TestARegistrationThatFailsUsesNothingUp(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		l, failed := w.letter(neverRegistered), errors.New("the phone was taken meanwhile")
		err := w.db.Tx(context.Background(), func(ctx context.Context) error {
			return errors.Join(w.service.Spend(ctx, document(w.t, neverRegistered), l.Code), failed)
		})
		if !errors.Is(err, failed) {
			w.t.Fatal(err)
		}
		if err := w.spend(neverRegistered, l.Code); err != nil {
			w.t.Error(err)
		}
	})
}

func TestLettersAskedForAtOnce(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		var sent atomic.Int64
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				var refused *invitation.Refused
				switch err := w.request(neverRegistered); {
				case err == nil:
					sent.Add(1)
				case !errors.As(err, &refused) || refused.Cause != invitation.TooSoon:
					w.t.Errorf("got %v, want one sent and the others too soon", err)
				}
			})
		}
		group.Wait()
		if got := len(w.deliver()); sent.Load() != 1 || got != 1 {
			w.t.Errorf("%d were told of a letter and %d were printed, want 1", sent.Load(), got)
		}
	})
}

func TestACodeSpentAtOnceCountsOnce(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		l := w.letter(neverRegistered)
		var spent atomic.Int64
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				var refused *invitation.Refused
				switch err := w.spend(neverRegistered, l.Code); {
				case err == nil:
					spent.Add(1)
				case !errors.As(err, &refused) || refused.Cause != invitation.OldCode && refused.Cause != invitation.TooManyTries:
					w.t.Errorf("got %v", err)
				}
			})
		}
		group.Wait()
		if spent.Load() != 1 {
			w.t.Errorf("the code was spent %d times, want once", spent.Load())
		}
	})
}

func TestCodesGuessedAtOnce(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		l := w.letter(neverRegistered)
		var looked, locked atomic.Int64
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				var refused *invitation.Refused
				err := w.check(neverRegistered, onetime.NewPrinted(onetime.InvitationLength))
				switch {
				case !errors.As(err, &refused):
					w.t.Errorf("got %v", err)
				case refused.Cause == invitation.WrongCode:
					looked.Add(1)
				case refused.Cause == invitation.TooManyTries:
					locked.Add(1)
				}
			})
		}
		group.Wait()
		if looked.Load() != 5 || locked.Load() != 45 {
			w.t.Errorf("%d were looked at and %d not, want 5 and 45", looked.Load(), locked.Load())
		}
		refusedFor(w.t, "the right one", w.check(neverRegistered, l.Code), invitation.TooManyTries)
	})
}

func TestStolenInvitationsTellNothing(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		l := w.letter(neverRegistered)
		_ = w.check(neverRegistered, onetime.NewPrinted(onetime.InvitationLength)) // counted
		dump, err := w.db.DumpInvitations(context.Background())
		if err != nil || len(dump) < 100 {
			w.t.Fatalf("got %d bytes to look at, %v", len(dump), err)
		}
		index := w.keys.Index().Of("document", neverRegistered)
		for _, secret := range [][]byte{[]byte(l.Code), []byte(neverRegistered), index} {
			if bytes.Contains(dump, secret) {
				w.t.Errorf("a stolen table shows %q", secret)
			}
		}
	})
}

func TestInvitationsAreSwept(t *testing.T) {
	t.Parallel()
	eachMailWorld(t, func(w *mailWorld) {
		ctx := context.Background()
		l := w.letter(neverRegistered)
		w.pass(invitation.Life)
		if err := w.store.Sweep(ctx, w.now); err != nil {
			w.t.Fatal(err)
		}
		refusedFor(w.t, "an expired code is known as one", w.check(neverRegistered, l.Code), invitation.OldCode)
		w.pass(invitation.Life)
		if err := w.store.Sweep(ctx, w.now); err != nil {
			w.t.Fatal(err)
		}
		refusedFor(w.t, "long after", w.check(neverRegistered, l.Code), invitation.WrongCode)
	})
}

func TestRefusalsNameNobody(t *testing.T) {
	t.Parallel()
	r := invitation.Refused{Cause: invitation.TooSoon, Until: time.Unix(0, 0)}
	if got := fmt.Sprint(r.Error()); got != "invitation refused: too_soon" {
		t.Errorf("got %q", got)
	}
}
