package store

import "context"

// Tamper runs a statement behind the product's back, as somebody with access
// to the database could.
func (db *DB) Tamper(ctx context.Context, sql string, args ...any) (int64, error) {
	return db.changed(ctx, sql, args...)
}
