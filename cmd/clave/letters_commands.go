package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"clave/audit"
	"clave/census/invitation"
	"clave/notify/letter"
	"clave/store"
)

// lettersCommand is `clave letters`.
type lettersCommand struct {
	List     lettersListCommand     `cmd:"" help:"Say how many letters there are in each state, and which batches are not finished."`
	Returned lettersReturnedCommand `cmd:"" help:"Take in what the post brought back, and void the codes. Exit status: 0 all known, 3 some lines not, 1 nothing done."`
	Requeue  lettersRequeueCommand  `cmd:"" help:"Give the letters of an open batch back to the queue, when its spool is lost."`
}

// lettersListCommand is `clave letters list`.
type lettersListCommand struct{ place }

// Run writes the overview.
func (c *lettersListCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	counts, batches, err := store.NewLetters(a.db, a.keys.Columns()).Overview(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, state := range []letter.State{letter.Queued, letter.HandedOver, letter.Returned, letter.Dropped} {
		fmt.Fprintf(table, "%s\t%d\n", state, counts[state])
	}
	for _, b := range batches {
		fmt.Fprintf(table, "batch %s\t%d\t%s\tspool %s\tsince %s\n", b.ID, b.Count, b.State, b.Spool, b.CreatedAt.Format(time.RFC3339))
	}
	return table.Flush()
}

// lettersRequeueCommand is `clave letters requeue`.
type lettersRequeueCommand struct {
	place
	Batch string `arg:"" help:"The batch, as the list names it."`
}

// Run gives the letters back.
func (c *lettersRequeueCommand) Run(ctx context.Context, out io.Writer) error {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	freed, err := store.NewLetters(a.db, a.keys.Columns()).Requeue(ctx, c.Batch)
	if err != nil {
		return err
	}
	if !freed {
		return exitStatus{1, "this batch is not open: unknown, or its letters may have been printed"}
	}
	_, err = fmt.Fprintln(out, "its letters go into the next batch")
	return err
}

// lettersReturnedCommand is `clave letters returned`.
type lettersReturnedCommand struct {
	place
	File string `arg:"" help:"Numbers of letters, one a line, as printed above the address; what follows a comma, semicolon or tab is ignored. - reads standard input."`
}

// Run takes the file's letters back, each in a transaction of its own. Running it again
// does no harm.
func (c *lettersReturnedCommand) Run(ctx context.Context, out io.Writer) error {
	file := io.NopCloser(os.Stdin)
	if c.File != "-" {
		opened, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("opening the file: %w", err)
		}
		file = opened
	}
	defer file.Close()
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	taken, unknown, err := takeBack(ctx, a.invitations(), a.actor, file, out)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "taken back %d, not known %d\n", taken, unknown); err != nil {
		return err
	}
	if unknown > 0 {
		return exitStatus{someRejected, fmt.Sprintf("%d lines were not taken", unknown)}
	}
	return nil
}

// invitations are those of a command, which only takes letters back.
func (a *access) invitations() *invitation.Invitations {
	columns, index := a.keys.Columns(), a.keys.Index()
	return invitation.New(invitation.Config{
		Tx: a.db, Register: store.NewPersons(a.db, columns, index), Store: store.NewInvitations(a.db, index),
		Letters: store.NewLetters(a.db, columns), Codes: a.keys.Activation(), Trail: a.trail, Now: a.now,
	})
}

// takeBack reads the lines and says which were not taken, and why.
func takeBack(ctx context.Context, service *invitation.Invitations, actor audit.Actor, file io.Reader, out io.Writer) (taken, unknown int, err error) {
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		first, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), ",")
		first, _, _ = strings.Cut(first, ";")
		first, _, _ = strings.Cut(first, "\t")
		first = strings.Trim(strings.TrimSpace(first), `"`)
		if first == "" {
			continue
		}
		number, err := letter.ParseNumber(first)
		if errors.Is(err, letter.ErrNumber) {
			if n > 1 || strings.ContainsAny(first, "0123456789") { // otherwise a heading
				unknown++
				fmt.Fprintf(out, "line %d: not the number of a letter\n", n)
			}
			continue
		}
		known, err := service.Returned(ctx, number, actor)
		switch {
		case err != nil:
			return taken, unknown, fmt.Errorf("line %d: %w", n, err)
		case known:
			taken++
		default:
			unknown++
			fmt.Fprintf(out, "line %d: no letter that was handed over, or taken back before\n", n)
		}
	}
	if err := lines.Err(); err != nil {
		return taken, unknown, fmt.Errorf("reading the file: %w", err)
	}
	return taken, unknown, nil
}
