package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"clave/audit"
	"clave/census"
	"clave/identity"
	"clave/store"
)

// censusShowCommand is `clave census show`.
type censusShowCommand struct {
	place
	Document string `arg:"" help:"DNI or NIE; - reads it from standard input, so that it stays out of the shell's history."`
	Reason   string `required:"" help:"Why; goes into the audit trail."`
}

// Run writes what is held about the holder of the document.
func (c *censusShowCommand) Run(ctx context.Context, out io.Writer) error {
	typed := c.Document
	if typed == "-" {
		line, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading the document: %w", err)
		}
		typed = line
	}
	document, err := identity.ParseDocument(typed)
	if err != nil {
		return fmt.Errorf("reading the document: %w", err)
	}
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	persons := store.NewPersons(a.db, a.keys.Columns(), a.keys.Index())
	var found census.Candidate
	err = a.db.Tx(ctx, func(ctx context.Context) error {
		if found, err = persons.Candidate(ctx, document); err != nil {
			return err
		}
		return a.record(ctx, audit.Event{
			Person: found.PersonID, Data: audit.CensusShown{Reason: c.Reason}, Personal: audit.Personal{Document: document},
		})
	})
	if err != nil {
		return err
	}
	if !found.Known {
		return exitStatus{1, "the register does not hold this document"}
	}
	return showCandidate(out, found)
}

func showCandidate(out io.Writer, c census.Candidate) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(table, "%s\t%s\n", name, value)
		}
	}
	r := c.Reference
	line("document", r.Document.Reveal())
	line("kind", string(r.Kind))
	line("given_name", r.GivenName)
	line("first_surname", r.FirstSurname)
	line("second_surname", r.SecondSurname)
	line("birth_date", r.BirthDate.String())
	line("support_number", r.SupportNumber)
	line("issue_date", r.IssueDate.String())
	line("expiry_date", r.ValidityDate.String())
	line("deceased_on", r.DeceasedOn.String())
	line("previous_document", r.PreviousDocument.Reveal())
	line("person", string(c.PersonID))
	line("state", string(c.State))
	if c.Registration != identity.NoRegistration {
		line("registration", c.Registration.String())
	}
	line("channel", string(c.Channel))
	line("phone", c.Phone.Reveal())
	line("email", c.Email.Reveal())
	line("language", c.Language)
	return table.Flush()
}
