package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/clocktest"
	"clave/internal/onetime"
	"clave/keys/keystest"
	"clave/providers/certificate"
	"clave/providers/certificate/certificatetest"
	"clave/providers/certificate/profile"
	"clave/providers/providertest"
	"clave/store"
	"clave/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestCertificateOverDatabases(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ring := keystest.Fixed(t)
		presentations, persons := store.NewPresentations(db, ring.Columns()), store.NewPersons(db, ring.Columns(), ring.Index())
		providertest.Run(t, func(t testing.TB) providertest.Subject {
			return certificatetest.Over(t, clocktest.Noon(), certificatetest.Stores{Tx: db.Tx, Presentations: presentations, Persons: persons})
		})
	})
}

func TestPresentations(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p, ctx := store.NewPresentations(db, keystest.Fixed(t).Columns()), t.Context()
		now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
		shown := certificate.Presentation{
			Login: "login", Asked: now, Ticket: onetime.Hash("ticket"), ExpiresAt: now.Add(time.Minute),
			Seen: certificate.Seen{
				Holder: profile.Holder{
					Person: identity.Person{Document: document(t, "12345678Z"), GivenName: "ANA", FirstSurname: "PRUEBA"},
					Level:  identity.High, OnDevice: true, Employee: true, Qualified: true, Policy: "1.2.3",
				},
				Proof: certificate.Proof{Issuer: "CA", Serial: "ff", Authority: "CN=CA,C=ES", NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), Checked: true},
			},
		}
		keep := func(p *store.Presentations, shown certificate.Presentation) error {
			return p.KeepPresentation(ctx, shown)
		}
		if err := keep(p, shown); err != nil {
			t.Fatal(err)
		}
		got, err := p.Presentation(ctx, "login")
		if diff := cmp.Diff(shown, got, cmp.Comparer(func(a, b identity.DocumentID) bool { return a == b })); err != nil || diff != "" {
			t.Fatalf("got %v, %s", err, diff)
		}
		older, later := shown, shown
		older.Asked, later.Asked = now.Add(-time.Second), now.Add(time.Second)
		later.Ticket = onetime.Hash("later")
		for name, again := range map[string]certificate.Presentation{"the same handle": shown, "an older one": older} {
			if err := keep(p, again); !errors.Is(err, certificate.ErrHandleUsed) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if err := keep(p, later); err != nil {
			t.Fatal(err)
		}
		spend := func(login broker.LoginID, ticket string, at time.Time) error {
			_, err := p.SpendPresentation(ctx, login, onetime.Hash(ticket), at)
			return err
		}
		for name, err := range map[string]error{
			"the ticket that was replaced": spend("login", "ticket", now), "another login": spend("other", "later", now),
			"too late": spend("login", "later", now.Add(time.Minute)),
		} {
			if !errors.Is(err, certificate.ErrNoPresentation) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		// What a transaction that fails has spent is not spent.
		failed := errors.New("failed")
		err = db.Tx(ctx, func(ctx context.Context) error {
			if _, err := p.SpendPresentation(ctx, "login", later.Ticket, now); err != nil {
				t.Error(err)
			}
			return failed
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		got, err = p.SpendPresentation(ctx, "login", later.Ticket, now)
		if err != nil || got.Seen.Holder.Person.GivenName != "ANA" {
			t.Fatalf("got %v, %v", got.Seen.Holder.Level, err)
		}
		if err := spend("login", "later", now); !errors.Is(err, certificate.ErrNoPresentation) {
			t.Errorf("twice: got %v", err)
		}
		if got, err = p.Presentation(ctx, "login"); err != nil || !got.Spent || got.Seen.Holder.Policy != "" {
			t.Errorf("reading it after it was spent: got %+v, %v", got, err)
		}
		later.Asked = now.Add(time.Hour)
		if err := keep(p, later); !errors.Is(err, certificate.ErrHandleUsed) {
			t.Errorf("after it was spent: got %v", err)
		}
		if err := p.Sweep(ctx, now.Add(broker.LongestLogin+time.Minute)); err != nil {
			t.Fatal(err)
		}
		if err := keep(p, shown); err != nil {
			t.Errorf("after the sweep: got %v", err)
		}
	})
}

func ana(t testing.TB) identity.Person {
	return identity.Person{Document: document(t, "12345678Z"), GivenName: "ANA", FirstSurname: "CERTIFICADA", SecondSurname: "PRUEBA"}
}

func TestWhoNeverRegisteredGetsAPerson(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		id, state, err := r.persons.Ensure(t.Context(), ana(t), "gl")
		if err != nil || id == "" || state != identity.Unregistered {
			t.Fatalf("got %s, %s, %v", id, state, err)
		}
		st, err := r.persons.Standing(t.Context(), id)
		if err != nil || st.Identity != ana(t) || st.State != identity.Unregistered || st.Language != "gl" {
			t.Errorf("got %+v, %v", st, err)
		}
		renamed := ana(t)
		renamed.FirstSurname = "CAMBIADA"
		again, _, err := r.persons.Ensure(t.Context(), renamed, "gl")
		if err != nil || again != id {
			t.Errorf("got %s, %v; want %s", again, err, id)
		}
		if st, err = r.persons.Standing(t.Context(), id); err != nil || st.Identity.FirstSurname != "CAMBIADA" {
			t.Errorf("got %+v, %v", st.Identity.Attributes(), err)
		}
		// The reference data win as soon as they know the document.
		r.hold(t, spaniard(t, "12345678Z"))
		if st, err = r.persons.Standing(t.Context(), id); err != nil || st.Identity.GivenName != spaniard(t, "12345678Z").GivenName {
			t.Errorf("got %+v, %v", st.Identity.Attributes(), err)
		}
	})
}

func TestReferenceDataWinOverACertificate(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		r.hold(t, spaniard(t, "12345678Z"))
		r.enrol(t, registered(t, "12345678Z", "+34600000001"))
		want := r.candidate(t, "12345678Z").PersonID
		id, state, err := r.persons.Ensure(t.Context(), ana(t), "")
		if err != nil || id != want || state != identity.Registered {
			t.Fatalf("got %s, %s, %v; want %s", id, state, err, want)
		}
		st, err := r.persons.Standing(t.Context(), id)
		if err != nil || st.Identity.GivenName == "ANA" {
			t.Errorf("got %+v, %v", st.Identity.Attributes(), err)
		}
	})
}

func TestTheDeadAreToldApart(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		dead := spaniard(t, "12345678Z")
		dead.DeceasedOn = identity.Date{Year: 2025, Month: 12, Day: 24}
		r.hold(t, dead)
		if _, state, err := r.persons.Ensure(t.Context(), ana(t), ""); err != nil || state != identity.Deceased {
			t.Errorf("got %s, %v", state, err)
		}
	})
}

func TestOnePersonHoweverManyComeAtOnce(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		var (
			group sync.WaitGroup
			mu    sync.Mutex
			seen  = map[identity.PersonID]bool{}
		)
		for range 12 {
			group.Go(func() {
				err := r.db.Tx(t.Context(), func(ctx context.Context) error {
					id, _, err := r.persons.Ensure(ctx, ana(t), "es")
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						seen[id] = true
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if len(seen) != 1 {
			t.Errorf("got %d persons of one document", len(seen))
		}
	})
}

func TestNamesFromCertificatesAreSealedAgain(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		if _, _, err := r.persons.Ensure(t.Context(), ana(t), "es"); err != nil {
			t.Fatal(err)
		}
		done, err := r.persons.ResealNames(t.Context(), nil)
		if err != nil || done.Rows != 1 || done.Changed != 0 {
			t.Errorf("got %+v, %v", done, err)
		}
	})
}
