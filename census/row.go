package census

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"clave/identity"
)

// Limits of texts, in characters. Our choice: twice the longest that the
// official forms have room for.
const (
	maxName       = 100
	maxStreet     = 200
	maxPostalCode = 16
	maxPlace      = 100
)

// rowParser reads the fields of a row, and collects what is wrong with them.
type rowParser struct {
	// latest is the last day that can have happened anywhere.
	latest identity.Date
	// reasons name column and rule, never the value.
	reasons []string
}

// parse reads a row. It returns false, with reasons, for one that is not to be
// imported.
func (p *rowParser) parse(fields []string, r *Reference) bool {
	p.reasons = p.reasons[:0]
	*r = Reference{}
	p.document(fields, r)
	r.GivenName = p.text(fields, colGivenName, maxName, required)
	r.FirstSurname = p.text(fields, colFirstSurname, maxName, required)
	r.SecondSurname = p.text(fields, colSecondSurname, maxName, optional)
	p.support(fields, r)
	p.dates(fields, r)
	p.address(fields, r)
	p.death(fields, r)
	p.previous(fields, r)
	return len(p.reasons) == 0
}

func (p *rowParser) refuse(column int, reason string) {
	p.reasons = append(p.reasons, columnNames[column]+": "+reason)
}

func (p *rowParser) document(fields []string, r *Reference) {
	var err error
	if strings.TrimSpace(fields[colDocument]) == "" {
		p.refuse(colDocument, "missing")
	} else if r.Document, err = identity.ParseDocument(fields[colDocument]); err != nil {
		p.refuse(colDocument, err.Error())
	}
	if fields[colKind] == "" {
		p.refuse(colKind, "missing")
	} else if r.Kind, err = identity.ParseDocumentKind(fields[colKind]); err != nil {
		p.refuse(colKind, "not dni, foreigner_card, residence_permit or eu_certificate")
	}
	if !r.Document.IsZero() && r.Kind != "" && r.Document.Foreigner() == (r.Kind == identity.DNI) {
		p.refuse(colKind, "a DNI number goes with dni, a NIE with the others")
	}
}

func (p *rowParser) previous(fields []string, r *Reference) {
	if strings.TrimSpace(fields[colPreviousDocument]) == "" {
		return
	}
	var err error
	if r.PreviousDocument, err = identity.ParseDocument(fields[colPreviousDocument]); err != nil {
		p.refuse(colPreviousDocument, err.Error())
	} else if r.PreviousDocument == r.Document {
		p.refuse(colPreviousDocument, "the same as document")
	}
}

func (p *rowParser) support(fields []string, r *Reference) {
	if strings.TrimSpace(fields[colSupportNumber]) == "" || r.Kind == "" {
		return
	}
	var err error
	if r.SupportNumber, err = identity.ParseSupport(fields[colSupportNumber], r.Kind); err != nil {
		p.refuse(colSupportNumber, "not that of a "+string(r.Kind))
	}
}

func (p *rowParser) dates(fields []string, r *Reference) {
	r.BirthDate = p.past(fields, colBirthDate)
	r.IssueDate = p.past(fields, colIssueDate)
	r.ValidityDate = p.date(fields, colExpiryDate)
	if !r.ValidityDate.IsZero() && r.ValidityDate.Compare(r.IssueDate) < 0 {
		p.refuse(colExpiryDate, "before issue_date")
	}
}

func (p *rowParser) death(fields []string, r *Reference) {
	r.DeceasedOn = p.past(fields, colDeceasedOn)
	if !r.DeceasedOn.IsZero() && r.DeceasedOn.Compare(r.BirthDate) < 0 {
		p.refuse(colDeceasedOn, "before birth_date")
	}
}

func (p *rowParser) date(fields []string, column int) identity.Date {
	if fields[column] == "" {
		return identity.Date{}
	}
	date, err := identity.ParseDate(fields[column])
	if err != nil {
		p.refuse(column, "not a date as 1980-12-31")
	}
	return date
}

func (p *rowParser) past(fields []string, column int) identity.Date {
	date := p.date(fields, column)
	if date.Compare(p.latest) > 0 {
		p.refuse(column, "in the future")
		return identity.Date{}
	}
	return date
}

// address demands postal code and province only in Spain: half of the world has
// none.
func (p *rowParser) address(fields []string, r *Reference) {
	a := &r.Address
	a.Country = fields[colCountry]
	elsewhere := required
	if isCountry(a.Country) && a.Country != "ES" {
		elsewhere = optional
	}
	a.Street = p.text(fields, colAddress, maxStreet, required)
	a.PostalCode = p.text(fields, colPostalCode, maxPostalCode, elsewhere)
	if a.Country == "ES" && a.PostalCode != "" && !fiveDigits(a.PostalCode) {
		p.refuse(colPostalCode, "not five digits")
	}
	a.City = p.text(fields, colCity, maxPlace, required)
	a.Province = p.text(fields, colProvince, maxPlace, elsewhere)
	switch {
	case a.Country == "":
		p.refuse(colCountry, "missing")
	case !isCountry(a.Country):
		p.refuse(colCountry, "not a code of ISO 3166-1 as ES")
	}
}

type necessity bool

const (
	required necessity = true
	optional necessity = false
)

// text reads a text: no control characters, and not too long.
func (p *rowParser) text(fields []string, column, maxCharacters int, need necessity) string {
	text := strings.TrimSpace(fields[column])
	if text == "" {
		if need == required {
			p.refuse(column, "missing")
		}
		return ""
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		p.refuse(column, "has control characters")
		return ""
	}
	if len(text) > maxCharacters && utf8.RuneCountInString(text) > maxCharacters {
		p.refuse(column, "too long")
		return ""
	}
	return text
}

func fiveDigits(s string) bool {
	if len(s) != 5 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
