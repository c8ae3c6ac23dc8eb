package procedure

import (
	"net/http"

	"clave/census/registration"
	"clave/web/page"
	"clave/web/route"
)

const documentQuestion = page.DocumentQuestion("procedure.document.")

// documentPage is the beginning: what the procedure is, and the document's number.
type documentPage struct {
	page.Form
	page.WayBack
	place
	opening
}

func (f *flow) renderDocument(w http.ResponseWriter, r *http.Request, status int, value string, problems page.Errors) {
	data := documentPage{
		Form:    page.Form{Fields: []page.Field{documentQuestion.Field(value)}, Errors: problems},
		WayBack: page.WayBackOf(r), place: f.place(), opening: f.opening(r),
	}
	t := f.document
	if f.name == registration.LeaveByLetter {
		t = f.leaving
	}
	f.show(w, r, status, t, f.path, data)
}

func (f *flow) showDocument(w http.ResponseWriter, r *http.Request) {
	f.renderDocument(w, r, http.StatusOK, "", nil)
}

// takeDocument asks nobody about the number: that is for who knows the datum that
// belongs to it.
func (f *flow) takeDocument(w http.ResponseWriter, r *http.Request) {
	document, value, wrong := documentQuestion.Read(r)
	if len(wrong) > 0 {
		f.renderDocument(w, r, http.StatusUnprocessableEntity, value, wrong)
		return
	}
	begin := f.Procedures.Begin
	if f.name == registration.LeaveByLetter {
		begin = f.Procedures.BeginLeaving
	}
	h, err := begin(r.Context(), f.handle(r), document)
	if err != nil {
		f.fail(w, r, err)
		return
	}
	f.hand(w, h)
	route.SeeOther(w, f.path+letterDatum(document))
}
