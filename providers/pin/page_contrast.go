package pin

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

// Each datum has a page of its own. Every DNI, known or not, is asked for its
// validity date, and its holder says when it is a permanent one.
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
			return path
		}
	}
	return ""
}

// contrastPage asks for the datum printed on the document.
type contrastPage struct {
	page.Form
	links
	Action   string
	Kind     identity.ContrastKind
	Document string // masked
	Where    page.Where
}

func (p *Provider) renderContrast(w http.ResponseWriter, r *http.Request, status int, t typed, field page.Field, kind identity.ContrastKind, problems page.Errors) {
	l := broker.From(r.Context())
	data := contrastPage{
		Form: page.Form{Fields: []page.Field{field}, Errors: problems}, links: links{loginPath(l)},
		Action: pinPath(l, contrastPath(kind)), Kind: kind, Document: t.Document.String(),
	}
	switch kind {
	case identity.ValidityDate, identity.IssueDate:
		data.Where = p.Pages.Where(identity.DNI, kind)
	case identity.SupportNumber:
		data.Where = p.Pages.Where("", kind)
	}
	p.Pages.Render(w, p.here(r, data.Action), status, p.pages.contrast, data)
}

// typedFor reads what was typed so far; when that does not lead to a page for
// this kind of datum, it sends the browser back to the document.
func (p *Provider) typedFor(w http.ResponseWriter, r *http.Request, kind identity.ContrastKind) (typed, bool) {
	l := broker.From(r.Context())
	t, ok := p.typedOf(r, l)
	if ok && t.Document.Foreigner() == (kind == identity.SupportNumber) {
		return t, true
	}
	route.SeeOther(w, pinPath(l, ""))
	return typed{}, false
}

func (p *Provider) showContrast(kind identity.ContrastKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t, ok := p.typedFor(w, r, kind)
		if !ok {
			return
		}
		l := broker.From(r.Context())
		said := p.toldOf(r, l)
		switch {
		case said.Cause == PairLocked && said.about(t.Document) && p.Now().Before(said.Until):
			p.showLocked(w, r, l, &Denied{Cause: PairLocked, Until: said.Until})
		case said.Cause == WrongPair && said.about(t.Document) && said.Kind == kind:
			problems := page.Errors{{Field: fieldContrast, Key: "pin.contrast.error.pair"}}
			p.renderContrast(w, r, http.StatusOK, t, contrastFieldOf(said.contrast()), kind, problems)
		default:
			p.renderContrast(w, r, http.StatusOK, t, contrastField(kind, nil), kind, nil)
		}
	}
}

// takeContrast looks at the pair: a wrong one is told so and nothing else.
func (p *Provider) takeContrast(kind identity.ContrastKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t, ok := p.typedFor(w, r, kind)
		if !ok {
			return
		}
		l, field := broker.From(r.Context()), contrastField(kind, r)
		value, wrong := readContrast(field, kind)
		if wrong != "" {
			p.forget(w, r, l)
			problems := page.Errors{{Field: fieldContrast, Key: wrong}}
			p.renderContrast(w, r, http.StatusUnprocessableEntity, t, field, kind, problems)
			return
		}
		if kind == identity.ValidityDate && value == permanentDNI {
			route.SeeOther(w, pinPath(l, pathIssue)) // they all say that
			return
		}
		t.Contrast = census.Contrast{Kind: kind, Value: value}
		c, err := p.Check(r.Context(), l, t.pair())
		if err != nil {
			p.denyPair(w, r, t, err)
			return
		}
		t.Last3, t.Registration = c.Phone.Last3(), c.Registration
		p.keepTyped(w, l, t)
		p.forget(w, r, l)
		route.SeeOther(w, pinPath(l, "/obtain"))
	}
}

// denyPair answers a pair that leads no further.
func (p *Provider) denyPair(w http.ResponseWriter, r *http.Request, t typed, err error) {
	l := broker.From(r.Context())
	var denied *Denied
	if !errors.As(err, &denied) {
		p.fail(w, r, err)
		return
	}
	switch denied.Cause {
	case WrongPair, PairLocked:
		p.tell(w, r, contrastPath(t.Contrast.Kind), told{
			Cause: denied.Cause, Until: denied.Until,
			Document: t.Document.Reveal(), Kind: t.Contrast.Kind, Value: t.Contrast.Value,
		})
	case Refused:
		p.Ways.ShowRefusal(w, r, l, denied.Reason)
	default:
		p.showLocked(w, r, l, denied)
	}
}

const (
	fieldContrast = "contrast"
	permanentDNI  = "9999-01-01"
)

// contrastField is the question, with what was typed when r is given.
func contrastField(kind identity.ContrastKind, r *http.Request) page.Field {
	f := page.Field{Name: fieldContrast, Label: "pin.contrast." + string(kind) + ".label", Hint: "pin.contrast." + string(kind) + ".hint"}
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

// readContrast gives the datum in the register's spelling, or the key of what is
// wrong with it. A foreigner's number is taken in the spelling of either kind of
// document, since we do not say which one we hold.
func readContrast(f page.Field, kind identity.ContrastKind) (value, wrong string) {
	if kind == identity.SupportNumber {
		if strings.TrimSpace(f.Value) == "" {
			return "", "pin.contrast.error.empty_support"
		}
		for _, document := range []identity.DocumentKind{identity.ForeignerCard, identity.EUCertificate} {
			if support, err := identity.ParseSupport(f.Value, document); err == nil {
				return support, ""
			}
		}
		return "", "pin.contrast.error.support"
	}
	if f.Date.Empty() {
		return "", "pin.contrast.error.empty_date"
	}
	iso, ok := f.Date.ISO()
	if _, err := identity.ParseDate(iso); !ok || err != nil {
		return "", "pin.contrast.error.date"
	}
	return iso, ""
}

// contrastFieldOf is the question with the datum that was typed before.
func contrastFieldOf(c census.Contrast) page.Field {
	f := contrastField(c.Kind, nil)
	if f.Date == nil {
		f.Value = c.Value
	} else if d, err := identity.ParseDate(c.Value); err == nil {
		*f.Date = page.Date{Day: strconv.Itoa(d.Day), Month: strconv.Itoa(d.Month), Year: strconv.Itoa(d.Year)}
	}
	return f
}
