package pin

import (
	"net/http"

	"clave/broker"
	"clave/web/page"
	"clave/web/route"
)

const documentQuestion = page.DocumentQuestion("pin.document.")

// documentPage asks for the number of the document.
type documentPage struct {
	page.Form
	levels
	links
	Pending bool // a PIN may have been sent already
}

func (p *Provider) renderDocument(w http.ResponseWriter, r *http.Request, status int, value string, problems page.Errors) {
	l := broker.From(r.Context())
	p.Pages.Render(w, p.here(r, pinPath(l, "")), status, p.pages.document, documentPage{
		Form:    page.Form{Fields: []page.Field{documentQuestion.Field(value)}, Errors: problems},
		levels:  levels{Demand: p.Broker.Demand(l)},
		links:   links{loginPath(l)},
		Pending: l.Row.Person != "",
	})
}

func (p *Provider) showDocument(w http.ResponseWriter, r *http.Request) {
	t, _ := p.typedOf(r, broker.From(r.Context()))
	p.renderDocument(w, r, http.StatusOK, t.Document.Reveal(), nil)
}

// takeDocument asks nobody: whether the number is known to us is told to nobody
// who has not shown the datum that belongs to it.
func (p *Provider) takeDocument(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	document, value, wrong := documentQuestion.Read(r)
	if len(wrong) > 0 {
		p.renderDocument(w, r, http.StatusUnprocessableEntity, value, wrong)
		return
	}
	p.keepTyped(w, l, typed{Document: document})
	p.forget(w, r, l)
	path := pathValidity
	if document.Foreigner() {
		path = pathSupport
	}
	route.SeeOther(w, pinPath(l, path))
}
