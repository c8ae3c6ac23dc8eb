package store

import "context"

// DumpMovilRequests gives what a thief of the table of requests sees of what it holds.
func (db *DB) DumpMovilRequests(ctx context.Context) (dump []byte, err error) {
	err = db.rows(ctx, "select id, sealed from movil_requests", nil, func(scan func(...any) error) error {
		var id string
		var sealed []byte
		err := scan(&id, &sealed)
		dump = append(append(dump, id...), sealed...)
		return err
	})
	return dump, err
}
