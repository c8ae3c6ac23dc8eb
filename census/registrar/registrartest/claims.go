package registrartest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"clave/audit"
	"clave/census"
	"clave/census/registrar"
	"clave/identity"
)

// Claims shows that one phone belongs to one citizen whatever happens at once, and
// that nobody loses one without being told.
func Claims(t *testing.T, p Parts) {
	t.Run("many citizens want a phone that nobody has", func(t *testing.T) {
		t.Parallel()
		for range 5 {
			manyWantOne(t, New(t, p))
		}
	})
	t.Run("a document registers many times at once", func(t *testing.T) {
		t.Parallel()
		for range 5 {
			oneWantsMany(t, New(t, p))
		}
	})
	t.Run("everybody claims everything", func(t *testing.T) {
		t.Parallel()
		for range 3 {
			everybodyWantsAll(t, New(t, p))
		}
	})
}

// atOnce runs n functions from one starting shot.
func atOnce(n int, do func(i int)) {
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	group.Wait()
}

func manyWantOne(t *testing.T, w *World) {
	const many = 12
	citizens, phone := w.Citizens(t, many), Phones(t, 1)
	var took atomic.Int64
	atOnce(many, func(i int) {
		by := []registrar.By{Letter(), Certificate(), Desk()}[i%3]
		done, err := w.Registrar.Register(context.Background(), registrar.Application{Document: citizens[i].Document, Phone: phone[0], Email: citizens[i].Email}, by)
		if err != nil {
			t.Errorf("citizen %d: %v", i, err)
		}
		if done.TookPhone {
			took.Add(1)
		}
	})
	if took.Load() != many-1 {
		t.Errorf("%d citizens were told that they took the phone, want all but the first", took.Load())
	}
	w.balance(t, citizens, phone, took.Load())
}

func oneWantsMany(t *testing.T, w *World) {
	const many = 8
	citizen, phones := w.Citizens(t, 1), Phones(t, many)
	var registered, refused atomic.Int64
	atOnce(many, func(i int) {
		switch err := again(w, citizen[0], phones[i], Certificate()); {
		case err == nil:
			registered.Add(1)
		case errors.Is(err, registrar.ErrState):
			refused.Add(1)
		default:
			t.Errorf("phone %d: %v", i, err)
		}
	})
	if registered.Load() != 1 || refused.Load() != many-1 {
		t.Errorf("%d registrations and %d refusals, want one registration", registered.Load(), refused.Load())
	}
	w.balance(t, citizen, phones, 0)
}

func everybodyWantsAll(t *testing.T, w *World) {
	const many, each = 8, 8
	citizens, phones := w.Citizens(t, many), Phones(t, 3)
	seed := rand.Uint64()
	var took atomic.Int64
	// Two workers a citizen, so that a citizen's own acts race too.
	atOnce(2*many, func(i int) {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		c := citizens[i%many]
		for range each {
			done, err := w.want(c, phones[random.IntN(len(phones))], random)
			switch {
			case errors.Is(err, registrar.ErrState), errors.Is(err, registrar.ErrUnchanged), errors.Is(err, registrar.ErrNoPerson):
			case err != nil:
				t.Errorf("seed %d, worker %d: %v", seed, i, err)
			case done.TookPhone:
				took.Add(1)
			}
		}
	})
	w.balance(t, citizens, phones, took.Load())
}

// want does what gives the citizen the phone, or sometimes leaves.
func (w *World) want(c Citizen, phone identity.Phone, random *rand.Rand) (registrar.Done, error) {
	ctx := context.Background()
	person, err := w.personOf(ctx, c)
	if err != nil {
		return registrar.Done{}, err
	}
	switch random.IntN(8) {
	case 0:
		return w.Withdraw(ctx, person, identity.Phone{}, Desk())
	case 1, 2, 3:
		return w.ChangePhone(ctx, person, phone, Certificate())
	}
	return w.Registrar.Register(ctx, registrar.Application{Document: c.Document, Phone: phone, Email: c.Email}, Desk())
}

func (w *World) personOf(ctx context.Context, c Citizen) (person identity.PersonID, err error) {
	err = w.Tx(ctx, func(ctx context.Context) (err error) {
		person, err = w.Parts.Store.Ensure(ctx, c.Document, w.Clock.Now())
		return err
	})
	return person, err
}

// balance compares what is with what histories, trail and messages tell of it.
func (w *World) balance(t *testing.T, citizens []Citizen, phones []identity.Phone, took int64) {
	t.Helper()
	holders, flow := map[identity.Phone]int{}, map[identity.Phone]int{}
	var taken, told, recorded int64
	for i, c := range citizens {
		now := w.Candidate(t, c)
		if now.PersonID == "" {
			continue
		}
		var phone identity.Phone
		for _, r := range w.Past(t, now.PersonID) {
			if r.Change == registrar.PhoneTaken {
				taken++
			}
			if held := holds(r); held != phone {
				flow[phone]--
				flow[held]++
				phone = held
			}
		}
		if want := holding(now); phone != want {
			t.Errorf("citizen %d: the history ends with %v, the register has %v", i, phone, want)
		}
		holders[phone]++
		for _, purpose := range w.Purposes(c.Email.Reveal()) {
			if purpose == string(registrar.PhoneTaken) {
				told++
			}
		}
		for _, e := range w.Events(now.PersonID, audit.KindRegistrationChanged) {
			if e.Data.(audit.RegistrationChanged).Change == string(registrar.PhoneTaken) {
				recorded++
			}
		}
	}
	if taken != took || told != took || recorded != took {
		t.Errorf("%d phones were taken: %d lines of history, %d mails, %d events", took, taken, told, recorded)
	}
	for i, phone := range phones {
		if holders[phone] > 1 {
			t.Errorf("phone %d has %d citizens", i, holders[phone])
		}
		if flow[phone] != holders[phone] {
			t.Errorf("phone %d: histories leave it with %d citizens, the register with %d", i, flow[phone], holders[phone])
		}
	}
}

// holds is the phone that a line leaves its person with.
func holds(r registrar.Record) identity.Phone {
	if r.State == identity.Registered {
		return r.Phone
	}
	return identity.Phone{}
}

// holding is the phone that a citizen has now.
func holding(c census.Candidate) identity.Phone {
	if c.State == identity.Registered {
		return c.Phone
	}
	return identity.Phone{}
}
