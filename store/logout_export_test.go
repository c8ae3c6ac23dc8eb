package store

import (
	"context"
	"errors"
)

// MoveLogouts gives sealed rows to another session and another logout.
func (db *DB) MoveLogouts(ctx context.Context) error {
	return errors.Join(
		db.exec(ctx, "update session_participants set session_id = 'moved'"),
		db.exec(ctx, "update logouts set id = 'moved'"),
	)
}
