package permanente

import (
	"errors"
	"net/http"

	"clave/identity"
	"clave/internal/onetime"
	"clave/web/page"
	"clave/web/route"
)

// activatePage asks for what stands on the receipt.
type activatePage struct {
	page.Form
}

func (p *Provider) renderActivate(w http.ResponseWriter, r *http.Request, status int, document, email, code string, problems page.Errors) {
	p.Pages.Render(w, here(r, ActivatePath), status, p.pages.activate, activatePage{Form: page.Form{
		Fields: []page.Field{
			documentField(document),
			{Name: "email", Label: "permanente.activate.email", Value: email, Autocomplete: "email", InputMode: "email", MaxLength: 254},
			{Name: "activation", Label: "permanente.activate.code", Hint: "permanente.activate.code_hint", Value: code, MaxLength: 40, Size: 16, Code: true},
		},
		Errors: problems,
	}})
}

func (p *Provider) showActivate(w http.ResponseWriter, r *http.Request) {
	said := p.said(r, onPages)
	switch {
	case said.Cause == ActivationLocked && p.Now().Before(said.Until):
		p.showStopped(w, r, nil, &Denied{Cause: ActivationLocked, Until: said.Until}, ActivatePath)
	case said.Cause == WrongActivation:
		p.renderActivate(w, r, http.StatusOK, said.Document, said.Email, "", page.Errors{{Field: "activation", Key: "permanente.activate.error.wrong"}})
	default:
		p.renderActivate(w, r, http.StatusOK, "", "", "", nil)
	}
}

// activate looks at document, address and activation code together.
func (p *Provider) activate(w http.ResponseWriter, r *http.Request) {
	document, typed, problems := documentQuestion.Read(r)
	email, err := identity.ParseEmail(r.PostFormValue("email"))
	if err != nil {
		problems.Add("email", "permanente.activate.error.email")
	}
	code, ok := onetime.ReadPrinted(r.PostFormValue("activation"), onetime.ActivationLength)
	if !ok {
		problems.Add("activation", "permanente.activate.error.code")
	}
	if len(problems) > 0 {
		p.hush(w, r, onPages)
		p.renderActivate(w, r, http.StatusUnprocessableEntity, typed, r.PostFormValue("email"), r.PostFormValue("activation"), problems)
		return
	}
	token, err := p.Activate(r.Context(), Activation{Document: document, Email: email, Code: code}, p.language(r))
	var denied *Denied
	switch {
	case err == nil:
		p.carry(w, r, token)
		route.SeeOther(w, codePath)
	case errors.As(err, &denied) && (denied.Cause == WrongActivation || denied.Cause == ActivationLocked):
		said := sayingOf(denied)
		said.Document, said.Email = document.Reveal(), email.Reveal()
		p.say(w, r, onPages, ActivatePath, said)
	case errors.As(err, &denied):
		p.denySetting(w, r, denied)
	default:
		p.fail(w, r, err)
	}
}
