package main

import (
	"context"
	"fmt"
	"time"

	"clave/audit"
	"clave/census"
	"clave/census/invitation"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/identity"
	"clave/keys"
	"clave/notify"
	"clave/notify/letter"
	"clave/providers/permanente"
	"clave/providers/permanente/password"
	"clave/providers/pin"
	"clave/store"
	"clave/test/load/people"
	"clave/web/lang"
)

// register is the register of an installation, without a server.
type register struct {
	db         *store.DB
	master     *keys.Master
	keys       *keys.Keyring
	trail      audit.Trail
	population people.Population
}

// openRegister opens a new database as `clave dev` does.
func openRegister(ctx context.Context, url, masterFile string, population people.Population) (*register, error) {
	master, err := keys.CreateMasterFile(masterFile)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		db.Close()
		return nil, err
	}
	ring, err := keys.Open(ctx, db.Keys(), master, time.Now)
	if err != nil {
		db.Close()
		return nil, err
	}
	return &register{db, master, ring, audit.NewRecorder(db.Audit(), ring.Columns(), time.Now), population}, nil
}

// samlKeys makes keys that sign for SAML and the dialect, of each kind that is measured, and gives
// them. One of 2048 bits is active first and retires, as after a change of the setting.
func (r *register) samlKeys(ctx context.Context) (map[samlKey]keys.SigningKey, error) {
	made := map[samlKey]keys.SigningKey{}
	for _, step := range []struct {
		kind samlKey
		alg  string
		bits int
	}{{rsa2048, keys.RS256, 2048}, {rsa3072, keys.RS256, 3072}, {ecdsaP256, keys.ES256, 3072}} {
		ring, err := keys.OpenWith(ctx, r.db.Keys(), r.master, time.Now, keys.Options{
			CertifiedRSABits: step.bits, Schedules: map[keys.Use]keys.Schedule{keys.UseSAML: {}},
		})
		if err != nil {
			return nil, err
		}
		if step.kind == rsa3072 {
			for range 2 { // published, and then active
				if _, err := ring.Rotate(ctx, keys.UseSAML); err != nil {
					return nil, err
				}
			}
		}
		if err := ring.SAML().Ensure(ctx, step.alg); err != nil {
			return nil, err
		}
		if made[step.kind], err = ring.SAML().Active(step.alg); err != nil {
			return nil, err
		}
	}
	// The server's own default for the dialect.
	if err := r.keys.Clave().Ensure(ctx, keys.RS256); err != nil {
		return nil, err
	}
	var err error
	made[dialect3072], err = r.keys.Clave().Active(keys.RS256)
	return made, err
}

// enrolled is how many citizens are registered in one transaction.
const enrolled = 20_000

// fill imports the reference data of known citizens and registers the first n.
func (r *register) fill(ctx context.Context, known, n int) error {
	columns, index := r.keys.Columns(), r.keys.Index()
	reference := store.NewCensus(r.db, columns, index)
	if _, err := census.Import(ctx, reference, r.population.File(known), census.Options{Now: time.Now()}); err != nil {
		return err
	}
	persons := store.NewPersons(r.db, columns, index)
	for from := 0; from < n; from += enrolled {
		var chunk []census.Registration
		for i := from; i < min(n, from+enrolled); i++ {
			chunk = append(chunk, r.population.Registration(i))
		}
		if err := persons.Enrol(ctx, chunk, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// secret is the password of all who have one.
const secret = "Carga-de-prueba-7"

// passwords gives one to each of the first n citizens. It is hashed once: nobody
// compares the rows with one another.
func (r *register) passwords(ctx context.Context, n int) error {
	kept, hash := store.NewPasswords(r.db, r.keys.Columns()), password.DefaultParams().Hash(secret)
	for from := 0; from < n; from += enrolled {
		err := r.db.Tx(ctx, func(ctx context.Context) error {
			for i := from; i < min(n, from+enrolled); i++ {
				person := r.population.Registration(i).Person
				if _, err := kept.Account(ctx, person); err != nil {
					return err
				}
				if err := kept.KeepAccount(ctx, permanente.Account{Person: person, Hash: hash, SetAt: time.Now()}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("giving passwords: %w", err)
		}
	}
	return nil
}

// newcomer is somebody who is not registered and holds a letter.
type newcomer struct {
	number int
	code   string
}

// invite gives letters to the next n citizens.
func (r *register) invite(ctx context.Context, next *numbers, n int) ([]newcomer, error) {
	columns, index := r.keys.Columns(), r.keys.Index()
	var press lastLetter
	letters := invitation.New(invitation.Config{
		Tx: r.db, Register: store.NewPersons(r.db, columns, index), Store: store.NewInvitations(r.db, index), Letters: &press,
		Codes: r.keys.Activation(), Trail: r.trail, Now: time.Now,
	})
	invited := make([]newcomer, n)
	for i := range invited {
		number := next.take()
		if err := letters.Request(ctx, people.Document(number), "es"); err != nil {
			return nil, err
		}
		invited[i] = newcomer{number, press.code}
	}
	return invited, nil
}

// lastLetter is a print house that remembers the last letter: nobody prints while
// something is measured.
type lastLetter struct{ code string }

// AddLetter implements letter.Queue.
func (q *lastLetter) AddLetter(_ context.Context, l letter.Letter) error {
	q.code = l.Code
	return nil
}

// DropLetter implements letter.Queue.
func (q *lastLetter) DropLetter(context.Context, string) error { return nil }

// ReturnLetter implements letter.Queue.
func (q *lastLetter) ReturnLetter(context.Context, string, time.Time) (letter.Purpose, bool, error) {
	return "", false, nil
}

// registrar is that of an installation.
func (r *register) registrar() (*registrar.Registrar, error) {
	texts, err := lang.Load()
	if err != nil {
		return nil, err
	}
	columns, index := r.keys.Columns(), r.keys.Index()
	kept := store.NewRegistrar(r.db, columns, index)
	return registrar.New(registrar.Config{
		Tx: r.db, Store: kept, Activations: kept, Passwords: store.NewPasswords(r.db, columns), Devices: store.NewMovilDevices(r.db, columns), Codes: r.keys.Activation(),
		Sessions: store.NewSessions(r.db, columns), Grants: store.NewGrants(r.db, columns),
		Locks:       pin.Locks{Tallies: store.NewPINTallies(r.db, index), Now: time.Now},
		Invitations: store.NewInvitations(r.db, index), Receipts: store.NewReceipts(r.db, columns, index),
		Outbox: notify.NewOutbox(r.db.Outbox(), columns, time.Now), Trail: r.trail, Now: time.Now,
		Notices: registrar.NewNotices(texts, "060", time.UTC),
	}), nil
}

// registerAll registers the next n citizens, as a letter's holders, with nothing
// around: what every way of registering costs at least.
func (r *register) registerAll(ctx context.Context, m meter, next *numbers, n, hands int) (Costs, error) {
	reg, err := r.registrar()
	if err != nil {
		return Costs{}, err
	}
	by := registrar.By{Channel: identity.ByLetter, Language: "es", Conditions: receipt.CurrentConditions}
	one := func(ctx context.Context) error {
		i := next.take()
		contact := r.population.Registration(i)
		_, err := reg.Register(ctx, registrar.Application{Document: people.Document(i), Phone: contact.Phone, Email: contact.Email}, by)
		return err
	}
	return m.flatOut(ctx, n, hands, func(*timings) func(context.Context) error { return one })
}
