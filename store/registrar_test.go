package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"clave/audit"
	"clave/broker"
	"clave/census"
	"clave/census/invitation"
	"clave/census/registrar"
	"clave/census/registrar/registrartest"
	"clave/identity"
	"clave/idp/oidc"
	"clave/idp/oidc/oidctest"
	"clave/internal/onetime"
	"clave/internal/tally"
	"clave/keys"
	"clave/keys/keystest"
	"clave/notify"
	"clave/notify/letter"
	"clave/providers/movil"
	"clave/providers/permanente"
	"clave/providers/pin"
	"clave/store"
	"clave/store/storetest"
)

// registering is a database with all that a registrar stands on.
type registering struct {
	db          *store.DB
	register    *register
	registrar   *store.Registrar
	sessions    *store.Sessions
	grants      *store.Grants
	tallies     *store.PINTallies
	letters     *store.Letters
	invitations *store.Invitations
	logins      *store.Logins
	passwords   *store.Passwords
	devices     *store.MovilDevices
	made        atomic.Int64
}

func newRegistration(t testing.TB, db *store.DB) (*registering, registrartest.Parts) {
	clock := &register{db: db, now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	now := func() time.Time { return clock.now }
	ring := keystest.New(t, now)
	columns, index := ring.Columns(), ring.Index()
	clock.keys, clock.census, clock.persons = ring, store.NewCensus(db, columns, index), store.NewPersons(db, columns, index)
	r := &registering{
		db: db, register: clock,
		registrar: store.NewRegistrar(db, columns, index), sessions: store.NewSessions(db, columns), grants: store.NewGrants(db, columns),
		tallies: store.NewPINTallies(db, index), letters: store.NewLetters(db, columns), invitations: store.NewInvitations(db, index),
		logins: store.NewLogins(db, columns), passwords: store.NewPasswords(db, columns), devices: store.NewMovilDevices(db, columns),
	}
	return r, registrartest.Parts{
		Tx: db, Store: r.registrar, Activations: r.registrar, Passwords: r.passwords, Devices: r.devices, Codes: ring.Activation(), Sessions: r.sessions, Grants: r.grants,
		Locks: pin.Locks{Tallies: r.tallies, Now: now}, Invitations: r.invitations, Receipts: store.NewReceipts(db, columns, index),
		Trail: audit.NewRecorder(db.Audit(), columns, now), Outbox: notify.NewOutbox(db.Outbox(), columns, now), Probe: r,
	}
}

func (r *registering) Know(t testing.TB, references ...census.Reference) census.Replaced {
	t.Helper()
	return r.register.hold(t, references...)
}

func (r *registering) Candidate(t testing.TB, document identity.DocumentID) census.Candidate {
	t.Helper()
	c, err := r.register.persons.Candidate(context.Background(), document)
	noError(t, err)
	return c
}

func (r *registering) LogIn(t testing.TB, person identity.PersonID, login string) {
	t.Helper()
	// Logins of several citizens have the same name in the suite.
	session := broker.SessionID(fmt.Sprintf("session-%d", r.made.Add(1)))
	grant := oidctest.Sample("grant-of-"+string(session), oidc.RefreshOffline)
	grant.Person, grant.Session = person, session
	noError(t, r.db.Tx(context.Background(), func(ctx context.Context) error {
		row, err := r.logins.Login(ctx, broker.LoginID(login))
		row.Session = session
		if err == nil {
			err = r.logins.SaveLogin(ctx, row)
		} else {
			err = r.logins.AddLogin(ctx, broker.Row{ID: broker.LoginID(login), RelyingParty: "town", Session: session, OpenedAt: r.register.now, ExpiresAt: r.register.now.Add(time.Hour)})
		}
		if err != nil {
			return err
		}
		if err := r.sessions.SaveSession(ctx, broker.Session{
			ID: session, TokenHash: onetime.Hash(string(session)), Person: person, CreatedAt: r.register.now, SeenAt: r.register.now,
			IdleEndsAt: r.register.now.Add(time.Hour), EndsAt: r.register.now.Add(2 * time.Hour),
		}); err != nil {
			return err
		}
		return r.grants.AddGrant(ctx, grant)
	}))
}

func (r *registering) Live(t testing.TB, person identity.PersonID) (sessions, grants int) {
	t.Helper()
	sessions, err := r.sessions.LiveSessions(context.Background(), person)
	noError(t, err)
	grants, err = r.grants.LiveGrants(context.Background(), person)
	noError(t, err)
	return sessions, grants
}

func (r *registering) Activation(t testing.TB, person identity.PersonID) []byte {
	t.Helper()
	sum, err := r.registrar.ActivationSum(context.Background(), person)
	noError(t, err)
	return sum
}

func (r *registering) SetPassword(t testing.TB, person identity.PersonID) {
	t.Helper()
	noError(t, r.db.Tx(t.Context(), func(ctx context.Context) error {
		if _, err := r.passwords.Account(ctx, person); err != nil {
			return err
		}
		return r.passwords.KeepAccount(ctx, permanente.Account{Person: person, Hash: "$hash", SetAt: time.Now()})
	}))
}

func (r *registering) AddDevice(t testing.TB, person identity.PersonID) {
	t.Helper()
	d := movil.Device{ID: movil.DeviceID(onetime.NewID()), Person: person, How: movil.ByCode, ActivatedAt: time.Now(), UsedAt: time.Now()}
	d.Passkey.ID = []byte(d.ID)
	noError(t, r.db.Tx(t.Context(), func(ctx context.Context) error {
		if _, err := r.devices.Device(ctx, d.ID); err != nil {
			return err
		}
		return r.devices.KeepDevice(ctx, d)
	}))
}

func (r *registering) HasDevice(t testing.TB, person identity.PersonID) bool {
	t.Helper()
	all, err := r.devices.DevicesOf(t.Context(), person)
	noError(t, err)
	return len(all) > 0
}

func (r *registering) HasPassword(t testing.TB, person identity.PersonID) bool {
	t.Helper()
	a, err := r.passwords.Account(t.Context(), person)
	noError(t, err)
	return a.Hash != ""
}

func (r *registering) wrongPINs(person identity.PersonID) tally.Subject {
	return tally.Subject{Kind: tally.WrongPINs, Value: string(person)}
}

func (r *registering) Lock(t testing.TB, person identity.PersonID) {
	t.Helper()
	noError(t, r.db.Tx(context.Background(), func(ctx context.Context) error {
		if _, err := r.tallies.HoldTally(ctx, r.wrongPINs(person)); err != nil {
			return err
		}
		return r.tallies.KeepTally(ctx, r.wrongPINs(person), tally.Tally{Times: []time.Time{r.register.now}, LockedUntil: tally.Indefinitely()})
	}))
}

func (r *registering) Locked(t testing.TB, person identity.PersonID) bool {
	t.Helper()
	wrong, err := r.tallies.Tally(context.Background(), r.wrongPINs(person))
	noError(t, err)
	return wrong.Locked(r.register.now)
}

func (r *registering) Invite(t testing.TB, document identity.DocumentID) {
	t.Helper()
	number := letter.NewNumber()
	noError(t, r.db.Tx(context.Background(), func(ctx context.Context) error {
		if err := r.letters.AddLetter(ctx, letter.Letter{
			Number: number, Purpose: letter.Invitation, Language: "es", Code: "code", QueuedAt: r.register.now, ExpiresAt: r.register.now.Add(time.Hour),
		}); err != nil {
			return err
		}
		return r.invitations.AddInvitation(ctx, document, invitation.Invitation{
			ID: onetime.NewID(), Letter: number, Sum: []byte(number), IssuedAt: r.register.now, ExpiresAt: r.register.now.Add(invitation.Life),
		})
	}))
}

func (r *registering) Invited(t testing.TB, document identity.DocumentID) bool {
	t.Helper()
	live := false
	noError(t, r.db.Tx(context.Background(), func(ctx context.Context) (err error) {
		live, err = r.invitations.LiveInvitation(ctx, document, r.register.now)
		return err
	}))
	return live
}

func eachRegistration(t *testing.T, test func(t *testing.T, r *registering, p registrartest.Parts)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r, parts := newRegistration(t, db)
		test(t, r, parts)
	})
}

func TestRegistrar(t *testing.T) {
	t.Parallel()
	eachRegistration(t, func(t *testing.T, _ *registering, p registrartest.Parts) { registrartest.Acts(t, p) })
}

// Looking at a page waits for no transaction that holds the person, nor for SQLite's one
// writer.
func TestAskingWhatIsPossibleWaitsForNobody(t *testing.T) {
	t.Parallel()
	eachRegistration(t, func(t *testing.T, r *registering, p registrartest.Parts) {
		w := registrartest.New(t, p)
		citizen := w.Citizens(t, 1)[0]
		w.Register(t, citizen, registrartest.Phones(t, 1)[0], registrartest.Certificate())
		person := w.Candidate(t, citizen).PersonID
		page, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		noError(t, r.db.Tx(context.Background(), func(ctx context.Context) error {
			if _, err := r.registrar.Hold(ctx, person, identity.Phone{}, r.register.now); err != nil {
				return err
			}
			if _, err := w.Registrar.Allows(page, registrar.Withdrawn, person, registrartest.Certificate()); err != nil {
				return err
			}
			_, possible, err := w.Possible(page, person, registrartest.Desk(), registrar.Raised, registrar.Withdrawn)
			if !slices.Equal(possible, []registrar.Change{registrar.Withdrawn}) {
				t.Errorf("possible: got %v", possible)
			}
			return err
		}))
	})
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRegistrarUnderClaimsAtOnce(t *testing.T) {
	t.Parallel()
	eachRegistration(t, func(t *testing.T, _ *registering, p registrartest.Parts) { registrartest.Claims(t, p) })
}

func TestRegistrarInAnyOrder(t *testing.T) {
	t.Parallel()
	eachRegistration(t, func(t *testing.T, _ *registering, p registrartest.Parts) { registrartest.Machine(t, p) })
}

// eventful is a citizen with a history of three lines, and another with one.
func eventful(t *testing.T, r *registering, p registrartest.Parts) (w *registrartest.World, of, other identity.PersonID) {
	t.Helper()
	w = registrartest.New(t, p)
	citizens, phones := w.Citizens(t, 2), registrartest.Phones(t, 3)
	of, other = w.Register(t, citizens[0], phones[0], registrartest.Letter()).Person, w.Register(t, citizens[1], phones[1], registrartest.Letter()).Person
	_, err := w.Raise(t.Context(), of, registrartest.Desk())
	noError(t, err)
	_, err = w.ChangePhone(t.Context(), of, phones[2], registrartest.Desk())
	noError(t, err)
	if got := len(w.Past(t, of)); got != 3 {
		t.Fatalf("got %d lines, want 3", got)
	}
	return w, of, other
}

func TestHistoryShowsTampering(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"the last line deleted":              "delete from registration_history where person_id = $1 and number = 3",
		"the first line deleted":             "delete from registration_history where person_id = $1 and number = 1",
		"a line in the middle deleted":       "delete from registration_history where person_id = $1 and number = 2",
		"all lines deleted":                  "delete from registration_history where person_id = $1",
		"a line written over by another one": "update registration_history set sealed = (select sealed from registration_history where person_id = $1 and number = 1) where person_id = $1 and number = 2",
		"a line of another citizen":          "update registration_history set sealed = (select sealed from registration_history where person_id <> $1 and number = 1 limit 1) where person_id = $1 and number = 1",
		"a line moved to another place":      "update registration_history set number = 4 where person_id = $1 and number = 3",
		"a broken line":                      "update registration_history set sealed = substr(sealed, 2) where person_id = $1 and number = 2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachRegistration(t, func(t *testing.T, r *registering, p registrartest.Parts) {
				w, of, other := eventful(t, r, p)
				if n, err := r.registrar.Tamper(t.Context(), sql, string(of)); err != nil || n == 0 {
					t.Fatalf("%d rows, %v", n, err)
				}
				if got, err := w.History(t.Context(), of); err == nil {
					t.Errorf("got %d lines and no error", len(got))
				}
				w.Past(t, other) // is as it was
			})
		})
	}
}

func TestHistoryIsSealedAgainAndClaimsAreSwept(t *testing.T) {
	t.Parallel()
	eachRegistration(t, func(t *testing.T, r *registering, p registrartest.Parts) {
		w, of, _ := eventful(t, r, p)
		before := r.register.keys.Records()
		for range 2 { // published, then active
			_, err := r.register.keys.RotateNow(t.Context(), keys.UseSeal)
			noError(t, err)
			r.register.now = r.register.now.Add(time.Hour)
		}
		for _, want := range []store.Resealed{{Rows: 4, Changed: 4}, {Rows: 4}} {
			if got, err := r.registrar.Reseal(t.Context(), nil); err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		}
		for _, old := range before {
			if old.Use == keys.UseSeal && old.State == keys.Active {
				noError(t, r.register.keys.Remove(t.Context(), old.ID))
			}
		}
		w.Past(t, of) // is read without the key of before
		if n, err := r.registrar.Claims(t.Context()); err != nil || n != 3 {
			t.Errorf("got %d claims, %v, want one for each phone", n, err)
		}
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{time.Minute, 3}, {2 * time.Hour, 0}} {
			noError(t, r.registrar.Sweep(t.Context(), w.Clock.Now().Add(step.after)))
			if n, err := r.registrar.Claims(t.Context()); err != nil || n != step.want {
				t.Errorf("after %s: got %d claims, %v, want %d", step.after, n, err, step.want)
			}
		}
	})
}

func TestStolenRegistrationsNameNobody(t *testing.T) {
	eachStolen(t, func(t *testing.T, db *store.DB, steal func() loot) {
		_, parts := newRegistration(t, db)
		w := registrartest.New(t, parts)
		citizens, phones := w.Citizens(t, 2), registrartest.Phones(t, 2)
		lost := w.Register(t, citizens[0], phones[0], registrartest.Letter())
		took := w.Register(t, citizens[1], phones[0], registrartest.Desk())
		_, err := w.ChangePhone(t.Context(), lost.Person, phones[1], registrartest.Certificate())
		noError(t, err)
		again, err := w.Regenerate(t.Context(), lost.Person, registrartest.Certificate())
		noError(t, err)
		_, err = w.Withdraw(t.Context(), took.Person, phones[0], registrartest.Login(identity.PIN))
		noError(t, err)

		secrets := []string{
			lost.Activation, took.Activation, again.Activation,
			strings.ReplaceAll(lost.Activation, "-", ""), strings.ReplaceAll(again.Activation, "-", ""),
		}
		for i, c := range citizens {
			secrets = append(secrets, personalValues(c.Reference, census.Registration{Phone: phones[i], Email: c.Email})...)
		}
		steal().lacks(t, secrets...)
	})
}

// BenchmarkRegister measures complete registrations by letter: row, history, receipt,
// audit event, notices and activation code in one transaction.
func BenchmarkRegister(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		b.Run(engine, func(b *testing.B) {
			_, parts := newRegistration(b, storetest.Open(b, url(b)))
			w := registrartest.New(b, parts)
			citizens, phones := w.Citizens(b, b.N), registrartest.Phones(b, b.N)
			var next atomic.Int64
			b.ResetTimer()
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					i := next.Add(1) - 1
					w.Register(b, citizens[i], phones[i], registrartest.Letter())
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "registrations/s")
		})
	}
}
