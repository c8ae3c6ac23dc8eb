package procedure

import (
	"net/http"

	"clave/census/receipt"
	"clave/census/registration"
	"clave/web/page"
)

// conditions are those of use, to be read and accepted.
type conditions struct {
	Version    string
	Conditions []receipt.Condition
	Accepted   bool
}

// conditionsFor are the conditions in the language of the page.
func (f *flow) conditionsFor(r *http.Request) (conditions, error) {
	read, err := receipt.Conditions(receipt.CurrentConditions, f.language(r))
	return conditions{Version: receipt.CurrentConditions, Conditions: read}, err
}

func accepted(r *http.Request) bool {
	return r.PostFormValue(string(registration.FieldConditions)) == receipt.CurrentConditions
}

// unaccepted says that nothing happens without the conditions.
func (f *flow) unaccepted() page.Errors {
	key := "procedure.conditions.needed"
	if f.enters() {
		key = "procedure.contact.conditions.error.empty"
	}
	return page.Errors{{Field: string(registration.FieldConditions), Key: key}}
}
