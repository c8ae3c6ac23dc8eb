package store

import (
	"context"
	"errors"
)

// SwapSealed exchanges the sealed blobs of the two rows of a table, as somebody
// with access to the database could.
func (db *DB) SwapSealed(ctx context.Context, table string) error {
	texts := map[string][2]string{
		"reference": {"select sealed from reference", "update reference set sealed = $1 where sealed = $2"},
		"persons":   {"select sealed from persons", "update persons set sealed = $1 where sealed = $2"},
	}[table]
	var blobs [][]byte
	err := db.rows(ctx, texts[0], nil, func(scan func(...any) error) error {
		var blob []byte
		err := scan(&blob)
		blobs = append(blobs, blob)
		return err
	})
	if err != nil {
		return err
	}
	if len(blobs) != 2 {
		return errors.New("want two rows")
	}
	for _, step := range [][2][]byte{{{0}, blobs[0]}, {blobs[0], blobs[1]}, {blobs[1], {0}}} {
		if err := db.exec(ctx, texts[1], step[0], step[1]); err != nil {
			return err
		}
	}
	return nil
}

// CountReference tells how many documents are held.
func (db *DB) CountReference(ctx context.Context) (n int, err error) {
	err = db.row(ctx, "select count(*) from reference").Scan(&n)
	return n, err
}

// FindStaging answers nil when there is a staging table.
func (db *DB) FindStaging(ctx context.Context) error {
	return db.Tx(ctx, func(ctx context.Context) error {
		var n int
		return db.row(ctx, "select count(*) from census_staging").Scan(&n)
	})
}
