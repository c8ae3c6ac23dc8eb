package permanente

import (
	"errors"
	"net/http"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

// settingsPage is what a citizen sees of their own password.
type settingsPage struct {
	Has, Always, Soon bool
	Since, Until      time.Time
	// MayLess: this login is enough to ask for less in the next ones.
	MayLess bool
}

func (p *Provider) showSettings(w http.ResponseWriter, r *http.Request) {
	c := broker.CitizenFrom(r.Context())
	a, err := p.Settings(r.Context(), c.Standing.Person)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.Pages.Render(w, r, http.StatusOK, p.pages.settings, settingsPage{
		Has: a.Hash != "", Always: a.Always, Soon: a.soon(p.Now()),
		Since: a.SetAt, Until: a.Expires(), MayLess: c.Evidence.Level >= identity.Substantial,
	})
}

func (p *Provider) prefer(w http.ResponseWriter, r *http.Request) {
	err := p.Prefer(r.Context(), broker.CitizenFrom(r.Context()), r.PostFormValue("always") == "1")
	if err != nil && denial(err) == nil {
		p.fail(w, r, err)
		return
	}
	route.SeeOther(w, Path) // which says how it stands
}

// changePage asks for the present password and the new one.
type changePage struct {
	page.Form
	Action string
	SMS    bool // a code will follow
}

func (p *Provider) renderChange(w http.ResponseWriter, r *http.Request, status int, problems page.Errors) {
	c := broker.CitizenFrom(r.Context())
	p.Pages.Render(w, here(r, changePath), status, p.pages.change, changePage{
		Form: page.Form{
			Fields: []page.Field{
				{Name: "document", Label: "permanente.document.label", Value: c.Standing.Identity.Document.Reveal(), Autocomplete: "username", Size: 14},
				passwordField("old", "permanente.change.old", "", "current-password"), newPasswordField(),
			},
			Errors: problems,
		},
		Action: changePath, SMS: c.Evidence.Method != identity.Certificate,
	})
}

func (p *Provider) showChange(w http.ResponseWriter, r *http.Request) {
	c := broker.CitizenFrom(r.Context())
	a, err := p.Settings(r.Context(), c.Standing.Person)
	switch {
	case err != nil:
		p.fail(w, r, err)
	case a.Hash == "":
		route.SeeOther(w, Path)
	case p.said(r, onPages).Cause == WrongPassword:
		p.renderChange(w, r, http.StatusOK, page.Errors{{Field: "old", Key: "permanente.change.error.wrong"}})
	default:
		p.renderChange(w, r, http.StatusOK, nil)
	}
}

func (p *Provider) change(w http.ResponseWriter, r *http.Request) {
	old, chosen := r.PostFormValue("old"), r.PostFormValue("new")
	if old == "" {
		p.renderChange(w, r, http.StatusUnprocessableEntity, page.Errors{{Field: "old", Key: "permanente.enter.error.empty"}})
		return
	}
	kept, token, err := p.Change(r.Context(), broker.CitizenFrom(r.Context()), old, chosen, p.language(r))
	var denied *Denied
	switch {
	case err == nil && token != "":
		p.carry(w, r, token)
		route.SeeOther(w, codePath)
	case err == nil:
		p.finish(w, r, kept)
	case errors.As(err, &denied) && denied.Cause == BadPassword:
		p.renderChange(w, r, http.StatusUnprocessableEntity, badPassword(denied))
	case errors.As(err, &denied) && denied.Cause == WrongPassword:
		p.say(w, r, onPages, changePath, sayingOf(denied))
	case errors.As(err, &denied):
		p.denySetting(w, r, denied)
	default:
		p.fail(w, r, err)
	}
}
