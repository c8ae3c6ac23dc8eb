package store_test

import (
	"strings"

	"clave/census"
)

// personalValues lists what a thief of the database must not find.
func personalValues(r census.Reference, p census.Registration) []string {
	values := []string{
		r.Document.Reveal(), r.GivenName, r.FirstSurname, r.SecondSurname, r.BirthDate.String(), r.SupportNumber,
		r.IssueDate.String(), r.ValidityDate.String(), r.Address.Street, r.Address.PostalCode, r.Address.City,
		r.PreviousDocument.Reveal(), p.Phone.Reveal(), strings.TrimPrefix(p.Phone.Reveal(), "+34"), p.Email.Reveal(),
	}
	kept := values[:0]
	for _, v := range values {
		if v != "" {
			kept = append(kept, v)
		}
	}
	return kept
}

func contains(text, secret string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(secret))
}
