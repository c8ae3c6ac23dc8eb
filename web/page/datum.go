package page

import (
	"net/http"
	"strconv"
	"strings"

	"clave/identity"
)

// DatumQuestion asks for the datum printed on a document. Its field is called
// "contrast".
type DatumQuestion struct {
	// Texts is what the keys of its texts begin with, dot included ("pin.contrast."):
	// <kind>.label, <kind>.hint, error.empty_date, error.date, error.empty_support,
	// error.support and error.pair follow.
	Texts string
	Kind  identity.ContrastKind
	// Document is whose datum it is; empty for who has not said, and is understood in
	// the spelling of every document with a NIE. A DNI has error.support_dni.
	Document identity.DocumentKind
	// Hint replaces the key <kind>.hint, unless it is empty.
	Hint string
}

const (
	datumField = "contrast"
	permanent  = "9999-01-01"
)

// Field is the question, with the datum that was typed before, in the register's
// spelling; empty for none.
func (q DatumQuestion) Field(value string) Field {
	f := q.field()
	if f.Date == nil {
		f.Value = value
	} else if d, err := identity.ParseDate(value); err == nil {
		*f.Date = Date{Day: strconv.Itoa(d.Day), Month: strconv.Itoa(d.Month), Year: strconv.Itoa(d.Year)}
	}
	return f
}

func (q DatumQuestion) field() Field {
	key := q.Texts + string(q.Kind)
	f := Field{Name: datumField, Label: key + ".label", Hint: key + ".hint"}
	if q.Hint != "" {
		f.Hint = q.Hint
	}
	if q.Kind == identity.SupportNumber {
		f.MaxLength, f.Size = 20, 12
	} else {
		f.Date = &Date{}
	}
	return f
}

// Read gives the question with what was typed, and the datum in the register's
// spelling, if there are no errors.
func (q DatumQuestion) Read(r *http.Request) (f Field, value string, wrong Errors) {
	f = q.field()
	if f.Date == nil {
		f.Value = r.PostFormValue(datumField)
		value, wrong = q.support(f.Value)
	} else {
		*f.Date = ReadDate(r.PostForm, datumField)
		value, wrong = q.date(*f.Date)
	}
	return f, value, wrong
}

func (q DatumQuestion) date(typed Date) (string, Errors) {
	if typed.Empty() {
		return "", q.Wrong("empty_date")
	}
	iso, ok := typed.ISO()
	if _, err := identity.ParseDate(iso); !ok || err != nil {
		return "", q.Wrong("date")
	}
	return iso, nil
}

// support takes a foreigner's number in the spelling of either kind of document,
// since we do not say which one we hold, unless its holder said which one it is.
func (q DatumQuestion) support(typed string) (string, Errors) {
	if strings.TrimSpace(typed) == "" {
		return "", q.Wrong("empty_support")
	}
	documents := []identity.DocumentKind{identity.ForeignerCard, identity.EUCertificate}
	if q.Document != "" {
		documents = []identity.DocumentKind{q.Document}
	}
	for _, document := range documents {
		if support, err := identity.ParseSupport(typed, document); err == nil {
			return support, nil
		}
	}
	if q.Document == identity.DNI {
		return "", q.Wrong("support_dni")
	}
	return "", q.Wrong("support")
}

// Wrong is what the text error.<why> says of the datum; "pair" says that it does not
// belong to the document.
func (q DatumQuestion) Wrong(why string) Errors {
	return Errors{{Field: datumField, Key: q.Texts + "error." + why}}
}

// IsPermanent tells whether value is what every permanent DNI says of its validity,
// which proves nothing: its issue date is asked for then.
func (q DatumQuestion) IsPermanent(value string) bool {
	return q.Kind == identity.ValidityDate && value == permanent
}

// Where makes the drawings that show where the datum is printed.
func (q DatumQuestion) Where(e *Engine) Where {
	if q.Document != "" {
		return e.Where(q.Document, q.Kind)
	}
	if q.Kind == identity.SupportNumber {
		return e.Where("", q.Kind)
	}
	return e.Where(identity.DNI, q.Kind)
}
