package registration_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clave/audit"
	"clave/census"
	"clave/census/registration"
	"clave/census/registration/registrationtest"
	"clave/identity"
	"clave/internal/onetime"
	"clave/web/lang"

	"github.com/google/go-cmp/cmp"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	m := registrationtest.NewMemory()
	registrationtest.Suite(t, registrationtest.Stores{Tx: m.Tx, Procedures: m})
}

// cause is why something was denied, "" for nothing.
func cause(t testing.TB, err error) registration.Cause {
	t.Helper()
	var denied *registration.Denied
	if err != nil && !errors.As(err, &denied) {
		t.Fatalf("got the error %v", err)
	}
	if denied == nil {
		return ""
	}
	return denied.Cause
}

// at is where a procedure stands.
func at(t testing.TB, w *registrationtest.World, h registration.Handle) registration.StepName {
	t.Helper()
	r, err := w.Open(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	return r.At()
}

// wrongCode is six digits that are not the code.
func wrongCode(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

func TestRegisteringWithALetter(t *testing.T) {
	t.Parallel()
	for _, number := range []string{registrationtest.Stranger, registrationtest.Permanent, registrationtest.Foreigner, registrationtest.Gone, registrationtest.NoPhone} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			w := registrationtest.New(t)
			h := w.Matched(t, number)
			if err := w.RequestLetter(t.Context(), h, "es"); err != nil {
				t.Fatal(err)
			}
			if got := at(t, w, h); got != registration.StepRequested {
				t.Errorf("got %s, want the letter requested", got)
			}
			// The letter comes days later, to another browser.
			w.Clock.Pass(4 * 24 * time.Hour)
			h = w.WithLetter(t, w.Matched(t, number), number)
			if err := w.Give(t, h, registrationtest.Contact("600000001")); err != nil {
				t.Fatal(err)
			}
			m := w.Outbox.Messages()
			if len(m) != 1 || m[0].To != "+34600000001" || !m[0].Urgent || !strings.Contains(m[0].Body, m[0].Code) {
				t.Fatalf("got the messages %v, want one code to the phone", m)
			}
			typed := m[0].Code[:3] + " " + m[0].Code[3:]
			if err := w.Prove(t.Context(), h, typed, lang.English); err != nil {
				t.Fatal(err)
			}
			if got := w.Register.Holder(registrationtest.Phone("+34600000001")); got != registrationtest.Document(number) {
				t.Errorf("the phone is %v's", got)
			}
			r, err := w.Open(t.Context(), h)
			if err != nil || r.At() != registration.StepDone || r.Done == nil || r.Done.Receipt == "" || r.Done.Activation == "" || r.Done.TookPhone {
				t.Fatalf("got %+v, %v", r.Done, err)
			}
			if r.Typed[registration.FieldInvitation] != "" || r.State.Phone != "" || r.Possession.Secret != nil {
				t.Error("what is of no more use is still there")
			}
			for _, kind := range []audit.Kind{audit.KindPossessionAsked, audit.KindPossessionProven} {
				if len(w.Trail.Events(kind)) != 1 {
					t.Errorf("got %d events %s, want one", len(w.Trail.Events(kind)), kind)
				}
			}
		})
	}
}

func TestTheIssueDateIsAsGood(t *testing.T) {
	t.Parallel()
	w := registrationtest.New(t)
	for _, test := range []struct {
		name   string
		number string
		typed  census.Contrast
		want   registration.Cause
	}{
		{"a DNI by its issue date", registrationtest.Stranger, census.Contrast{Kind: identity.IssueDate, Value: "2021-10-01"}, ""},
		{"a DNI by a wrong issue date", registrationtest.Gone, census.Contrast{Kind: identity.IssueDate, Value: "2031-10-01"}, registration.WrongPair},
		{"a DNI by its support number", registrationtest.NoPhone, census.Contrast{Kind: identity.SupportNumber, Value: "AAA000111"}, registration.WrongPair},
		{"a foreigner card by its issue date", registrationtest.Foreigner, census.Contrast{Kind: identity.IssueDate, Value: "2021-10-01"}, registration.WrongPair},
		{"a permanent DNI by what it says of its validity", registrationtest.Permanent, census.Contrast{Kind: identity.ValidityDate, Value: "9999-01-01"}, registration.WrongPair},
		{"the dead by their issue date", registrationtest.Dead, census.Contrast{Kind: identity.IssueDate, Value: "2021-10-01"}, registration.WrongPair},
	} {
		h, err := w.Begin(t.Context(), "", registrationtest.Document(test.number))
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Match(t.Context(), h, test.typed)
		if got := cause(t, err); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestWhoIsToldWhat(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, number string
		right        bool
		want         registration.Cause
		state        identity.State
	}{
		{"who is registered is told so", registrationtest.Member, true, registration.NotEligible, identity.Registered},
		{"whose registration was revoked too", registrationtest.Expelled, true, registration.NotEligible, identity.Revoked},
		{"but nobody without the right datum", registrationtest.Member, false, registration.WrongPair, ""},
		{"nor of the revoked", registrationtest.Expelled, false, registration.WrongPair, ""},
		{"the dead are a wrong pair", registrationtest.Dead, true, registration.WrongPair, ""},
		{"the unknown are a wrong pair", registrationtest.Nobody, true, registration.WrongPair, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := registrationtest.New(t)
			h, err := w.Begin(t.Context(), "", registrationtest.Document(test.number))
			if err != nil {
				t.Fatal(err)
			}
			typed := w.Register.Contrast(test.number)
			if !test.right || typed.Value == "" {
				typed = census.Contrast{Kind: identity.ValidityDate, Value: registrationtest.OtherDates}
			}
			after, err := w.Match(t.Context(), h, typed)
			var denied *registration.Denied
			if !errors.As(err, &denied) || denied.Cause != test.want || denied.State != test.state {
				t.Fatalf("got %+v, want %s %s", err, test.want, test.state)
			}
			if after != h || at(t, w, h) != registration.StepContrast {
				t.Error("it leads on")
			}
			if strings.Contains(w.Log.String(), test.number) {
				t.Error("the log names the document")
			}
		})
	}
}

func TestPairsAreBounded(t *testing.T) {
	t.Parallel()
	w := registrationtest.New(t)
	wrong := census.Contrast{Kind: identity.ValidityDate, Value: registrationtest.OtherDates}
	for _, number := range []string{registrationtest.Stranger, registrationtest.Nobody} {
		for i := range 7 {
			// Each in a procedure of its own: a new one gives no new tries.
			h, err := w.Begin(t.Context(), "", registrationtest.Document(number))
			if err != nil {
				t.Fatal(err)
			}
			want := registration.WrongPair
			if i >= 4 {
				want = registration.PairLocked
			}
			_, err = w.Match(t.Context(), h, wrong)
			if got := cause(t, err); got != want {
				t.Errorf("pair %d: got %s, want %s", i+1, got, want)
			}
		}
	}
	h, err := w.Begin(t.Context(), "", registrationtest.Document(registrationtest.Stranger))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Match(t.Context(), h, w.Register.Contrast(registrationtest.Stranger))
	if got := cause(t, err); got != registration.PairLocked {
		t.Errorf("the right pair: got %s, want %s", got, registration.PairLocked)
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	t.Run("no second one in a day", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		if err := w.RequestLetter(t.Context(), w.Matched(t, registrationtest.Stranger), "es"); err != nil {
			t.Fatal(err)
		}
		h := w.Matched(t, registrationtest.Stranger)
		if got := cause(t, w.RequestLetter(t.Context(), h, "es")); got != registration.LetterTooSoon {
			t.Errorf("got %s", got)
		}
		if got := at(t, w, h); got != registration.StepChoice {
			t.Errorf("got %s, want the choice again", got)
		}
	})
	t.Run("a second press sends no second one", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := w.Matched(t, registrationtest.Stranger)
		for range 3 {
			if err := w.RequestLetter(t.Context(), h, "es"); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("none without an address", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		if got := cause(t, w.RequestLetter(t.Context(), w.Matched(t, registrationtest.Vagabond), "es")); got != registration.NoAddress {
			t.Errorf("got %s", got)
		}
	})
	t.Run("none before the pair was right", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, err := w.Begin(t.Context(), "", registrationtest.Document(registrationtest.Stranger))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.RequestLetter(t.Context(), h, "es"); !errors.Is(err, registration.ErrStep) {
			t.Errorf("got %v, want %v", err, registration.ErrStep)
		}
		if w.Town.Sent(registrationtest.Stranger) {
			t.Error("a letter was sent")
		}
	})
}

func TestInvitationCodes(t *testing.T) {
	t.Parallel()
	t.Run("guessing locks, also from other procedures", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		var got []registration.Cause
		for range 6 {
			h := w.Matched(t, registrationtest.Stranger)
			if err := w.HaveLetter(t.Context(), h); err != nil {
				t.Fatal(err)
			}
			_, err := w.TryInvitation(t.Context(), h, onetime.NewPrinted(onetime.InvitationLength))
			got = append(got, cause(t, err))
		}
		wrong, locked := registration.WrongInvitation, registration.InvitationLocked
		if diff := cmp.Diff([]registration.Cause{wrong, wrong, wrong, wrong, locked, locked}, got); diff != "" {
			t.Errorf("want less got:\n%s", diff)
		}
	})
	t.Run("a wrong one sends no message", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := w.Matched(t, registrationtest.Stranger)
		if err := w.HaveLetter(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		_, err := w.TryInvitation(t.Context(), h, onetime.NewPrinted(onetime.InvitationLength))
		if cause(t, err) != registration.WrongInvitation {
			t.Fatalf("got %v", err)
		}
		if err := w.Give(t, h, registrationtest.Contact("600000001")); !errors.Is(err, registration.ErrStep) {
			t.Errorf("got %v, want %v", err, registration.ErrStep)
		}
		if n := len(w.Outbox.Messages()); n != 0 {
			t.Errorf("got %d messages", n)
		}
	})
	t.Run("it is used once", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		one := w.Invited(t, registrationtest.Stranger)
		two := w.WithLetter(t, w.Matched(t, registrationtest.Stranger), registrationtest.Stranger)
		if err := w.Give(t, one, registrationtest.Contact("600000001")); err != nil {
			t.Fatal(err)
		}
		if err := w.Prove(t.Context(), one, w.Outbox.Code(t), lang.Spanish); err != nil {
			t.Fatal(err)
		}
		if err := w.Give(t, two, registrationtest.Contact("600000002")); err != nil {
			t.Fatal(err)
		}
		if got := cause(t, w.Prove(t.Context(), two, w.Outbox.Code(t), lang.Spanish)); got != registration.NotEligible {
			t.Errorf("got %s, want the second told that it is registered", got)
		}
		if got := w.Register.Holder(registrationtest.Phone("+34600000002")); !got.IsZero() {
			t.Error("the second phone was registered too")
		}
	})
}

// waiting runs a procedure up to the code, which it returns.
func waiting(t testing.TB, w *registrationtest.World, number, phone string) (registration.Handle, string) {
	t.Helper()
	h := w.Invited(t, number)
	if err := w.Give(t, h, registrationtest.Contact(phone)); err != nil {
		t.Fatal(err)
	}
	return h, w.Outbox.Code(t)
}

func TestTheCodeOfThePhone(t *testing.T) {
	t.Parallel()
	prove := func(t *testing.T, w *registrationtest.World, h registration.Handle, code string) registration.Cause {
		t.Helper()
		return cause(t, w.Prove(t.Context(), h, code, lang.Spanish))
	}
	t.Run("five wrong ones end the procedure, and the right one comes too late", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, code := waiting(t, w, registrationtest.Stranger, "600000001")
		for i := range 5 {
			want := registration.WrongCode
			if i == 4 {
				want = registration.TriesSpent
			}
			if got := prove(t, w, h, wrongCode(code)); got != want {
				t.Errorf("try %d: got %s, want %s", i+1, got, want)
			}
		}
		if got := prove(t, w, h, code); got != registration.TriesSpent {
			t.Errorf("got %s", got)
		}
		if got := cause(t, w.SendAgain(t.Context(), h, lang.Spanish)); got != registration.TriesSpent {
			t.Errorf("another code: got %s", got)
		}
		if len(w.Trail.Events(audit.KindPossessionWrong)) != 5 {
			t.Errorf("got %d events", len(w.Trail.Events(audit.KindPossessionWrong)))
		}
	})
	t.Run("guesses sent all at once are looked at one after the other", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, code := waiting(t, w, registrationtest.Stranger, "600000001")
		var group sync.WaitGroup
		var looked atomic.Int64
		for range 40 {
			group.Go(func() {
				var denied *registration.Denied
				if errors.As(w.Prove(t.Context(), h, wrongCode(code), lang.Spanish), &denied) && denied.Cause == registration.WrongCode {
					looked.Add(1)
				}
			})
		}
		group.Wait()
		if looked.Load() != 4 || len(w.Trail.Events(audit.KindPossessionWrong)) != 5 {
			t.Errorf("got %d looked at, want 4 and the last", looked.Load())
		}
	})
	t.Run("what cannot be a code is no try", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, code := waiting(t, w, registrationtest.Stranger, "600000001")
		for range 9 {
			for _, typed := range []string{"", "12345", "1234567", "12345a", "١٢٣٤٥٦"} {
				if err := w.Prove(t.Context(), h, typed, lang.Spanish); !errors.Is(err, registration.ErrCode) {
					t.Errorf("%q: got %v", typed, err)
				}
			}
		}
		if got := prove(t, w, h, code); got != "" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("it counts for ten minutes", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, code := waiting(t, w, registrationtest.Stranger, "600000001")
		w.Clock.Pass(registration.CodeLife)
		if got := prove(t, w, h, code); got != registration.CodeExpired {
			t.Errorf("got %s", got)
		}
	})
	t.Run("a new one voids the old, thirty seconds later, and there are three", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, first := waiting(t, w, registrationtest.Stranger, "600000001")
		if got := cause(t, w.SendAgain(t.Context(), h, lang.Spanish)); got != registration.TooSoon {
			t.Errorf("at once: got %s", got)
		}
		w.Clock.Pass(registration.SendSpacing)
		if err := w.SendAgain(t.Context(), h, lang.Spanish); err != nil {
			t.Fatal(err)
		}
		if w.Outbox.Code(t) != first {
			if got := prove(t, w, h, first); got != registration.WrongCode {
				t.Errorf("the first: got %s", got)
			}
		}
		w.Clock.Pass(registration.SendSpacing)
		if err := w.SendAgain(t.Context(), h, lang.Spanish); err != nil {
			t.Fatal(err)
		}
		w.Clock.Pass(registration.SendSpacing)
		if got := cause(t, w.SendAgain(t.Context(), h, lang.Spanish)); got != registration.NoSendsLeft {
			t.Errorf("the fourth: got %s", got)
		}
		if got := prove(t, w, h, w.Outbox.Code(t)); got != "" {
			t.Errorf("the last one: got %s", got)
		}
	})
	t.Run("a code proves the phone that it was sent to and no other", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, mine := waiting(t, w, registrationtest.Stranger, "600000001")
		w.Clock.Pass(registration.SendSpacing)
		if err := w.Give(t, h, registrationtest.Contact(registrationtest.MemberPhone[3:])); err != nil {
			t.Fatal(err)
		}
		if err := w.Prove(t.Context(), h, mine, lang.Spanish); !errors.Is(err, registration.ErrStep) {
			t.Errorf("before the claim: got %v, want %v", err, registration.ErrStep)
		}
		if err := w.ClaimPhone(t.Context(), h, lang.Spanish); err != nil {
			t.Fatal(err)
		}
		if w.Outbox.Code(t) == mine {
			return // one in a million: both codes are the same
		}
		if got := prove(t, w, h, mine); got != registration.WrongCode {
			t.Errorf("got %s", got)
		}
		if got := w.Register.Holder(registrationtest.Phone(registrationtest.MemberPhone)); got != registrationtest.Document(registrationtest.Member) {
			t.Error("the phone was taken without its code")
		}
	})
	t.Run("a code of another procedure for the same phone proves nothing", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		_, theirs := waiting(t, w, registrationtest.Gone, "600000001")
		h, mine := waiting(t, w, registrationtest.Stranger, "600000001")
		if mine == theirs {
			return // one in a million: both codes are the same
		}
		if got := prove(t, w, h, theirs); got != registration.WrongCode {
			t.Errorf("got %s", got)
		}
	})
	t.Run("the right one again changes nothing", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, code := waiting(t, w, registrationtest.Stranger, "600000001")
		if got := prove(t, w, h, code); got != "" {
			t.Fatal(got)
		}
		if err := w.Prove(t.Context(), h, code, lang.Spanish); !errors.Is(err, registration.ErrStep) {
			t.Errorf("got %v, want %v", err, registration.ErrStep)
		}
		if err := w.SendAgain(t.Context(), h, lang.Spanish); !errors.Is(err, registration.ErrStep) {
			t.Errorf("another code: got %v, want %v", err, registration.ErrStep)
		}
		if len(w.Trail.Events(audit.KindPossessionProven)) != 1 {
			t.Error("it was proven twice")
		}
	})
	t.Run("a second press on the contact sends nothing and voids nothing", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, code := waiting(t, w, registrationtest.Stranger, "600000001")
		if err := w.Give(t, h, registrationtest.Contact("600000001")); err != nil {
			t.Fatal(err)
		}
		if n := len(w.Outbox.Messages()); n != 1 {
			t.Errorf("got %d messages", n)
		}
		if got := prove(t, w, h, code); got != "" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("nobody rings a phone all day", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		var last registration.Cause
		for i := range registration.PhoneLimit + 1 {
			number := registrationtest.Stranger
			if i%2 == 1 {
				number = registrationtest.Gone
			}
			h := w.Matched(t, number)
			if !w.Town.Sent(number) {
				if err := w.RequestLetter(t.Context(), h, "es"); err != nil {
					t.Fatal(err)
				}
			}
			h = w.WithLetter(t, h, number)
			last = cause(t, w.Give(t, h, registrationtest.Contact("600000001")))
		}
		if last != registration.PhoneFull {
			t.Errorf("got %s", last)
		}
	})
	t.Run("nobody finds out whose phones are registered", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := w.Invited(t, registrationtest.Stranger)
		var last registration.Cause
		for i := range 11 {
			c := registrationtest.Contact(registrationtest.MemberPhone[3:])
			c.Email = strings.Repeat("a", i+1) + "@example.org"
			c.EmailAgain = c.Email
			last = cause(t, w.Give(t, h, c))
		}
		if last != registration.DocumentFull {
			t.Errorf("got %s", last)
		}
	})
	t.Run("no message beyond the budget", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := w.Invited(t, registrationtest.Stranger)
		w.Budget.Close()
		if got := cause(t, w.Give(t, h, registrationtest.Contact("600000001"))); got != registration.NoBudget {
			t.Errorf("got %s", got)
		}
		if n := len(w.Outbox.Messages()); n != 0 {
			t.Errorf("got %d messages", n)
		}
	})
}

func TestAPhoneThatIsTaken(t *testing.T) {
	t.Parallel()
	claim := func(t *testing.T) (*registrationtest.World, registration.Handle) {
		t.Helper()
		w := registrationtest.New(t)
		h := w.Invited(t, registrationtest.Stranger)
		if err := w.Give(t, h, registrationtest.Contact(registrationtest.MemberPhone[3:])); err != nil {
			t.Fatal(err)
		}
		return w, h
	}
	t.Run("is explained before anything is sent", func(t *testing.T) {
		t.Parallel()
		w, h := claim(t)
		if got := at(t, w, h); got != registration.StepClaim {
			t.Errorf("got %s", got)
		}
		if n := len(w.Outbox.Messages()); n != 0 {
			t.Errorf("got %d messages", n)
		}
	})
	t.Run("goes to who enters the code that came to it", func(t *testing.T) {
		t.Parallel()
		w, h := claim(t)
		if err := w.ClaimPhone(t.Context(), h, lang.Spanish); err != nil {
			t.Fatal(err)
		}
		if m := w.Outbox.Messages(); m[len(m)-1].To != registrationtest.MemberPhone {
			t.Fatalf("the code went to %s", m[len(m)-1].To)
		}
		if err := w.ClaimPhone(t.Context(), h, lang.Spanish); err != nil { // a second press
			t.Fatal(err)
		}
		if err := w.Prove(t.Context(), h, w.Outbox.Code(t), lang.Spanish); err != nil {
			t.Fatal(err)
		}
		r, err := w.Open(t.Context(), h)
		if err != nil || !r.Done.TookPhone {
			t.Errorf("got %+v, %v", r, err)
		}
		before, _ := w.Register.Candidate(t.Context(), registrationtest.Document(registrationtest.Member))
		if before.State != identity.PhoneRevoked {
			t.Errorf("who had it is %s", before.State)
		}
	})
	t.Run("stays with who has it when another one is given", func(t *testing.T) {
		t.Parallel()
		w, h := claim(t)
		if err := w.Give(t, h, registrationtest.Contact("600000001")); err != nil {
			t.Fatal(err)
		}
		if err := w.ClaimPhone(t.Context(), h, lang.Spanish); !errors.Is(err, registration.ErrStep) {
			t.Errorf("the page from before: got %v, want %v", err, registration.ErrStep)
		}
		if err := w.Prove(t.Context(), h, w.Outbox.Code(t), lang.Spanish); err != nil {
			t.Fatal(err)
		}
		if got := w.Register.Holder(registrationtest.Phone(registrationtest.MemberPhone)); got != registrationtest.Document(registrationtest.Member) {
			t.Error("it was taken all the same")
		}
	})
}

func TestTheHandle(t *testing.T) {
	t.Parallel()
	t.Run("one that a stranger put into the browser gets nothing of what is typed there", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		planted := w.Invited(t, registrationtest.Stranger) // by who knows the pair and the letter, and waits
		if err := w.Give(t, planted, registrationtest.Contact("600000066")); err != nil {
			t.Fatal(err)
		}
		h, err := w.Begin(t.Context(), planted, registrationtest.Document(registrationtest.Stranger))
		if err != nil {
			t.Fatal(err)
		}
		r, err := w.Open(t.Context(), h)
		if err != nil || r.Typed[registration.FieldPhone] != "" || r.At() != registration.StepContrast {
			t.Errorf("got %v at %s, %v: the stranger's", r.Typed, r.At(), err)
		}
		if _, err := w.Open(t.Context(), planted); !errors.Is(err, registration.ErrNone) {
			t.Errorf("the planted one: got %v, want %v", err, registration.ErrNone)
		}
	})
	t.Run("it changes when the pair was right and when the letter was", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		first, err := w.Begin(t.Context(), "", registrationtest.Document(registrationtest.Stranger))
		if err != nil {
			t.Fatal(err)
		}
		second, err := w.Match(t.Context(), first, w.Register.Contrast(registrationtest.Stranger))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.RequestLetter(t.Context(), second, "es"); err != nil {
			t.Fatal(err)
		}
		third := w.WithLetter(t, second, registrationtest.Stranger)
		if first == second || second == third {
			t.Fatal("it stayed the same")
		}
		for _, old := range []registration.Handle{first, second} {
			if _, err := w.Open(t.Context(), old); !errors.Is(err, registration.ErrNone) {
				t.Errorf("got %v, want %v", err, registration.ErrNone)
			}
			if err := w.Give(t, old, registrationtest.Contact("600000001")); !errors.Is(err, registration.ErrNone) {
				t.Errorf("got %v, want %v", err, registration.ErrNone)
			}
		}
	})
	t.Run("it is not what is stored", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := w.Matched(t, registrationtest.Stranger)
		if row := w.Memory.Rows()[0]; strings.Contains(string(row.Handle), string(h)) || strings.Contains(string(row.State), string(h)) {
			t.Error("the row holds it")
		}
	})
	t.Run("none is no procedure", func(t *testing.T) {
		t.Parallel()
		if _, err := registrationtest.New(t).Open(t.Context(), ""); !errors.Is(err, registration.ErrNone) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTime(t *testing.T) {
	t.Parallel()
	t.Run("an abandoned procedure is over after an hour", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h := w.Matched(t, registrationtest.Stranger)
		w.Clock.Pass(registration.Idle - time.Second)
		if _, err := w.Open(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		w.Clock.Pass(time.Second)
		if err := w.HaveLetter(t.Context(), h); !errors.Is(err, registration.ErrNone) {
			t.Errorf("got %v, want %v", err, registration.ErrNone)
		}
	})
	t.Run("answers give more time, and not for ever", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, _ := waiting(t, w, registrationtest.Stranger, "600000001")
		var err error
		for i := 0; err == nil && i < 20; i++ {
			w.Clock.Pass(registration.Idle - time.Minute)
			c := registrationtest.Contact("600000001")
			c.Email = strings.Repeat("b", i+1) + "@example.org"
			c.EmailAgain = c.Email
			if err = w.Give(t, h, c); err != nil && cause(t, ignoreNone(err)) != "" {
				err = nil
			}
		}
		if !errors.Is(err, registration.ErrNone) {
			t.Errorf("got %v, want %v", err, registration.ErrNone)
		}
	})
}

func ignoreNone(err error) error {
	if errors.Is(err, registration.ErrNone) {
		return nil
	}
	return err
}

func TestTwoTabs(t *testing.T) {
	t.Parallel()
	t.Run("both finish at once, and it is done once", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, code := waiting(t, w, registrationtest.Stranger, "600000001")
		var group sync.WaitGroup
		var done, late atomic.Int64
		for range 8 {
			group.Go(func() {
				switch err := w.Prove(t.Context(), h, code, lang.Spanish); {
				case err == nil:
					done.Add(1)
				case errors.Is(err, registration.ErrStep):
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
	t.Run("going back to the datum in one undoes what the other stands on", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, code := waiting(t, w, registrationtest.Stranger, "600000001")
		_, err := w.Match(t.Context(), h, census.Contrast{Kind: identity.ValidityDate, Value: registrationtest.OtherDates})
		if cause(t, err) != registration.WrongPair {
			t.Fatalf("got %v", err)
		}
		if err := w.Prove(t.Context(), h, code, lang.Spanish); !errors.Is(err, registration.ErrStep) {
			t.Errorf("got %v, want %v", err, registration.ErrStep)
		}
	})
	t.Run("what was typed further on is still there after going back", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		h, _ := waiting(t, w, registrationtest.Stranger, "600000001")
		if err := w.RequestLetter(t.Context(), h, "es"); cause(t, err) != registration.LetterTooSoon {
			t.Fatalf("got %v", err)
		}
		r, err := w.Open(t.Context(), h)
		if err != nil || r.At() != registration.StepChoice || r.Typed[registration.FieldPhone] != "600000001" {
			t.Errorf("got %s with %v, %v", r.At(), r.Typed, err)
		}
	})
	t.Run("two browsers with one letter: one of them registers", func(t *testing.T) {
		t.Parallel()
		w := registrationtest.New(t)
		one, first := waiting(t, w, registrationtest.Stranger, "600000001")
		two := w.WithLetter(t, w.Matched(t, registrationtest.Stranger), registrationtest.Stranger)
		if err := w.Give(t, two, registrationtest.Contact("600000002")); err != nil {
			t.Fatal(err)
		}
		second := w.Outbox.Code(t)
		var group sync.WaitGroup
		var registered atomic.Int64
		for h, code := range map[registration.Handle]string{one: first, two: second} {
			group.Go(func() {
				if w.Prove(t.Context(), h, code, lang.Spanish) == nil {
					registered.Add(1)
				}
			})
		}
		group.Wait()
		if registered.Load() != 1 {
			t.Errorf("got %d registered, want 1", registered.Load())
		}
	})
}
