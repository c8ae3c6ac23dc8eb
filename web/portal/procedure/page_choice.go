package procedure

import (
	"errors"
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

func (p *Pages) renderChoice(w http.ResponseWriter, r *http.Request, status int, running *registration.Running, problems page.Errors) {
	p.show(w, r, status, p.choice, Path+"/choice", choicePage{
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
		subject: p.subjectOf(running, Path+"/choice"), Standing: running.Standing,
	})
}

func (p *Pages) showChoice(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	p.renderChoice(w, r, http.StatusOK, running, nil)
}

func (p *Pages) takeChoice(w http.ResponseWriter, r *http.Request) {
	switch r.PostFormValue("choice") {
	case registration.ChoiceHave:
		p.answered(w, r, p.Procedures.HaveLetter(r.Context(), p.handle(r)), "/code", "/choice")
	case registration.ChoiceSend:
		err := p.Procedures.RequestLetter(r.Context(), p.handle(r), string(p.language(r)))
		p.answered(w, r, err, "/requested", "/choice")
	default:
		p.at(registration.StepChoice, func(w http.ResponseWriter, r *http.Request, running *registration.Running) {
			p.renderChoice(w, r, http.StatusUnprocessableEntity, running, page.Errors{{Field: "choice", Key: "procedure.choice.error"}})
		})(w, r)
	}
}

// answered leads to the next page, or says why not.
func (p *Pages) answered(w http.ResponseWriter, r *http.Request, err error, next, here string) {
	var denied *registration.Denied
	switch {
	case err == nil:
		seeOther(w, r, Path+next)
	case errors.As(err, &denied):
		p.stop(w, r, denied, Path+here)
	default:
		p.lead(w, r, err)
	}
}

// requestedPage confirms that a letter is on its way, and reveals no address.
type requestedPage struct {
	subject
	page.WayBack
	Days int // that the code counts
}

func (p *Pages) showRequested(w http.ResponseWriter, r *http.Request, running *registration.Running) {
	p.show(w, r, http.StatusOK, p.requested, Path+"/requested", requestedPage{p.subjectOf(running, Path+"/requested"), page.WayBackOf(r), codeDays})
}
