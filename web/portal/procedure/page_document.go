package procedure

import (
	"net/http"

	"clave/web/page"
)

const documentQuestion = page.DocumentQuestion("procedure.document.")

// documentPage is the beginning: what the procedure is, and the document's number.
type documentPage struct {
	page.Form
	page.WayBack
	Gone    bool   // there was a procedure, and it is over
	Running string // where a procedure of this browser stands
}

func (p *Pages) renderDocument(w http.ResponseWriter, r *http.Request, status int, value string, problems page.Errors) {
	data := documentPage{
		Form:    page.Form{Fields: []page.Field{documentQuestion.Field(value)}, Errors: problems},
		WayBack: page.WayBackOf(r),
	}
	if running, err := p.Procedures.Open(r.Context(), p.handle(r)); err == nil {
		data.Running = pathOf(running)
	} else {
		data.Gone = r.URL.Query().Get("gone") != ""
	}
	p.show(w, r, status, p.document, Path, data)
}

func (p *Pages) showDocument(w http.ResponseWriter, r *http.Request) {
	p.renderDocument(w, r, http.StatusOK, "", nil)
}

// takeDocument asks nobody about the number: that is for who knows the datum that
// belongs to it.
func (p *Pages) takeDocument(w http.ResponseWriter, r *http.Request) {
	document, value, wrong := documentQuestion.Read(r)
	if len(wrong) > 0 {
		p.renderDocument(w, r, http.StatusUnprocessableEntity, value, wrong)
		return
	}
	h, err := p.Procedures.Begin(r.Context(), p.handle(r), document)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.hand(w, h)
	path := pathValidity
	if document.Foreigner() {
		path = pathSupport
	}
	seeOther(w, r, Path+path)
}
