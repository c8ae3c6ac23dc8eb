package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"clave/audit"
	"clave/census"
	"clave/census/registrar"
	"clave/identity"
	"clave/store"
)

// censusShowCommand is `clave census show`.
type censusShowCommand struct {
	place
	Document string `arg:"" help:"DNI or NIE; - reads it from standard input, so that it stays out of the shell's history."`
	Reason   string `required:"" help:"Why; goes into the audit trail."`
	Reveal   bool   `help:"Show names, dates, address, phone and e-mail too. That it was done is noted."`
}

// Run writes how the holder of the document is registered, with masked phone and
// e-mail, and everything that happened to the registration; with --reveal all that is
// held.
func (c *censusShowCommand) Run(ctx context.Context, out io.Writer) error {
	document, err := documentOf(c.Document)
	if err != nil {
		return err
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
			Person: found.PersonID, Data: audit.CensusShown{Reason: c.Reason, Revealed: c.Reveal}, Personal: audit.Personal{Document: document},
		})
	})
	if err != nil {
		return err
	}
	if !found.Known {
		return exitStatus{1, "the register does not hold this document"}
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, l := range candidateLines(found, c.Reveal) {
		if l.value != "" {
			fmt.Fprintf(table, "%s\t%s\n", l.name, l.value)
		}
	}
	if err := table.Flush(); err != nil || found.PersonID == "" {
		return err
	}
	registrations, err := a.registrar()
	if err != nil {
		return err
	}
	history, err := registrations.History(ctx, found.PersonID)
	if err != nil || len(history) == 0 {
		return err
	}
	return writeHistory(out, history, c.Reveal)
}

// writeHistory writes what happened to a registration, oldest first.
func writeHistory(out io.Writer, history []registrar.Record, reveal bool) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	header := "\nHISTORY\tCHANGE\tSTATE\tLEVEL\tCHANNEL\tBY\tOFFICE\tREASON\tRECEIPT"
	if reveal {
		header += "\tDOCUMENT\tPHONE\tEMAIL"
	}
	fmt.Fprintln(table, header)
	for _, r := range history {
		fields := []string{
			r.At.Format("2006-01-02T15:04Z"), string(r.Change), string(r.State), r.Level.String(), string(r.Channel), string(r.Actor),
			r.By.Office, r.By.Reason, r.Receipt,
		}
		if reveal {
			fields = append(fields, r.Document.Reveal(), r.Phone.Reveal(), r.Email.Reveal())
		}
		for i, f := range fields {
			fields[i] = cmp.Or(f, "-")
		}
		fmt.Fprintln(table, strings.Join(fields, "\t"))
	}
	return table.Flush()
}

type shownLine struct{ name, value string }

func candidateLines(c census.Candidate, reveal bool) []shownLine {
	r := c.Reference
	lines := []shownLine{
		{"document", r.Document.String()}, {"kind", string(r.Kind)}, {"person", string(c.PersonID)}, {"state", string(c.State)},
	}
	if c.Registration != identity.NoRegistration {
		lines = append(lines, shownLine{"registration", c.Registration.String()}, shownLine{"channel", string(c.Channel)})
	}
	lines = append(lines, shownLine{"language", c.Language})
	if !reveal {
		return append(lines, shownLine{"phone", c.Phone.String()}, shownLine{"email", c.Email.String()})
	}
	lines[0].value = r.Document.Reveal()
	return append(lines,
		shownLine{"phone", c.Phone.Reveal()}, shownLine{"email", c.Email.Reveal()},
		shownLine{"given_name", r.GivenName}, shownLine{"first_surname", r.FirstSurname}, shownLine{"second_surname", r.SecondSurname},
		shownLine{"birth_date", r.BirthDate.String()}, shownLine{"support_number", r.SupportNumber},
		shownLine{"issue_date", r.IssueDate.String()}, shownLine{"expiry_date", r.ValidityDate.String()},
		shownLine{"address", r.Address.Street}, shownLine{"postal_code", r.Address.PostalCode}, shownLine{"city", r.Address.City},
		shownLine{"province", r.Address.Province}, shownLine{"country", r.Address.Country},
		shownLine{"deceased_on", r.DeceasedOn.String()}, shownLine{"previous_document", r.PreviousDocument.Reveal()},
	)
}
