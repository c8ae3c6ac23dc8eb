package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/keys"
	"clave/keys/keystest"
	"clave/store"
	"clave/store/storetest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// register is a database with its register of citizens, and the keys to it.
type register struct {
	db      *store.DB
	keys    *keys.Keyring
	census  *store.Census
	persons *store.Persons
	now     time.Time
}

func newRegister(t testing.TB, db *store.DB) *register {
	now := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	r := &register{db: db, now: now}
	r.keys = keystest.New(t, func() time.Time { return r.now })
	r.census = store.NewCensus(db, r.keys.Columns(), r.keys.Index())
	r.persons = store.NewPersons(db, r.keys.Columns(), r.keys.Index())
	return r
}

// eachRegister runs the test on both engines.
func eachRegister(t *testing.T, test func(t *testing.T, r *register)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(t, newRegister(t, db)) })
}

// hold stores reference data.
func (r *register) hold(t testing.TB, references ...census.Reference) census.Replaced {
	t.Helper()
	line := 0
	replaced, err := r.census.Replace(context.Background(), r.now, func() (*census.Row, error) {
		if line == len(references) {
			return nil, nil
		}
		row := r.census.Seal(&references[line])
		line++
		row.Line = int64(line)
		return &row, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return replaced
}

func (r *register) enrol(t testing.TB, registrations ...census.Registration) {
	t.Helper()
	if err := r.persons.Enrol(context.Background(), registrations, r.now); err != nil {
		t.Fatal(err)
	}
}

func (r *register) candidate(t testing.TB, number string) census.Candidate {
	t.Helper()
	c, err := r.persons.Candidate(context.Background(), document(t, number))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func document(t testing.TB, number string) identity.DocumentID {
	t.Helper()
	d, err := identity.ParseDocument(number)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func phone(t testing.TB, number string) identity.Phone {
	t.Helper()
	p, err := identity.ParseE164(number)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func spaniard(t testing.TB, number string) census.Reference {
	return census.Reference{
		Person: identity.Person{
			Document: document(t, number), Kind: identity.DNI,
			GivenName: "MARÍA", FirstSurname: "EJEMPLO", SecondSurname: "DE LA PRUEBA", BirthDate: identity.Date{Year: 1980, Month: 2, Day: 29},
		},
		SupportNumber: "BAA000589",
		IssueDate:     identity.Date{Year: 2021, Month: 10, Day: 1}, ValidityDate: identity.Date{Year: 2031, Month: 10, Day: 1},
		Address: census.Address{Street: "CALLE INVENTADA 1", PostalCode: "28001", City: "MADRID", Province: "MADRID", Country: "ES"},
	}
}

func registered(t testing.TB, number string, phoneNumber string) census.Registration {
	email, err := identity.ParseEmail("maria@ejemplo.example")
	if err != nil {
		t.Fatal(err)
	}
	return census.Registration{
		Person: identity.PersonID("person-" + number), Document: document(t, number), State: identity.Registered,
		Level: identity.Advanced, Channel: identity.ByOffice, Phone: phone(t, phoneNumber), Email: email,
		Language: "ca", At: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

// clear compares personal values by what they hold, not by what they print.
var clear = cmp.Options{cmpopts.EquateComparable(
	identity.DocumentID{}, identity.Phone{}, identity.Email{}, census.Address{}, identity.Person{}, identity.Date{}, census.Reference{})}

func TestCandidate(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		alive, dead := spaniard(t, "12345678Z"), spaniard(t, "99999999R")
		dead.DeceasedOn = identity.Date{Year: 2024, Month: 1, Day: 1}
		r.hold(t, alive, dead, spaniard(t, "11111111H"), spaniard(t, "00000000T"))
		maria := registered(t, "12345678Z", "+34600000001")
		maria.EmailConfirmed = true
		late := registered(t, "99999999R", "+34600000002")
		gone := registered(t, "00000000T", "+34600000003")
		gone.State = identity.Withdrawn
		r.enrol(t, maria, late, gone)
		for _, test := range []struct {
			name, number string
			want         census.Candidate
		}{
			{"a registered citizen comes with all that a method needs", "12345678Z", census.Candidate{
				Known: true, Reference: alive, PersonID: maria.Person, State: identity.Registered,
				Registration: identity.Advanced, Channel: identity.ByOffice, Phone: maria.Phone, Email: maria.Email, EmailConfirmed: true, Language: "ca",
			}},
			{"who never registered is known and has no person", "11111111H", census.Candidate{
				Known: true, Reference: spaniard(t, "11111111H"), State: identity.Unregistered,
			}},
			{"death wins over the state and takes the registration away", "99999999R", census.Candidate{
				Known: true, Reference: dead, Deceased: true, PersonID: late.Person, State: identity.Deceased,
				Phone: late.Phone, Email: late.Email, Language: "ca",
			}},
			{"who withdrew has no registration level", "00000000T", census.Candidate{
				Known: true, Reference: spaniard(t, "00000000T"), PersonID: gone.Person, State: identity.Withdrawn,
				Phone: gone.Phone, Email: gone.Email, Language: "ca",
			}},
			{"an unknown document is the zero candidate", "99999972C", census.Candidate{}},
		} {
			if diff := cmp.Diff(r.candidate(t, test.number), test.want, clear); diff != "" {
				t.Errorf("%s: %s", test.name, diff)
			}
		}
	})
}

func TestStanding(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		ctx := context.Background()
		r.hold(t, spaniard(t, "12345678Z"))
		maria, stranger := registered(t, "12345678Z", "+34600000001"), registered(t, "11111111H", "+34600000002")
		r.enrol(t, maria, stranger)
		t.Run("names come from the register", func(t *testing.T) {
			want := broker.Standing{
				Person: maria.Person, Identity: spaniard(t, "12345678Z").Person, Registration: identity.Advanced,
				Channel: identity.ByOffice, State: identity.Registered, Language: "ca",
			}
			err := r.db.Tx(ctx, func(ctx context.Context) error {
				got, err := r.persons.Standing(ctx, maria.Person)
				if diff := cmp.Diff(got, want, clear); diff != "" {
					t.Error(diff)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			got, err := r.persons.Standing(ctx, maria.Person)
			if diff := cmp.Diff(got, want, clear); diff != "" || err != nil {
				t.Error("outside a transaction", diff, err)
			}
		})
		t.Run("a person whom the register does not hold has a document and no name", func(t *testing.T) {
			got, err := r.persons.Standing(ctx, stranger.Person)
			if err != nil || got.Identity != (identity.Person{Document: stranger.Document}) {
				t.Errorf("got %v, %v", got, err)
			}
		})
		t.Run("nobody is not found", func(t *testing.T) {
			if _, err := r.persons.Standing(ctx, "nobody"); !errors.Is(err, broker.ErrNoPerson) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
		})
		t.Run("death in the register is seen at once", func(t *testing.T) {
			dead := spaniard(t, "12345678Z")
			dead.DeceasedOn = identity.Date{Year: 2026, Month: 1, Day: 1}
			r.hold(t, dead)
			got, err := r.persons.Standing(ctx, maria.Person)
			if err != nil || got.State != identity.Deceased || got.Registration != identity.NoRegistration || got.Channel != "" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
		t.Run("the language is remembered", func(t *testing.T) {
			if err := r.persons.SetLanguage(ctx, stranger.Person, "eu"); err != nil {
				t.Fatal(err)
			}
			if got, err := r.persons.Standing(ctx, stranger.Person); err != nil || got.Language != "eu" {
				t.Errorf("got %q, %v, want eu", got.Language, err)
			}
		})
	})
}

func TestOnePhoneOneCitizen(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		ctx := context.Background()
		r.hold(t, spaniard(t, "12345678Z"), spaniard(t, "11111111H"))
		r.enrol(t, registered(t, "12345678Z", "+34600000001"))
		t.Run("a phone that belongs to a citizen is refused, and with it all of the batch", func(t *testing.T) {
			err := r.persons.Enrol(ctx, []census.Registration{
				registered(t, "99999999R", "+34600000009"), registered(t, "11111111H", "+34600000001"),
			}, r.now)
			if !errors.Is(err, store.ErrConflict) {
				t.Errorf("got %v, want ErrConflict", err)
			}
			if _, err := r.persons.Standing(ctx, "person-99999999R"); !errors.Is(err, broker.ErrNoPerson) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
		})
		t.Run("a document has one person", func(t *testing.T) {
			again := registered(t, "12345678Z", "+34600000005")
			again.Person = "somebody else"
			if err := r.persons.Enrol(ctx, []census.Registration{again}, r.now); !errors.Is(err, store.ErrConflict) {
				t.Errorf("got %v, want ErrConflict", err)
			}
		})
		t.Run("who lost the phone does not hold it", func(t *testing.T) {
			former := registered(t, "11111111H", "+34600000001")
			former.State = identity.PhoneRevoked
			r.enrol(t, former)
			if got := r.candidate(t, "11111111H"); got.Registration != identity.Advanced {
				t.Errorf("got %v, want still registered as before", got.Registration)
			}
		})
		t.Run("of two that come at once one gets it", func(t *testing.T) {
			numbers := []string{"00000000T", "99999972C", "99999990S", "99999018D"}
			errs := make([]error, len(numbers))
			var wg sync.WaitGroup
			for i, number := range numbers {
				wg.Go(func() {
					errs[i] = r.persons.Enrol(ctx, []census.Registration{registered(t, number, "+34600000007")}, r.now)
				})
			}
			wg.Wait()
			refused := 0
			for _, err := range errs {
				if errors.Is(err, store.ErrConflict) {
					refused++
				}
			}
			if refused != len(numbers)-1 || !slices.Contains(errs, nil) {
				t.Errorf("got %v, want one without error", errs)
			}
		})
	})
}

func TestStandingHoldsThePerson(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		ctx := context.Background()
		r.hold(t, spaniard(t, "12345678Z"))
		r.enrol(t, registered(t, "12345678Z", "+34600000001"))
		const person = identity.PersonID("person-12345678Z")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				err := r.db.Tx(ctx, func(ctx context.Context) error {
					s, err := r.persons.Standing(ctx, person)
					if err != nil {
						return err
					}
					return r.persons.SetLanguage(ctx, person, s.Language+"+")
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if s, err := r.persons.Standing(ctx, person); err != nil || s.Language != "ca++++++++" {
			t.Errorf("got %q, %v, want all eight changes", s.Language, err)
		}
	})
}

func TestRowsDoNotOpenElsewhere(t *testing.T) {
	t.Parallel()
	eachRegister(t, func(t *testing.T, r *register) {
		r.hold(t, spaniard(t, "12345678Z"), spaniard(t, "11111111H"))
		r.enrol(t, registered(t, "12345678Z", "+34600000001"), registered(t, "11111111H", "+34600000002"))
		for _, table := range []string{"reference", "persons"} {
			if err := r.db.SwapSealed(context.Background(), table); err != nil {
				t.Fatal(err)
			}
			_, err := r.persons.Candidate(context.Background(), document(t, "12345678Z"))
			if !errors.Is(err, keys.ErrSealed) {
				t.Errorf("a blob of another row of %s: got %v, want ErrSealed", table, err)
			}
			if err := r.db.SwapSealed(context.Background(), table); err != nil {
				t.Fatal(err)
			}
		}
		if got := r.candidate(t, "12345678Z"); !got.Known {
			t.Error("swapped back, the row does not open")
		}
	})
}

func TestCandidatePrintsMasked(t *testing.T) {
	t.Parallel()
	r := spaniard(t, "12345678Z")
	maria := registered(t, "12345678Z", "+34600000001")
	maria.Person = "p"
	c := census.Candidate{Reference: r, PersonID: "p", Phone: maria.Phone, Email: maria.Email}
	for _, value := range []any{r, r.Address, c, &c, maria, []census.Candidate{c}, r.Contrast()} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%q"} {
			text := fmt.Sprintf(verb, value)
			for _, secret := range personalValues(r, maria) {
				if contains(text, secret) {
					t.Errorf("%T with %s shows %q in %q", value, verb, secret, text)
				}
			}
		}
	}
}
