package store

import "context"

// DumpPIN gives what a thief of the tables of Cl@ve PIN sees of what they hold.
func (db *DB) DumpPIN(ctx context.Context) (dump []byte, err error) {
	collect := func(text string) error {
		return db.rows(ctx, text, nil, func(scan func(...any) error) error {
			var a, b []byte
			err := scan(&a, &b)
			dump = append(append(dump, a...), b...)
			return err
		})
	}
	if err := collect("select secret, sealed from pin_challenges"); err != nil {
		return nil, err
	}
	return dump, db.rows(ctx, "select subject, times from pin_tallies", nil, func(scan func(...any) error) error {
		var subject string
		var times []byte
		err := scan(&subject, &times)
		dump = append(append(dump, subject...), times...)
		return err
	})
}
