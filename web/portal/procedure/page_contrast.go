package procedure

import (
	"errors"
	"net/http"

	"clave/census"
	"clave/census/registration"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

// datum is a page that asks for one datum printed on the document.
type datum struct {
	page.DatumQuestion
	path      string
	foreigner bool // it is on documents with a NIE
	// other is the page of another datum or document, and otherText the key of the
	// link that leads there; empty for none.
	other, otherText string
}

// Each datum has a page of its own. With a letter every DNI, known or not, is asked
// for its validity date, and its holder may give the issue date instead.
const (
	pathValidity = "/validity"
	pathIssue    = "/issue"
	pathSupport  = "/support"
)

func letterData() []datum {
	of := func(kind identity.ContrastKind) page.DatumQuestion {
		return page.DatumQuestion{Texts: "procedure.contrast.", Kind: kind}
	}
	return []datum{
		{of(identity.ValidityDate), pathValidity, false, pathIssue, "procedure.contrast.to_issue"},
		{of(identity.IssueDate), pathIssue, false, pathValidity, "procedure.contrast.to_validity"},
		{of(identity.SupportNumber), pathSupport, true, "", ""},
	}
}

// letterDatum is the page that asks for the datum of a document.
func letterDatum(document identity.DocumentID) string {
	if document.Foreigner() {
		return pathSupport
	}
	return pathValidity
}

// contrastPage asks for the datum printed on the document.
type contrastPage struct {
	page.Form
	subject
	Kind  identity.ContrastKind
	Where page.Where
	// Other is the page of another datum, OtherText the key of the link.
	Other, OtherText string
}

func (f *flow) renderContrast(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, field page.Field, d datum, problems page.Errors) {
	f.show(w, r, status, f.contrast, f.path+d.path, contrastPage{
		Form: page.Form{Fields: []page.Field{field}, Errors: problems}, subject: f.subjectOf(running, d.path),
		Kind: d.Kind, Where: d.Where(f.Engine), Other: d.other, OtherText: d.otherText,
	})
}

// fits tells whether the datum can be that of the document, and otherwise leads to
// the page of one that can.
func (f *flow) fits(w http.ResponseWriter, running *registration.Running, d datum) bool {
	if running.Document().Foreigner() == d.foreigner {
		return true
	}
	route.SeeOther(w, f.path+f.ask(running.Document()))
	return false
}

func (f *flow) showContrast(d datum) shower {
	return func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
		if f.fits(w, running, d) {
			typed := ""
			if running.Typed[registration.FieldKind] == string(d.Kind) {
				typed = running.Typed[registration.FieldContrast]
			}
			f.renderContrast(w, r, http.StatusOK, running, d.Field(typed), d, nil)
		}
	}
}

// takeContrast looks at the pair: a wrong one is told so and nothing else.
func (f *flow) takeContrast(d datum) http.HandlerFunc {
	return f.at(registration.StepContrast, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
		if !f.fits(w, running, d) {
			return
		}
		field, value, wrong := d.Read(r)
		if len(wrong) > 0 {
			f.renderContrast(w, r, http.StatusUnprocessableEntity, running, field, d, wrong)
			return
		}
		if d.IsPermanent(value) {
			route.SeeOther(w, f.path+pathIssue) // they all say that
			return
		}
		h, err := f.Procedures.Match(r.Context(), f.handle(r), census.Contrast{Kind: d.Kind, Value: value})
		var denied *registration.Denied
		switch {
		case err == nil:
			f.hand(w, h)
			route.SeeOther(w, f.path+"/"+string(f.matched))
		case errors.As(err, &denied) && denied.Cause == registration.WrongPair:
			f.renderContrast(w, r, http.StatusUnprocessableEntity, running, field, d, d.Wrong("pair"))
		case errors.As(err, &denied):
			f.stop(w, r, denied, f.path+d.path)
		default:
			f.lead(w, r, err)
		}
	})
}
