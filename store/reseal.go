package store

import (
	"context"
	"fmt"

	"clave/keys"
)

// resealBatch is how many rows a re-sealing job reads, and at most writes, in one
// transaction: short enough for logins not to wait.
const resealBatch = 1000

// Resealed is how far a re-sealing job is.
type Resealed struct {
	Rows    int64 // looked at
	Changed int64 // sealed under the active key now
}

// sealedRows is a table with a sealed column: how to read its rows in the order
// of their ids, and how to replace a blob.
type sealedRows[ID string | []byte] struct {
	table   string
	read    string // $1 the id after which to begin, $2 how many
	replace string // $1 new blob, $2 id, $3 the blob that is to be replaced
}

// Reseal seals reference data that are under an older key under the active one.
// It may be stopped and begun again at any time, and run while the product
// does. progress, if any, is told after each batch.
func (c *Census) Reseal(ctx context.Context, progress func(Resealed)) (Resealed, error) {
	return resealRows(ctx, c.db, c.columns, sealedRows[[]byte]{
		table: referenceTable,
		read: `
select document_index, sealed
from reference
where document_index > $1
order by document_index
limit $2`,
		replace: `
update reference
set sealed = $1
where document_index = $2 and sealed = $3`,
	}, []byte{}, progress)
}

// Reseal does for persons what [Census.Reseal] does for reference data.
func (p *Persons) Reseal(ctx context.Context, progress func(Resealed)) (Resealed, error) {
	return resealRows(ctx, p.db, p.columns, sealedRows[string]{
		table: personsTable,
		read: `
select id, sealed
from persons
where id > $1
order by id
limit $2`,
		replace: `
update persons
set sealed = $1
where id = $2 and sealed = $3`,
	}, "", progress)
}

// resealRows walks a table. A row that somebody changed meanwhile was sealed by
// them under the active key, and is left alone.
func resealRows[ID string | []byte](ctx context.Context, db *DB, columns *keys.Sealer, t sealedRows[ID], after ID, progress func(Resealed)) (done Resealed, err error) {
	type row struct {
		id     ID
		sealed []byte
	}
	for {
		var batch []row
		err := db.rows(ctx, t.read, []any{after, resealBatch}, func(scan func(...any) error) error {
			var r row
			err := scan(&r.id, &r.sealed)
			batch = append(batch, r)
			return err
		})
		if err != nil {
			return done, fmt.Errorf("re-sealing %s: %w", t.table, err)
		}
		if len(batch) == 0 {
			return done, nil
		}
		var changed int64
		err = db.Tx(ctx, func(ctx context.Context) error {
			changed = 0
			for _, r := range batch {
				if !columns.Stale(r.sealed) {
					continue
				}
				plain, err := columns.Open(r.sealed, t.table, personsSealed, string(r.id))
				if err != nil {
					return err
				}
				if err := db.exec(ctx, t.replace, columns.Seal(plain, t.table, personsSealed, string(r.id)), r.id, r.sealed); err != nil {
					return err
				}
				changed++
			}
			return nil
		})
		if err != nil {
			return done, fmt.Errorf("re-sealing %s: %w", t.table, err)
		}
		done.Rows += int64(len(batch))
		done.Changed += changed
		after = batch[len(batch)-1].id
		if progress != nil {
			progress(done)
		}
	}
}
