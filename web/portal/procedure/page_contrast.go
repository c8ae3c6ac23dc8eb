package procedure

import (
	"errors"
	"net/http"

	"clave/census"
	"clave/census/registration"
	"clave/identity"
	"clave/web/page"
)

// Each datum has a page of its own. Every DNI, known or not, is asked for its
// validity date, and its holder may give the issue date instead.
const (
	pathValidity = "/validity"
	pathIssue    = "/issue"
	pathSupport  = "/support"
)

func contrastPaths() map[string]identity.ContrastKind {
	return map[string]identity.ContrastKind{
		pathValidity: identity.ValidityDate, pathIssue: identity.IssueDate, pathSupport: identity.SupportNumber,
	}
}

func contrastPath(kind identity.ContrastKind) string {
	for path, k := range contrastPaths() {
		if k == kind {
			return Path + path
		}
	}
	return Path
}

func question(kind identity.ContrastKind) page.DatumQuestion {
	return page.DatumQuestion{Texts: "procedure.contrast.", Kind: kind}
}

// contrastPage asks for the datum printed on the document.
type contrastPage struct {
	page.Form
	subject
	Action string
	Kind   identity.ContrastKind
	Where  page.Where
}

func (p *Pages) renderContrast(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, field page.Field, kind identity.ContrastKind, problems page.Errors) {
	data := contrastPage{
		Form: page.Form{Fields: []page.Field{field}, Errors: problems}, subject: p.subjectOf(running, contrastPath(kind)),
		Action: contrastPath(kind), Kind: kind, Where: question(kind).Where(p.Engine),
	}
	p.show(w, r, status, p.contrast, data.Action, data)
}

// fits tells whether the datum can be that of the document, and otherwise leads to
// the page of one that can.
func (p *Pages) fits(w http.ResponseWriter, r *http.Request, running *registration.Running, kind identity.ContrastKind) bool {
	if running.Document().Foreigner() == (kind == identity.SupportNumber) {
		return true
	}
	path := pathValidity
	if kind != identity.SupportNumber {
		path = pathSupport
	}
	seeOther(w, r, Path+path)
	return false
}

func (p *Pages) showContrast(kind identity.ContrastKind) shower {
	return func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
		if p.fits(w, r, running, kind) {
			typed := ""
			if running.Typed[registration.FieldKind] == string(kind) {
				typed = running.Typed[registration.FieldContrast]
			}
			p.renderContrast(w, r, http.StatusOK, running, question(kind).Field(typed), kind, nil)
		}
	}
}

// takeContrast looks at the pair: a wrong one is told so and nothing else.
func (p *Pages) takeContrast(kind identity.ContrastKind) http.HandlerFunc {
	return p.at(registration.StepContrast, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
		if !p.fits(w, r, running, kind) {
			return
		}
		field, value, wrong := question(kind).Read(r)
		if len(wrong) > 0 {
			p.renderContrast(w, r, http.StatusUnprocessableEntity, running, field, kind, wrong)
			return
		}
		if question(kind).IsPermanent(value) {
			seeOther(w, r, Path+pathIssue) // they all say that
			return
		}
		h, err := p.Procedures.Match(r.Context(), p.handle(r), census.Contrast{Kind: kind, Value: value})
		var denied *registration.Denied
		switch {
		case err == nil:
			p.hand(w, h)
			seeOther(w, r, Path+"/choice")
		case errors.As(err, &denied) && denied.Cause == registration.WrongPair:
			p.renderContrast(w, r, http.StatusUnprocessableEntity, running, field, kind, question(kind).Wrong("pair"))
		case errors.As(err, &denied):
			p.stop(w, r, denied, contrastPath(kind))
		default:
			p.lead(w, r, err)
		}
	})
}
