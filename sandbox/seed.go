package sandbox

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"clave/census"
	"clave/identity"
)

// Persons is where registrations are kept.
type Persons interface {
	Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error)
	Enrol(ctx context.Context, registrations []census.Registration, now time.Time) error
}

// Seed brings the citizens into the register, the way an operator would: their
// reference data by an import file. It registers those who are not yet, and
// leaves alone what a tester changed since.
func Seed(ctx context.Context, reference census.Store, persons Persons, now func() time.Time) error {
	var rejected bytes.Buffer
	result, err := census.Import(ctx, reference, file(), census.Options{Rejects: &rejected, Now: now()})
	if err != nil {
		return fmt.Errorf("importing the sandbox's citizens: %w", err)
	}
	if result.Rejected > 0 {
		return fmt.Errorf("importing the sandbox's citizens: %d rows rejected: %s", result.Rejected, rejected.String())
	}
	var missing []census.Registration
	for _, c := range Citizens() {
		r, enrolled, err := c.registration(now())
		if err != nil {
			return fmt.Errorf("registering the sandbox's citizens: %w", err)
		}
		if !enrolled {
			continue
		}
		held, err := persons.Candidate(ctx, r.Document)
		if err != nil {
			return fmt.Errorf("registering the sandbox's citizens: %w", err)
		}
		if held.PersonID == "" {
			missing = append(missing, r)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := persons.Enrol(ctx, missing, now()); err != nil {
		return fmt.Errorf("registering the sandbox's citizens: %w", err)
	}
	return nil
}

// file is the import file of all citizens.
func file() io.Reader {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{
		"document", "kind", "given_name", "first_surname", "second_surname", "birth_date", "support_number", "issue_date",
		"expiry_date", "address", "postal_code", "city", "province", "country", "deceased_on", "previous_document",
	}}
	for _, c := range Citizens() {
		rows = append(rows, []string{
			c.Document, string(c.Kind), c.GivenName, c.FirstSurname, c.SecondSurname, c.BirthDate, c.SupportNumber, c.IssueDate,
			c.ValidityDate, "Calle de la Prueba 1", "28001", "Madrid", "Madrid", "ES", c.DeceasedOn, "",
		})
	}
	_ = w.WriteAll(rows) // writing to memory does not fail
	return &b
}

// registration is the citizen's row; false for who never registered.
func (c Citizen) registration(now time.Time) (census.Registration, bool, error) {
	if c.State == identity.Unregistered {
		return census.Registration{}, false, nil
	}
	document, err := identity.ParseDocument(c.Document)
	if err != nil {
		return census.Registration{}, false, err
	}
	r := census.Registration{
		Document: document, State: c.State, Level: c.Level, Channel: c.Channel, Language: c.Language,
		At: now.AddDate(-1, 0, 0),
	}
	if c.State == identity.Deceased {
		r.State = identity.Registered // death is what the reference data say
	}
	if c.Phone != "" {
		if r.Phone, err = identity.ParseE164(c.Phone); err != nil {
			return r, false, err
		}
	}
	if c.Email != "" {
		if r.Email, err = identity.ParseEmail(c.Email); err != nil {
			return r, false, err
		}
		r.EmailConfirmed = c.EmailConfirmed
	}
	return r, true, nil
}
