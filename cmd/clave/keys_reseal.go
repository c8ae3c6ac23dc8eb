package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"clave/store"
)

// keysResealCommand is `clave keys reseal`.
type keysResealCommand struct{ place }

// Run seals what the register of citizens holds under the active key, so that an
// older one can go. Running nodes are not disturbed.
func (c *keysResealCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	columns, index := a.keys.Columns(), a.keys.Index()
	for _, job := range []struct {
		name string
		run  func(context.Context, func(store.Resealed)) (store.Resealed, error)
	}{
		{"reference data", store.NewCensus(a.db, columns, index).Reseal},
		{"persons", store.NewPersons(a.db, columns, index).Reseal},
		{"receipts", store.NewReceipts(a.db, columns, index).Reseal},
		{"names from certificates", store.NewPersons(a.db, columns, index).ResealNames},
		{"histories of registrations", store.NewRegistrar(a.db, columns, index).Reseal},
		{"passwords", store.NewPasswords(a.db, columns).Reseal},
		{"devices", store.NewMovilDevices(a.db, columns).Reseal},
		{"staff", store.NewStaff(a.db, columns).Reseal},
		{"proposals", store.NewProposals(a.db, columns).Reseal},
	} {
		told := int64(0)
		done, err := job.run(ctx, func(p store.Resealed) {
			if p.Rows >= told+1_000_000 {
				told = p.Rows
				_, _ = fmt.Fprintf(os.Stderr, "%s: %d rows\n", job.name, p.Rows) // nobody may be looking
			}
		})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%s: %d rows, %d sealed again\n", job.name, done.Rows, done.Changed); err != nil {
			return err
		}
	}
	return nil
}
