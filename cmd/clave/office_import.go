package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"clave/audit"
	"clave/census/office"
	"clave/store"
)

// officeImportCommand is `clave office import`.
type officeImportCommand struct {
	place
	File string `arg:"" type:"existingfile" help:"CSV in UTF-8; its columns stand in the documentation."`
}

// Run puts the file's good rows in the place of the whole directory. Bad rows go to
// FILE.rejects.csv with line and reason. A file without a good row replaces nothing.
func (c *officeImportCommand) Run(ctx context.Context, out io.Writer) error {
	bad := &rejects{name: c.File + ".rejects.csv"}
	offices, rejected, err := c.read(bad)
	if err != nil {
		return errors.Join(err, bad.drop())
	}
	if err := bad.keep(); err != nil {
		return err
	}
	if rejected > 0 {
		fmt.Fprintf(out, "rejected rows are in %s\n", bad.name)
	}
	if len(offices) == 0 {
		return exitStatus{1, "no office is right; the directory stays as it was"}
	}
	replaced, err := c.replace(ctx, offices, rejected)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "imported %d in the place of %d, rejected %d\n", len(offices), replaced, rejected); err != nil {
		return err
	}
	if rejected > 0 {
		return exitStatus{someRejected, fmt.Sprintf("%d rows were rejected", rejected)}
	}
	return nil
}

func (c *officeImportCommand) read(bad io.Writer) ([]office.Office, int, error) {
	file, err := os.Open(c.File)
	if err != nil {
		return nil, 0, fmt.Errorf("opening the import file: %w", err)
	}
	defer file.Close()
	return office.Read(file, bad)
}

// replace tells how many offices the former directory had.
func (c *officeImportCommand) replace(ctx context.Context, offices []office.Office, rejected int) (replaced int, err error) {
	a, err := c.open(ctx)
	if err != nil {
		return 0, err
	}
	defer a.close()
	directory := store.NewOffices(a.db)
	err = a.db.Tx(ctx, func(ctx context.Context) error {
		former, _, err := directory.Offices(ctx)
		if err != nil {
			return err
		}
		replaced = len(former)
		if err := directory.ReplaceOffices(ctx, offices, a.now()); err != nil {
			return err
		}
		return a.record(ctx, audit.Event{Data: audit.OfficesImported{Imported: len(offices), Replaced: replaced, Rejected: rejected}})
	})
	return replaced, err
}
