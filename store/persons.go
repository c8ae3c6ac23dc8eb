package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/internal/tally"
	"clave/keys"
)

// Persons keeps who registered or logged in, and reads what the register says
// about them. What is personal is sealed; documents and phones are found by
// blind index.
type Persons struct {
	db      *DB
	columns *keys.Sealer
	index   *keys.Index
	// decoy is opened for unknown documents, so that they cost what known ones do.
	decoy atomic.Pointer[[]byte]
}

// NewPersons returns the persons of a database.
func NewPersons(db *DB, columns *keys.Sealer, index *keys.Index) *Persons {
	return &Persons{db: db, columns: columns, index: index}
}

// What blind indexes and sealed columns are bound to.
const (
	indexedDocument = "document"
	indexedPhone    = "phone"
	fingerprinted   = "reference"
	referenceTable  = "reference"
	personsTable    = "persons"
	personsSealed   = "sealed" // the column's name in both tables
)

// selectPair answers one row for every document.
const selectPair = `
select r.sealed, coalesce(r.deceased, false), p.id, p.state, p.registration, p.channel, p.sealed, p.language,
    t.times, t.locked_until
from (select 1 as one) o
left join reference r on r.document_index = $1
left join persons p on p.document_index = r.document_index
left join pin_tallies t on t.kind = $2 and t.subject = $3`

// Candidate says all that a login method needs to know about a document: one
// question, and the same unsealing for an unknown document, for which the zero
// Candidate is returned.
func (p *Persons) Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error) {
	c, _, err := p.Pair(ctx, document)
	return c, err
}

// Pair is Candidate with the wrong pairs that were counted of the document, in the
// same question; it implements [pair.Register].
func (p *Persons) Pair(ctx context.Context, document identity.DocumentID) (census.Candidate, tally.Tally, error) {
	index := p.index.Of(indexedDocument, document.Reveal())
	subject := tallySubject(p.index, tally.Subject{Kind: tally.WrongPairs, Value: document.Reveal()})
	var (
		c                      census.Candidate
		wrong                  tally.Tally
		reference, contact     []byte
		registration, language string
	)
	err := p.db.row(ctx, selectPair, index, string(tally.WrongPairs), subject).Scan(&reference, &c.Deceased, textInto(&c.PersonID),
		textInto(&c.State), textInto(&registration), textInto(&c.Channel), &contact, textInto(&language),
		timesInto(&wrong.Times), timeInto(&wrong.LockedUntil))
	if err != nil {
		return census.Candidate{}, tally.Tally{}, fmt.Errorf("reading a candidate: %w", err)
	}
	if reference == nil {
		p.pretend()
		return census.Candidate{}, wrong, nil
	}
	c, err = p.candidate(c, index, reference, contact, registration, language)
	return c, wrong, err
}

// candidate opens what is sealed of a candidate.
func (p *Persons) candidate(c census.Candidate, index, reference, contact []byte, registration, language string) (census.Candidate, error) {
	var err error
	c.Known = true
	c.Language = language
	if c.Reference, err = openReference(p.columns, index, reference); err != nil {
		return census.Candidate{}, fmt.Errorf("reading a candidate: %w", err)
	}
	if c.PersonID == "" {
		c.State = personsState(identity.Unregistered, c.Deceased)
		return c, nil
	}
	opened, err := p.openContact(c.PersonID, contact)
	if err != nil {
		return census.Candidate{}, err
	}
	c.Phone, c.Email, c.EmailConfirmed = opened.Phone, opened.Email, opened.EmailConfirmed
	c.State = personsState(c.State, c.Deceased)
	if c.Registration, c.Channel, err = personsRegistration(c.State, registration, c.Channel); err != nil {
		return census.Candidate{}, fmt.Errorf("reading person %s: %w", c.PersonID, err)
	}
	return c, nil
}

const selectStanding = `
select p.document_index, p.state, p.registration, p.channel, p.language, p.sealed, r.sealed, coalesce(r.deceased, false)
from persons p
left join reference r on r.document_index = p.document_index
where p.id = $1`

// standingColumns are what a standing is made of, before it is opened.
type standingColumns struct {
	index, contact, reference []byte
	state                     identity.State
	registration, language    string
	channel                   identity.Channel
	deceased                  bool
}

func (c *standingColumns) scan() []any {
	return []any{
		&c.index, textInto(&c.state), textInto(&c.registration), textInto(&c.channel), textInto(&c.language),
		&c.contact, &c.reference, &c.deceased,
	}
}

// heldStanding is the key of the standingColumns that a transaction holds.
type heldStanding identity.PersonID

// Standing says what the register says about a person now, broker.ErrNoPerson for
// an unknown one. Inside a transaction the person's row is locked until its end, so
// that a withdrawal waits for a login under way, and a login for a withdrawal.
func (p *Persons) Standing(ctx context.Context, person identity.PersonID) (broker.Standing, error) {
	c, held := noted[standingColumns](ctx, heldStanding(person))
	if !held {
		question := selectStanding
		if inTx(ctx) != nil {
			question = p.db.lockedOf(question, "p")
		}
		err := p.db.row(ctx, question, string(person)).Scan(c.scan()...)
		if errors.Is(err, ErrNotFound) {
			return broker.Standing{}, broker.ErrNoPerson
		}
		if err != nil {
			return broker.Standing{}, fmt.Errorf("reading person %s: %w", person, err)
		}
	}
	s := broker.Standing{Person: person, State: personsState(c.state, c.deceased), Language: c.language}
	var err error
	if s.Registration, s.Channel, err = personsRegistration(s.State, c.registration, c.channel); err != nil {
		return broker.Standing{}, fmt.Errorf("reading person %s: %w", person, err)
	}
	if c.reference == nil {
		opened, err := p.openContact(person, c.contact)
		if err != nil {
			return broker.Standing{}, err
		}
		s.Identity, err = p.named(ctx, person, opened.Document)
		return s, err
	}
	known, err := openReference(p.columns, c.index, c.reference)
	if err != nil {
		return broker.Standing{}, fmt.Errorf("reading person %s: %w", person, err)
	}
	s.Identity = known.Person
	return s, nil
}

const updateLanguage = `
update persons
set language = $1
where id = $2 and language <> $1`

// SetLanguage remembers the language that a person used last, for messages.
func (p *Persons) SetLanguage(ctx context.Context, person identity.PersonID, language string) error {
	note(ctx, heldStanding(person), nil)
	return p.db.exec(ctx, updateLanguage, language, string(person))
}

// Enrol adds persons in bulk, all or none: ErrConflict when one of the
// documents has a person already, or one of the phones a citizen. now is the
// time of their rows.
func (p *Persons) Enrol(ctx context.Context, registrations []census.Registration, now time.Time) error {
	columns := []string{"id", "document_index", "state", "registration", "channel", "phone_index",
		"sealed", "language", "created_at", "registered_at", "changed_at"}
	err := p.db.Tx(ctx, func(ctx context.Context) error {
		rest := registrations
		_, err := p.db.engine.copyRows(ctx, personsTable, columns, func() ([]any, error) {
			if len(rest) == 0 {
				return nil, nil
			}
			r := rest[0]
			rest = rest[1:]
			return p.enrolRow(r, now)
		})
		return p.db.engine.translate(err)
	})
	if err != nil {
		return fmt.Errorf("enrolling %d persons: %w", len(registrations), err)
	}
	return nil
}

func (p *Persons) enrolRow(r census.Registration, now time.Time) ([]any, error) {
	if r.Document.IsZero() {
		return nil, errors.New("a registration without a document")
	}
	if r.Person == "" {
		r.Person = census.NewPersonID()
	}
	var level string
	if r.Level != identity.NoRegistration {
		level = r.Level.String()
	}
	var phone any
	if !r.Phone.IsZero() {
		phone = p.index.Of(indexedPhone, r.Phone.Reveal())
	}
	contact := contactOf(r)
	return []any{
		string(r.Person), p.index.Of(indexedDocument, r.Document.Reveal()), string(r.State), orNull(level), orNull(r.Channel), phone,
		p.sealContact(r.Person, &contact), r.Language, micros(now), micros(r.At), micros(now),
	}, nil
}

func (p *Persons) openContact(person identity.PersonID, sealed []byte) (census.Contact, error) {
	plain, err := p.columns.Open(sealed, personsTable, personsSealed, string(person))
	if err != nil {
		return census.Contact{}, fmt.Errorf("opening person %s: %w", person, err)
	}
	c, err := census.ParseContact(plain)
	if err != nil {
		return census.Contact{}, fmt.Errorf("opening person %s: %w", person, err)
	}
	return c, nil
}

func (p *Persons) sealContact(person identity.PersonID, c *census.Contact) []byte {
	return p.columns.Seal(census.AppendContact(nil, c), personsTable, personsSealed, string(person))
}

// pretend opens a made-up row.
func (p *Persons) pretend() {
	decoy := p.decoy.Load()
	if decoy == nil || p.columns.Stale(*decoy) {
		plain := census.AppendReference(nil, &census.Reference{Person: identity.Person{GivenName: "NOBODY", FirstSurname: "AT ALL"}})
		sealed := p.columns.Seal(plain, referenceTable, personsSealed, "decoy")
		decoy = &sealed
		p.decoy.Store(decoy)
	}
	if plain, err := p.columns.Open(*decoy, referenceTable, personsSealed, "decoy"); err == nil {
		_, _ = census.ParseReference(plain) // nobody wants it
	}
}

// openReference opens the row of a document.
func openReference(columns *keys.Sealer, index, sealed []byte) (census.Reference, error) {
	plain, err := columns.Open(sealed, referenceTable, personsSealed, string(index))
	if err != nil {
		return census.Reference{}, fmt.Errorf("opening reference data: %w", err)
	}
	r, err := census.ParseReference(plain)
	if err != nil {
		return census.Reference{}, fmt.Errorf("opening reference data: %w", err)
	}
	return r, nil
}

// personsState lets death win over what the person's row says.
func personsState(state identity.State, deceased bool) identity.State {
	if deceased {
		return identity.Deceased
	}
	return state
}

// personsRegistration gives level and channel to those who are registered now:
// who lost the phone to another citizen stays registered (BOE-A-2015-14215,
// annex I, 1.6), who withdrew does not, though the row remembers how it was.
func personsRegistration(state identity.State, level string, channel identity.Channel) (identity.Registration, identity.Channel, error) {
	if level == "" || state != identity.Registered && state != identity.PhoneRevoked {
		return identity.NoRegistration, "", nil
	}
	registration, err := identity.ParseRegistration(level)
	return registration, channel, err
}
