package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"clave/census"
	"clave/identity"
	"clave/keys"
)

// Census keeps the reference data; it implements [census.Store].
type Census struct {
	db      *DB
	columns *keys.Sealer
	index   *keys.Index
}

// NewCensus returns the reference data of a database.
func NewCensus(db *DB, columns *keys.Sealer, index *keys.Index) *Census {
	return &Census{db, columns, index}
}

// Seal implements census.Store.
func (c *Census) Seal(r *census.Reference) census.Row {
	row := census.Row{Document: c.index.Of(indexedDocument, r.Document.Reveal()), Deceased: r.Deceased()}
	if !r.PreviousDocument.IsZero() {
		row.Previous = c.index.Of(indexedDocument, r.PreviousDocument.Reveal())
	}
	plain := census.AppendReference(make([]byte, 0, 256), r)
	row.Sealed = c.columns.Seal(plain, referenceTable, personsSealed, string(row.Document))
	row.Fingerprint = c.index.Of(fingerprinted, string(plain))
	return row
}

// Last says when reference data were imported last; zero for never.
func (c *Census) Last(ctx context.Context) (at time.Time, err error) {
	err = c.db.row(ctx, "select imported_at from census_import").Scan(timeInto(&at))
	return at, err
}

// The staging table is temporary: it is written without a log, nobody else sees
// it, and it is gone with the connection, however the process ends.
const (
	lockImport = `
select one
from census_import
where one = 1`

	createStaging = `
create temporary table census_staging (
    line bigint not null,
    document_index bytea not null,
    previous_index bytea,
    sealed bytea not null,
    fingerprint bytea not null,
    deceased boolean not null
)`

	dropStaging = `drop table census_staging`

	// indexStaging is for the few rows that have a previous document.
	indexStaging = `
create index census_staging_previous on census_staging (previous_index)
where previous_index is not null`

	// dropRepeated leaves the last row about each document.
	dropRepeated = `
delete from census_staging
where line in (
    select line
    from (
        select line, row_number() over (partition by document_index order by line desc) as place
        from census_staging
    ) as ranked
    where place > 1
)`

	// updateChanged goes by document, so that pages of table and index are
	// visited one after the other and not all over; an update from a join would
	// not say in which order.
	updateChanged = `
insert into reference (document_index, sealed, fingerprint, deceased, updated_at)
select s.document_index, s.sealed, s.fingerprint, s.deceased, cast($1 as bigint)
from census_staging s
join reference r on r.document_index = s.document_index
where r.fingerprint <> s.fingerprint
order by s.document_index
on conflict (document_index) do update
set sealed = excluded.sealed, fingerprint = excluded.fingerprint, deceased = excluded.deceased, updated_at = excluded.updated_at`

	// insertNew goes by document as well, and has no conflict to look for, which
	// would be one more descent in the index for each row.
	insertNew = `
insert into reference (document_index, sealed, fingerprint, deceased, updated_at)
select s.document_index, s.sealed, s.fingerprint, s.deceased, cast($1 as bigint)
from census_staging s
where not exists (select 1 from reference r where r.document_index = s.document_index)
order by s.document_index`

	recordImport = `
update census_import
set imported_at = $1, imported = $2, replaced = $3
where one = 1`
)

// Replace implements census.Store. Rows that say what is held already are left
// alone. It is one transaction, and joins the
// caller's; rows cannot be read twice, so it is not tried again after a lost race.
func (c *Census) Replace(ctx context.Context, now time.Time, next func() (*census.Row, error)) (census.Replaced, error) {
	var result census.Replaced
	begun := false
	err := c.db.Tx(ctx, func(ctx context.Context) error {
		if begun {
			return census.ErrBusy
		}
		begun = true
		var one int
		if err := c.db.row(ctx, c.db.locked(lockImport)).Scan(&one); err != nil {
			return fmt.Errorf("waiting for other imports: %w", err)
		}
		staged, err := c.stage(ctx, next)
		if err != nil {
			return err
		}
		result, err = c.merge(ctx, staged, now)
		return err
	})
	switch {
	case err == nil:
		return result, nil
	case c.db.engine.conflict(err):
		return census.Replaced{}, errors.Join(census.ErrBusy, err)
	}
	return census.Replaced{}, fmt.Errorf("replacing reference data: %w", err)
}

// stage copies the rows into the staging table and tells how many there are.
func (c *Census) stage(ctx context.Context, next func() (*census.Row, error)) (int64, error) {
	for _, statement := range append(c.db.engine.bulkSettings(), createStaging) {
		if err := c.db.exec(ctx, statement); err != nil {
			return 0, err
		}
	}
	values := make([]any, 6)
	columns := []string{"line", "document_index", "previous_index", "sealed", "fingerprint", "deceased"}
	staged, err := c.db.engine.copyRows(ctx, "census_staging", columns, func() ([]any, error) {
		row, err := next()
		if row == nil || err != nil {
			return nil, err
		}
		values[0], values[1], values[2] = row.Line, row.Document, nil
		if row.Previous != nil {
			values[2] = row.Previous
		}
		values[3], values[4], values[5] = row.Sealed, row.Fingerprint, row.Deceased
		return values, nil
	})
	return staged, c.db.engine.translate(err)
}

func (c *Census) merge(ctx context.Context, staged int64, now time.Time) (r census.Replaced, err error) {
	if err := c.db.exec(ctx, indexStaging); err != nil {
		return r, err
	}
	repeated, err := c.db.changed(ctx, dropRepeated)
	if err != nil {
		return r, fmt.Errorf("dropping repeated rows: %w", err)
	}
	if r.Died, err = c.died(ctx); err != nil {
		return r, fmt.Errorf("finding who died: %w", err)
	}
	if err := c.db.exec(ctx, updateChanged, micros(now)); err != nil {
		return r, fmt.Errorf("replacing rows: %w", err)
	}
	added, err := c.db.changed(ctx, insertNew, micros(now))
	if err != nil {
		return r, fmt.Errorf("adding rows: %w", err)
	}
	r.Documents = staged - repeated
	r.Held = r.Documents - added
	followed, died, err := c.follow(ctx, now)
	if err != nil {
		return r, fmt.Errorf("following changed documents: %w", err)
	}
	r.Followed = followed
	for _, person := range died {
		if !slices.Contains(r.Died, person) {
			r.Died = append(r.Died, person)
		}
	}
	if r.Documents > 0 {
		if err := c.db.exec(ctx, recordImport, micros(now), r.Documents, r.Held); err != nil {
			return r, err
		}
	}
	_, err = c.db.changed(ctx, dropStaging)
	return r, err
}

// selectDied asks before the rows are merged: afterwards nobody knows who was alive.
const selectDied = `
select p.id
from census_staging s
join persons p on p.document_index = s.document_index
left join reference r on r.document_index = s.document_index
where s.deceased and not coalesce(r.deceased, false)
order by p.id`

// died finds the persons whom the file says to be dead and the register did not.
func (c *Census) died(ctx context.Context) (died []identity.PersonID, err error) {
	err = c.db.rows(ctx, selectDied, nil, func(scan func(...any) error) error {
		var person identity.PersonID
		err := scan(textInto(&person))
		died = append(died, person)
		return err
	})
	return died, err
}

// followBatch bounds how many persons are held in memory.
const followBatch = 500

// selectFollowed finds persons under a previous document whose present one has
// nobody yet. Each move takes the person out of the answer.
const selectFollowed = `
select p.id, p.sealed, s.document_index, r.sealed
from census_staging s
join persons p on p.document_index = s.previous_index
join reference r on r.document_index = s.document_index
where s.previous_index is not null
    and s.line = (select max(l.line) from census_staging l where l.previous_index = s.previous_index)
    and not exists (select 1 from persons o where o.document_index = s.document_index)
order by p.id
limit $1`

const moveFollowed = `
update persons
set document_index = $1, sealed = $2, changed_at = $3
where id = $4`

// follow moves persons to their new document number: a foreigner who becomes
// Spanish stays the same person for every service. It tells whom it moved, and which
// of them are dead.
func (c *Census) follow(ctx context.Context, now time.Time) (followed, died []identity.PersonID, err error) {
	type move struct {
		person                   identity.PersonID
		contact, index, document []byte
	}
	persons := NewPersons(c.db, c.columns, c.index)
	for {
		var moves []move
		err := c.db.rows(ctx, selectFollowed, []any{followBatch}, func(scan func(...any) error) error {
			var m move
			if err := scan(textInto(&m.person), &m.contact, &m.index, &m.document); err != nil {
				return err
			}
			moves = append(moves, m)
			return nil
		})
		if err != nil || len(moves) == 0 {
			return followed, died, err
		}
		for _, m := range moves {
			contact, err := persons.openContact(m.person, m.contact)
			if err != nil {
				return nil, nil, err
			}
			reference, err := openReference(c.columns, m.index, m.document)
			if err != nil {
				return nil, nil, err
			}
			contact.Document = reference.Document
			if err := c.db.exec(ctx, moveFollowed, m.index, persons.sealContact(m.person, &contact), micros(now), string(m.person)); err != nil {
				return nil, nil, err
			}
			followed = append(followed, m.person)
			if reference.Deceased() {
				died = append(died, m.person)
			}
		}
	}
}
