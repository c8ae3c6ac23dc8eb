package store

import "context"

// DumpInvitations gives what a thief of the tables sees.
func (db *DB) DumpInvitations(ctx context.Context) (dump []byte, err error) {
	err = db.rows(ctx, "select document_index, sum from invitations", nil, func(scan func(...any) error) error {
		var document, sum []byte
		err := scan(&document, &sum)
		dump = append(append(dump, document...), sum...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return dump, db.rows(ctx, "select document_index, letters, tries from invitation_times", nil, func(scan func(...any) error) error {
		var document, letters, tries []byte
		err := scan(&document, &letters, &tries)
		dump = append(append(append(dump, document...), letters...), tries...)
		return err
	})
}
