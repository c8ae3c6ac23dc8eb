package page

import (
	"errors"
	"net/http"

	"clave/identity"
)

// DocumentQuestion asks for the number of a DNI or NIE. Its value is what the keys of
// its texts begin with, dot included ("pin.document."): label, hint, error.empty,
// error.format and error.letter follow.
type DocumentQuestion string

const documentField = "document"

// Field is the question, with what was typed before.
func (q DocumentQuestion) Field(typed string) Field {
	return Field{
		Name: documentField, Label: string(q) + "label", Hint: string(q) + "hint",
		Value: typed, MaxLength: 30, Size: 14,
	}
}

// Read gives the number and what was typed. When there are errors, there is no number.
func (q DocumentQuestion) Read(r *http.Request) (document identity.DocumentID, typed string, wrong Errors) {
	typed = r.PostFormValue(documentField)
	document, err := identity.ParseDocument(typed)
	switch {
	case err == nil:
	case typed == "":
		wrong.Add(documentField, string(q)+"error.empty")
	case errors.Is(err, identity.ErrControlLetter):
		wrong.Add(documentField, string(q)+"error.letter")
	default:
		wrong.Add(documentField, string(q)+"error.format")
	}
	return document, typed, wrong
}
