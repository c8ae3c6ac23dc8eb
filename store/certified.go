package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"clave/census"
	"clave/identity"
)

// Who proves a document by certificate without ever having registered gets a person
// all the same. Names of theirs are kept only while the reference data do not know
// the document.

const (
	// insertUnregistered leaves whoever has the document already.
	insertUnregistered = `
insert into persons (id, document_index, state, sealed, language, created_at, changed_at)
values ($1, $2, 'unregistered', $3, $4, $5, $5)
on conflict (document_index) do nothing`

	selectEnsured = `
select p.id, p.state,
    (select count(*) from reference r where r.document_index = p.document_index),
    coalesce((select r.deceased from reference r where r.document_index = p.document_index), false)
from persons p
where p.document_index = $1`

	upsertNames = `
insert into certified_names (person_id, sealed, changed_at)
values ($1, $2, $3)
on conflict (person_id) do update
set sealed = excluded.sealed, changed_at = excluded.changed_at`

	selectNames = `
select sealed
from certified_names
where person_id = $1`
)

const namesTable = "certified_names"

// Ensure implements certificate.Persons.
func (p *Persons) Ensure(ctx context.Context, who identity.Person, language string) (identity.PersonID, identity.State, error) {
	index := p.index.Of(indexedDocument, who.Document.Reveal())
	id, state, known, err := p.ensured(ctx, index)
	if errors.Is(err, ErrNotFound) {
		fresh, now := census.NewPersonID(), micros(p.db.now())
		contact := census.Contact{Document: who.Document}
		if err := p.db.exec(ctx, insertUnregistered, string(fresh), index, p.sealContact(fresh, &contact), language, now); err != nil {
			return "", "", fmt.Errorf("adding a person: %w", err)
		}
		// Another node may have been quicker: the one that is there counts.
		id, state, known, err = p.ensured(ctx, index)
	}
	if err != nil {
		return "", "", fmt.Errorf("finding a person: %w", err)
	}
	if known {
		return id, state, nil
	}
	return id, state, p.keepNames(ctx, id, who)
}

func (p *Persons) ensured(ctx context.Context, index []byte) (id identity.PersonID, state identity.State, known bool, err error) {
	var references int64
	var deceased bool
	err = p.db.row(ctx, selectEnsured, index).Scan(textInto(&id), textInto(&state), &references, &deceased)
	return id, personsState(state, deceased), references > 0, err
}

// certified are names inside the seal.
type certified struct {
	GivenName     string `json:"given_name"`
	FirstSurname  string `json:"first_surname"`
	SecondSurname string `json:"second_surname,omitempty"`
}

func (p *Persons) keepNames(ctx context.Context, id identity.PersonID, who identity.Person) error {
	plain, err := json.Marshal(certified{who.GivenName, who.FirstSurname, who.SecondSurname})
	if err != nil {
		return fmt.Errorf("encoding a certificate's names: %w", err)
	}
	sealed := p.columns.Seal(plain, namesTable, personsSealed, string(id))
	return p.db.exec(ctx, upsertNames, string(id), sealed, micros(p.db.now()))
}

// named is what is known of a person whom the reference data do not know.
func (p *Persons) named(ctx context.Context, id identity.PersonID, document identity.DocumentID) (identity.Person, error) {
	who := identity.Person{Document: document}
	var sealed []byte
	err := p.db.row(ctx, selectNames, string(id)).Scan(&sealed)
	if errors.Is(err, ErrNotFound) {
		return who, nil
	}
	if err != nil {
		return who, fmt.Errorf("reading the names of person %s: %w", id, err)
	}
	plain, err := p.columns.Open(sealed, namesTable, personsSealed, string(id))
	if err != nil {
		return who, fmt.Errorf("opening the names of person %s: %w", id, err)
	}
	var names certified
	if err := json.Unmarshal(plain, &names); err != nil {
		return who, fmt.Errorf("reading the names of person %s: %w", id, err)
	}
	who.GivenName, who.FirstSurname, who.SecondSurname = names.GivenName, names.FirstSurname, names.SecondSurname
	return who, nil
}

// ResealNames does for names that came from certificates what [Census.Reseal] does
// for reference data.
func (p *Persons) ResealNames(ctx context.Context, progress func(Resealed)) (Resealed, error) {
	return resealRows(ctx, p.db, p.columns, sealedRows[string]{
		table: namesTable,
		read: `
select person_id, sealed
from certified_names
where person_id > $1
order by person_id
limit $2`,
		replace: `
update certified_names
set sealed = $1
where person_id = $2 and sealed = $3`,
	}, "", progress)
}
