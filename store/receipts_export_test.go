package store

import "context"

// DumpReceipts gives what a thief of the table sees.
func (db *DB) DumpReceipts(ctx context.Context) (dump []byte, err error) {
	return dump, db.rows(ctx, "select id, code_index, person_id, sealed from receipts", nil, func(scan func(...any) error) error {
		var id, person string
		var code, sealed []byte
		err := scan(&id, &code, &person, &sealed)
		dump = append(append(append(append(dump, id...), code...), person...), sealed...)
		return err
	})
}
