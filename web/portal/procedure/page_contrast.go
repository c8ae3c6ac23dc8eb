package procedure

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

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
		Action: contrastPath(kind), Kind: kind,
	}
	switch kind {
	case identity.ValidityDate, identity.IssueDate:
		data.Where = p.Engine.Where(identity.DNI, kind)
	case identity.SupportNumber:
		data.Where = p.Engine.Where("", kind)
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
			p.renderContrast(w, r, http.StatusOK, running, contrastTyped(kind, running), kind, nil)
		}
	}
}

// takeContrast looks at the pair: a wrong one is told so and nothing else.
func (p *Pages) takeContrast(kind identity.ContrastKind) http.HandlerFunc {
	return p.at(registration.StepContrast, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
		if !p.fits(w, r, running, kind) {
			return
		}
		field := contrastField(kind, r)
		value, wrong := readContrast(field, kind)
		if wrong != "" {
			problems := page.Errors{{Field: fieldContrast, Key: wrong}}
			p.renderContrast(w, r, http.StatusUnprocessableEntity, running, field, kind, problems)
			return
		}
		if kind == identity.ValidityDate && value == permanentDNI {
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
			problems := page.Errors{{Field: fieldContrast, Key: "procedure.contrast.error.pair"}}
			p.renderContrast(w, r, http.StatusUnprocessableEntity, running, field, kind, problems)
		case errors.As(err, &denied):
			p.stop(w, r, denied, contrastPath(kind))
		default:
			p.lead(w, r, err)
		}
	})
}

const (
	fieldContrast = "contrast"
	permanentDNI  = "9999-01-01"
)

// contrastField is the question, with what was typed when r is given.
func contrastField(kind identity.ContrastKind, r *http.Request) page.Field {
	key := "procedure.contrast." + string(kind)
	f := page.Field{Name: fieldContrast, Label: key + ".label", Hint: key + ".hint"}
	if kind == identity.SupportNumber {
		f.MaxLength, f.Size = 20, 12
		if r != nil {
			f.Value = r.PostFormValue(fieldContrast)
		}
		return f
	}
	f.Date = &page.Date{}
	if r != nil {
		*f.Date = page.ReadDate(r.PostForm, fieldContrast)
	}
	return f
}

// contrastTyped is the question with what was typed there before.
func contrastTyped(kind identity.ContrastKind, running *registration.Running) page.Field {
	f, value := contrastField(kind, nil), running.Typed[registration.FieldContrast]
	if running.Typed[registration.FieldKind] != string(kind) {
		return f
	}
	if f.Date == nil {
		f.Value = value
	} else if d, err := identity.ParseDate(value); err == nil {
		*f.Date = page.Date{Day: strconv.Itoa(d.Day), Month: strconv.Itoa(d.Month), Year: strconv.Itoa(d.Year)}
	}
	return f
}

// readContrast gives the datum in the register's spelling, or the key of what is
// wrong with it. A foreigner's number is taken in the spelling of either kind of
// document, since we do not say which one we hold.
func readContrast(f page.Field, kind identity.ContrastKind) (value, wrong string) {
	if kind == identity.SupportNumber {
		if strings.TrimSpace(f.Value) == "" {
			return "", "procedure.contrast.error.empty_support"
		}
		for _, document := range []identity.DocumentKind{identity.ForeignerCard, identity.EUCertificate} {
			if support, err := identity.ParseSupport(f.Value, document); err == nil {
				return support, ""
			}
		}
		return "", "procedure.contrast.error.support"
	}
	if f.Date.Empty() {
		return "", "procedure.contrast.error.empty_date"
	}
	iso, ok := f.Date.ISO()
	if _, err := identity.ParseDate(iso); !ok || err != nil {
		return "", "procedure.contrast.error.date"
	}
	return iso, ""
}
