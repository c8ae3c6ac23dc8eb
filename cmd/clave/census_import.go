package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"clave/audit"
	"clave/census"
	"clave/store"
)

// censusImportCommand is `clave census import`.
type censusImportCommand struct {
	place
	File string `arg:"" type:"existingfile" help:"UTF-8 CSV; its columns stand in the documentation."`
}

// someRejected is the exit status when good rows were imported and bad ones not.
const someRejected = 3

// Run imports all good rows or, when it dies, nothing. Bad rows go to
// FILE.rejects.csv with line and reason.
func (c *censusImportCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	registrar, err := a.registrar()
	if err != nil {
		return err
	}
	bad := &rejects{name: c.File + ".rejects.csv"}
	var result census.Result
	// The transaction may be run again: each time reads the file from its start.
	err = a.db.Tx(ctx, func(ctx context.Context) error {
		file, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("opening the import file: %w", err)
		}
		defer file.Close()
		if err := bad.restart(); err != nil {
			return err
		}
		reference := store.NewCensus(a.db, a.keys.Columns(), a.keys.Index())
		if result, err = census.Import(ctx, reference, file, census.Options{Rejects: bad, Now: a.now(), Progress: progress(os.Stderr)}); err != nil {
			return err
		}
		for _, person := range result.Followed {
			if err := registrar.Followed(ctx, person, a.actor); err != nil {
				return err
			}
		}
		for _, person := range result.Died {
			if err := registrar.Died(ctx, person, a.actor); err != nil {
				return err
			}
		}
		return a.record(ctx, audit.Event{Data: audit.CensusImported{
			Imported: result.Imported, Replaced: result.Replaced, Rejected: result.Rejected,
		}})
	})
	if err != nil {
		return errors.Join(err, bad.drop())
	}
	if err := bad.keep(); err != nil {
		return err
	}
	if result.Repeated > 0 {
		fmt.Fprintf(out, "%d rows are about a document that a later row is about too; the last one counts\n", result.Repeated)
	}
	if result.Rejected > 0 {
		fmt.Fprintf(out, "rejected rows are in %s\n", bad.name)
	}
	if _, err := fmt.Fprintf(out, "imported %d, replaced %d, rejected %d\n", result.Imported, result.Replaced, result.Rejected); err != nil {
		return err
	}
	switch {
	case result.Imported == 0:
		return exitStatus{1, "nothing was imported"}
	case result.Rejected > 0:
		return exitStatus{someRejected, fmt.Sprintf("%d rows were rejected", result.Rejected)}
	}
	return nil
}

// progress tells a waiting operator how far the import is.
func progress(to io.Writer) func(census.Progress) {
	const every = 1_000_000
	var told int64
	var phase census.Phase
	return func(p census.Progress) {
		if p.Phase == phase && p.Rows < told+every {
			return
		}
		if p.Phase != census.Reading || p.Rows >= every {
			_, _ = fmt.Fprintf(to, "%s, %d rows, %d rejected\n", p.Phase, p.Rows, p.Rejected) // nobody may be looking
		}
		phase, told = p.Phase, p.Rows-p.Rows%every
	}
}

// rejects is the file of bad rows: written under another name, and there under
// its own only when the import is done.
type rejects struct {
	name string
	file *os.File
}

// Write implements io.Writer; the first byte makes the file. It holds personal
// data, so that only the owner reads it.
func (r *rejects) Write(p []byte) (int, error) {
	if r.file == nil {
		file, err := os.OpenFile(r.name+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, err
		}
		r.file = file
	}
	return r.file.Write(p)
}

// restart forgets what an earlier try wrote.
func (r *rejects) restart() error {
	if r.file == nil {
		return nil
	}
	return r.drop()
}

// drop removes the unfinished file.
func (r *rejects) drop() error {
	if r.file == nil {
		return nil
	}
	err := errors.Join(r.file.Close(), os.Remove(r.file.Name()))
	r.file = nil
	return err
}

// keep gives the file its name, in place of one from an earlier import.
func (r *rejects) keep() error {
	if r.file == nil {
		if err := os.Remove(r.name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("removing the rejects of an earlier import: %w", err)
		}
		return nil
	}
	if err := errors.Join(r.file.Close(), os.Rename(r.file.Name(), r.name)); err != nil {
		return fmt.Errorf("keeping the rejected rows: %w", err)
	}
	return nil
}
