package procedure

import (
	"errors"
	"net/http"

	"clave/identity"
	"clave/web/page"
)

// documentPage is the beginning: what the procedure is, and the document's number.
type documentPage struct {
	page.Form
	page.WayBack
	Gone    bool   // there was a procedure, and it is over
	Running string // where a procedure of this browser stands
}

func (p *Pages) renderDocument(w http.ResponseWriter, r *http.Request, status int, value string, problems page.Errors) {
	data := documentPage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: "document", Label: "procedure.document.label", Hint: "procedure.document.hint",
				Value: value, MaxLength: 30, Size: 14,
			}},
			Errors: problems,
		},
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
	value := r.PostFormValue("document")
	document, err := identity.ParseDocument(value)
	if err != nil {
		var problems page.Errors
		switch {
		case value == "":
			problems.Add("document", "procedure.document.error.empty")
		case errors.Is(err, identity.ErrControlLetter):
			problems.Add("document", "procedure.document.error.letter")
		default:
			problems.Add("document", "procedure.document.error.format")
		}
		p.renderDocument(w, r, http.StatusUnprocessableEntity, value, problems)
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
