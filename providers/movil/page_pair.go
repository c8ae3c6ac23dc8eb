package movil

import (
	"net/http"

	"clave/broker"
	"clave/census"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

const documentQuestion = page.DocumentQuestion("movil.document.")

// documentPage asks for the number of the document.
type documentPage struct {
	page.Form
	links
}

func (p *Provider) renderDocument(w http.ResponseWriter, r *http.Request, status int, value string, problems page.Errors) {
	l := broker.From(r.Context())
	p.Pages.Render(w, here(r, stepPath(l, stepDocument)), status, p.pages.document, documentPage{
		Form:  page.Form{Fields: []page.Field{documentQuestion.Field(value)}, Errors: problems},
		links: links{loginPath(l)},
	})
}

func (p *Provider) showDocument(w http.ResponseWriter, r *http.Request) {
	p.renderDocument(w, r, http.StatusOK, p.carriedBy(r, broker.From(r.Context())).Document, nil)
}

// takeDocument asks nobody: whether the number is known to us is told to nobody who has
// not shown the datum that belongs to it.
func (p *Provider) takeDocument(w http.ResponseWriter, r *http.Request) {
	document, value, wrong := documentQuestion.Read(r)
	if len(wrong) > 0 {
		p.renderDocument(w, r, http.StatusUnprocessableEntity, value, wrong)
		return
	}
	path := pathValidity
	if document.Foreigner() {
		path = pathSupport
	}
	p.say(w, r, path, carried{Document: document.Reveal()})
}

// Each datum has a page of its own. Every DNI, known or not, is asked for its validity
// date, and its holder says when it is a permanent one.
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
	return stepDocument
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

func (p *Provider) renderContrast(w http.ResponseWriter, r *http.Request, status int, document identity.DocumentID, field page.Field, kind identity.ContrastKind, problems page.Errors) {
	l := broker.From(r.Context())
	data := contrastPage{
		Form: page.Form{Fields: []page.Field{field}, Errors: problems}, links: links{loginPath(l)},
		Action: stepPath(l, contrastPath(kind)), Kind: kind, Document: document.String(), Where: question(kind).Where(p.Pages),
	}
	p.Pages.Render(w, here(r, data.Action), status, p.pages.contrast, data)
}

// typedFor reads what was typed so far; when that does not lead to a page for this kind
// of datum, it sends the browser back to the document.
func (p *Provider) typedFor(w http.ResponseWriter, r *http.Request, kind identity.ContrastKind) (carried, identity.DocumentID, bool) {
	l := broker.From(r.Context())
	c := p.carriedBy(r, l)
	document, err := identity.ParseDocument(c.Document)
	if err == nil && document.Foreigner() == (kind == identity.SupportNumber) {
		return c, document, true
	}
	route.SeeOther(w, stepPath(l, stepDocument))
	return carried{}, identity.DocumentID{}, false
}

func (p *Provider) showContrast(kind identity.ContrastKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, document, ok := p.typedFor(w, r, kind)
		if !ok {
			return
		}
		l := broker.From(r.Context())
		switch {
		case c.Said.Cause == PairLocked && p.Now().Before(c.Said.Until):
			p.showStopped(w, r, l, &Denied{Cause: PairLocked, Until: c.Said.Until})
		case c.Said.Cause == WrongPair && c.Kind == kind:
			p.renderContrast(w, r, http.StatusOK, document, question(kind).Field(c.Value), kind, question(kind).Wrong("pair"))
		default:
			p.renderContrast(w, r, http.StatusOK, document, question(kind).Field(""), kind, nil)
		}
	}
}

// takeContrast looks at the pair and sends the request: a wrong one is told so and
// nothing else.
func (p *Provider) takeContrast(kind identity.ContrastKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, document, ok := p.typedFor(w, r, kind)
		if !ok {
			return
		}
		l := broker.From(r.Context())
		field, value, wrong := question(kind).Read(r)
		if len(wrong) > 0 {
			p.renderContrast(w, r, http.StatusUnprocessableEntity, document, field, kind, wrong)
			return
		}
		if question(kind).IsPermanent(value) {
			route.SeeOther(w, stepPath(l, pathIssue)) // they all say that
			return
		}
		c.Kind, c.Value, c.Right, c.Said = kind, value, false, said{}
		p.askByDocument(w, r, c, document)
	}
}

// askByDocument sends the request of who typed document and datum.
func (p *Provider) askByDocument(w http.ResponseWriter, r *http.Request, c carried, document identity.DocumentID) {
	l := broker.From(r.Context())
	_, err := p.AskByDocument(r.Context(), l, c.pair(document), PlaceOf(r.Context()))
	denied := denial(err)
	switch {
	case err == nil:
		c.Right = true
		p.Ways.Began(w, r, l)
		p.say(w, r, stepWait, c)
	case denied == nil:
		p.fail(w, r, err)
	case denied.Cause == WrongPair, denied.Cause == PairLocked:
		c.Said = said{Cause: denied.Cause, Until: denied.Until}
		p.say(w, r, contrastPath(c.Kind), c)
	case denied.Cause == Refused:
		p.Ways.ShowRefusal(w, r, l, denied.Reason)
	case denied.Cause == Over:
		p.Ways.Return(w, r, l)
	default:
		p.showStopped(w, r, l, denied)
	}
}

// askAgain sends another request of who typed a right pair before.
func (p *Provider) askAgain(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	c := p.carriedBy(r, l)
	document, err := identity.ParseDocument(c.Document)
	if err != nil || !c.Right {
		route.SeeOther(w, stepPath(l, stepDocument))
		return
	}
	p.askByDocument(w, r, c, document)
}

// contrast is the datum as the register compares it.
func (c carried) contrast() census.Contrast { return census.Contrast{Kind: c.Kind, Value: c.Value} }
