package store

import "context"

// DumpLetters gives what a thief of the table sees of what letters hold.
func (db *DB) DumpLetters(ctx context.Context) (dump []byte, err error) {
	return dump, db.rows(ctx, "select sealed from letters where sealed is not null", nil, func(scan func(...any) error) error {
		var sealed []byte
		err := scan(&sealed)
		dump = append(dump, sealed...)
		return err
	})
}

// CountLetters tells how many letters there are, in any state.
func (db *DB) CountLetters(ctx context.Context) (n int, err error) {
	return n, db.row(ctx, "select count(*) from letters").Scan(&n)
}
