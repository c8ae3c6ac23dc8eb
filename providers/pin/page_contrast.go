package pin

import (
	"errors"
	"net/http"

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

func question(kind identity.ContrastKind) page.DatumQuestion {
	return page.DatumQuestion{Texts: "pin.contrast.", Kind: kind}
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
		Where: question(kind).Where(p.Pages),
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
			p.renderContrast(w, r, http.StatusOK, t, question(kind).Field(said.Value), kind, question(kind).Wrong("pair"))
		default:
			p.renderContrast(w, r, http.StatusOK, t, question(kind).Field(""), kind, nil)
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
		l := broker.From(r.Context())
		field, value, wrong := question(kind).Read(r)
		if len(wrong) > 0 {
			p.forget(w, r, l)
			p.renderContrast(w, r, http.StatusUnprocessableEntity, t, field, kind, wrong)
			return
		}
		if question(kind).IsPermanent(value) {
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
