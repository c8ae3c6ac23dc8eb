package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"clave/census"
	"clave/census/registrar"
	"clave/identity"
	"clave/keys"
)

// Registrar keeps what happens to registrations; it implements [registrar.Store] and
// [registrar.Activations].
type Registrar struct {
	db      *DB
	columns *keys.Sealer
	persons *Persons
}

// NewRegistrar returns the registrations of a database.
func NewRegistrar(db *DB, columns *keys.Sealer, index *keys.Index) *Registrar {
	return &Registrar{db, columns, NewPersons(db, columns, index)}
}

const historyTable = "registration_history"

const (
	selectKnown = `
select deceased
from reference
where document_index = $1`

	selectPersonOf = `
select id
from persons
where document_index = $1`

	insertPersonOf = `
insert into persons (id, document_index, state, sealed, language, created_at, changed_at)
values ($1, $2, 'unregistered', $3, '', $4, $4)
on conflict (document_index) do nothing`
)

// Ensure implements registrar.Store.
func (s *Registrar) Ensure(ctx context.Context, document identity.DocumentID, now time.Time) (person identity.PersonID, err error) {
	index := s.persons.index.Of(indexedDocument, document.Reveal())
	var deceased bool
	err = s.db.row(ctx, selectKnown, index).Scan(&deceased)
	if errors.Is(err, ErrNotFound) {
		return "", registrar.ErrNotKnown
	}
	if err != nil {
		return "", fmt.Errorf("looking a document up: %w", err)
	}
	err = s.db.row(ctx, selectPersonOf, index).Scan(textInto(&person))
	if !errors.Is(err, ErrNotFound) {
		return person, err
	}
	fresh := census.NewPersonID()
	sealed := s.persons.sealContact(fresh, &census.Contact{Document: document})
	if err := s.db.exec(ctx, insertPersonOf, string(fresh), index, sealed, micros(now)); err != nil {
		return "", err
	}
	// Another transaction may have been first; then the person is that one's.
	if err := s.db.row(ctx, selectPersonOf, index).Scan(textInto(&person)); err != nil {
		return "", fmt.Errorf("adding a person: %w", err)
	}
	return person, nil
}

const claimPhone = `
insert into phone_claims (phone_index, claimed_at)
values ($1, $2)
on conflict (phone_index) do update
set claimed_at = excluded.claimed_at`

// selectHeld holds the rows in the order of their ids. With the claim before it, no
// two transactions can wait for each other in a circle: each waits for one claim
// while it holds nothing, and then for persons in the same order.
const selectHeld = `
select id, document_index, state, registration, channel, sealed, language, registered_at, changes
from persons
where id = $1 or phone_index = $2 and state = 'registered'
order by id`

// Hold implements registrar.Store.
func (s *Registrar) Hold(ctx context.Context, person identity.PersonID, phone identity.Phone, now time.Time) (held registrar.Held, err error) {
	var claimed []byte
	if !phone.IsZero() {
		claimed = s.persons.index.Of(indexedPhone, phone.Reveal())
		if err := s.db.exec(ctx, claimPhone, claimed, micros(now)); err != nil {
			return held, fmt.Errorf("claiming a phone: %w", err)
		}
	}
	return s.read(ctx, s.db.locked(selectHeld), person, claimed)
}

// Entry implements registrar.Reader.
func (s *Registrar) Entry(ctx context.Context, person identity.PersonID) (registrar.Entry, error) {
	held, err := s.read(ctx, selectHeld, person, nil)
	return held.Entry, err
}

// read reads a person and, with the index of a phone, its holder.
func (s *Registrar) read(ctx context.Context, text string, person identity.PersonID, claimed []byte) (held registrar.Held, err error) {
	var rows []registrarRow
	err = s.db.rows(ctx, text, []any{string(person), claimed}, func(scan func(...any) error) error {
		var r registrarRow
		err := scan(textInto(&r.Person), &r.index, textInto(&r.State), textInto(&r.level), textInto(&r.Channel), &r.sealed,
			textInto(&r.Language), timeInto(&r.At), &r.Changes)
		rows = append(rows, r)
		return err
	})
	if err != nil {
		return held, err
	}
	for _, r := range rows {
		e, err := s.open(ctx, r)
		if err != nil {
			return held, err
		}
		if e.Person == person {
			held.Entry = e
		} else {
			held.Holder = e
		}
	}
	if held.Person == "" {
		return held, registrar.ErrNoPerson
	}
	return held, nil
}

// registrarRow is a row of persons before it is opened.
type registrarRow struct {
	registrar.Entry
	index, sealed []byte
	level         string
}

const selectReferenceOf = `
select sealed, deceased
from reference
where document_index = $1`

func (s *Registrar) open(ctx context.Context, r registrarRow) (registrar.Entry, error) {
	e := r.Entry
	contact, err := s.persons.openContact(e.Person, r.sealed)
	if err != nil {
		return e, err
	}
	e.Document, e.Phone, e.Email = contact.Document, contact.Phone, contact.Email
	e.EmailConfirmed, e.Conditions = contact.EmailConfirmed, contact.Conditions
	if r.level != "" {
		if e.Level, err = identity.ParseRegistration(r.level); err != nil {
			return e, fmt.Errorf("reading person %s: %w", e.Person, err)
		}
	}
	e.Identity.Document = e.Document
	var sealed []byte
	err = s.db.row(ctx, selectReferenceOf, r.index).Scan(&sealed, &e.Deceased)
	if errors.Is(err, ErrNotFound) {
		return e, nil
	}
	if err != nil {
		return e, fmt.Errorf("reading the reference data of person %s: %w", e.Person, err)
	}
	known, err := openReference(s.columns, r.index, sealed)
	e.Identity = known.Person
	return e, err
}

const (
	saveRegistration = `
update persons
set state = $1, registration = $2, channel = $3, phone_index = $4, sealed = $5, language = $6, registered_at = $7,
    changed_at = $8, changes = changes + 1
where id = $9 and changes = $10`

	insertHistory = `
insert into registration_history (id, person_id, number, sealed)
values ($1, $2, $3, $4)`
)

// Save implements registrar.Store.
func (s *Registrar) Save(ctx context.Context, e registrar.Entry, r registrar.Record) error {
	var level string
	if e.Level != identity.NoRegistration {
		level = e.Level.String()
	}
	var phone any // who is not registered keeps the number in the seal and holds it no longer
	if e.State == identity.Registered && !e.Phone.IsZero() {
		phone = s.persons.index.Of(indexedPhone, e.Phone.Reveal())
	}
	contact := contactOf(e.Registration)
	n, err := s.db.changed(ctx, saveRegistration, string(e.State), orNull(level), orNull(e.Channel), phone,
		s.persons.sealContact(e.Person, &contact), e.Language, micros(e.At), micros(r.At), string(e.Person), e.Changes)
	if err == nil && n != 1 {
		err = errors.New("the row is not as it was held")
	}
	if err != nil {
		return fmt.Errorf("saving person %s: %w", e.Person, err)
	}
	plain, err := registrar.AppendRecord(nil, r)
	if err != nil {
		return err
	}
	id := historyID(e.Person, r.Number)
	return s.db.exec(ctx, insertHistory, id, string(e.Person), r.Number, s.columns.Seal(plain, historyTable, personsSealed, id))
}

// contactOf is what is sealed of a registration.
func contactOf(r census.Registration) census.Contact {
	return census.Contact{
		Document: r.Document, Phone: r.Phone, Email: r.Email, EmailConfirmed: r.EmailConfirmed, Conditions: r.Conditions,
	}
}

func historyID(person identity.PersonID, number int64) string {
	return string(person) + "/" + strconv.FormatInt(number, 10)
}

const selectOtherHolder = `
select 1
from persons
where phone_index = $1 and state = 'registered' and document_index <> $2`

// HeldByAnother implements registrar.Store.
func (s *Registrar) HeldByAnother(ctx context.Context, phone identity.Phone, document identity.DocumentID) (bool, error) {
	var one int
	err := s.db.row(ctx, selectOtherHolder, s.persons.index.Of(indexedPhone, phone.Reveal()),
		s.persons.index.Of(indexedDocument, document.Reveal())).Scan(&one)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// selectHistory gives a row for a person without history too.
const selectHistory = `
select p.changes, h.number, h.sealed
from persons p
left join registration_history h on h.person_id = p.id
where p.id = $1
order by h.number`

// errHistory says that the database was changed past the product.
var errHistory = errors.New("lines are missing or were exchanged: compare with the audit trail and a backup")

// History implements registrar.Store.
func (s *Registrar) History(ctx context.Context, person identity.PersonID) ([]registrar.Record, error) {
	var history []registrar.Record
	var changes int64
	err := s.db.rows(ctx, selectHistory, []any{string(person)}, func(scan func(...any) error) error {
		var number *int64
		var sealed []byte
		if err := scan(&changes, &number, &sealed); err != nil || number == nil {
			return err
		}
		plain, err := s.columns.Open(sealed, historyTable, personsSealed, historyID(person, *number))
		if err != nil {
			return err
		}
		r, err := registrar.ParseRecord(plain)
		if err == nil && (r.Number != *number || r.Number != int64(len(history))+1) {
			err = errHistory
		}
		history = append(history, r)
		return err
	})
	if err == nil && int64(len(history)) != changes {
		err = errHistory
	}
	if err != nil {
		return nil, fmt.Errorf("reading the history of person %s: %w", person, err)
	}
	return history, nil
}

const keepActivation = `
insert into activation_codes (person_id, sum, issued_at)
values ($1, $2, $3)
on conflict (person_id) do update
set sum = excluded.sum, issued_at = excluded.issued_at, wrong = 0`

// KeepActivation implements registrar.Activations.
func (s *Registrar) KeepActivation(ctx context.Context, person identity.PersonID, sum []byte, now time.Time) error {
	return s.db.exec(ctx, keepActivation, string(person), sum, micros(now))
}

const voidActivation = `
delete from activation_codes
where person_id = $1`

// VoidActivation implements registrar.Activations.
func (s *Registrar) VoidActivation(ctx context.Context, person identity.PersonID) error {
	return s.db.exec(ctx, voidActivation, string(person))
}

// claimKept is far longer than any transaction lasts.
const claimKept = time.Hour

const sweepClaims = `
delete from phone_claims
where phone_index in (
    select phone_index
    from phone_claims
    where claimed_at <= $1
    limit $2)`

// Sweep deletes claims that are over.
func (s *Registrar) Sweep(ctx context.Context, now time.Time) error {
	if err := s.db.sweepExpired(ctx, sweepClaims, now.Add(-claimKept)); err != nil {
		return fmt.Errorf("sweeping claims of phones: %w", err)
	}
	return nil
}

// Reseal does for histories what [Census.Reseal] does for reference data.
func (s *Registrar) Reseal(ctx context.Context, progress func(Resealed)) (Resealed, error) {
	return resealRows(ctx, s.db, s.columns, sealedRows[string]{
		table: historyTable,
		read: `
select id, sealed
from registration_history
where id > $1
order by id
limit $2`,
		replace: `
update registration_history
set sealed = $1
where id = $2 and sealed = $3`,
	}, "", progress)
}
