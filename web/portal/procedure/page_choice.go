package procedure

import (
	"net/http"

	"clave/census/registration"
	"clave/identity"
	"clave/web/page"
)

// choicePage offers to use a letter or to send one.
type choicePage struct {
	page.Form
	subject
	Standing identity.State
}

func (f *flow) renderChoice(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, problems page.Errors) {
	f.show(w, r, status, f.choice, f.path+"/choice", choicePage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: "choice", Label: "procedure.choice.label", Value: running.Typed[registration.FieldChoice],
				Options: []page.Option{
					{Value: registration.ChoiceHave, Label: "procedure.choice.have", Hint: "procedure.choice.have.hint"},
					{Value: registration.ChoiceSend, Label: "procedure.choice.send", Hint: "procedure.choice.send.hint"},
				},
			}},
			Errors: problems,
		},
		subject: f.subjectOf(running, "/choice"), Standing: running.Standing,
	})
}

func (f *flow) showChoice(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	f.renderChoice(w, r, http.StatusOK, running, nil)
}

func (f *flow) takeChoice(w http.ResponseWriter, r *http.Request) {
	switch r.PostFormValue("choice") {
	case registration.ChoiceHave:
		f.answered(w, r, f.Procedures.HaveLetter(r.Context(), f.handle(r)), "/code", "/choice")
	case registration.ChoiceSend:
		err := f.Procedures.RequestLetter(r.Context(), f.handle(r), string(f.language(r)))
		f.answered(w, r, err, "/requested", "/choice")
	default:
		f.at(registration.StepChoice, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
			f.renderChoice(w, r, http.StatusUnprocessableEntity, running, page.Errors{{Field: "choice", Key: "procedure.choice.error"}})
		})(w, r)
	}
}

// requestedPage confirms that a letter is on its way, and reveals no address.
type requestedPage struct {
	subject
	page.WayBack
	Days int // that the code counts
}

func (f *flow) showRequested(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	f.show(w, r, http.StatusOK, f.requested, f.path+"/requested", requestedPage{f.subjectOf(running, "/requested"), page.WayBackOf(r), codeDays})
}
