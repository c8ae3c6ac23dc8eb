package permanente

import (
	"errors"
	"net/http"

	"clave/broker"
	"clave/providers/permanente/password"
	"clave/web/page"
	"clave/web/route"
)

const documentQuestion = page.DocumentQuestion("permanente.document.")

// enterPage asks for document and password on one page, as password managers fill
// them in together.
type enterPage struct {
	page.Form
	Login string
	// Demand is what the service asks for; Code says that a code will follow.
	Demand broker.Demand
	Code   bool
}

func documentField(value string) page.Field {
	f := documentQuestion.Field(value)
	f.Autocomplete = "username"
	return f
}

func (p *Provider) renderEnter(w http.ResponseWriter, r *http.Request, status int, document string, problems page.Errors) {
	l := broker.From(r.Context())
	demand := p.Broker.Demand(l)
	p.Pages.Render(w, here(r, stepPath(l, "")), status, p.pages.enter, enterPage{
		Form: page.Form{
			Fields: []page.Field{documentField(document), passwordField("password", "permanente.enter.password", "", "current-password")},
			Errors: problems,
		},
		Login: loginPath(l), Demand: demand, Code: reinforces(demand, Account{}),
	})
}

func (p *Provider) showEnter(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	said := p.said(r, string(l.Request.ID))
	switch {
	case said.Cause == BrowsersLocked && p.Now().Before(said.Until):
		p.showStopped(w, r, l, &Denied{Cause: BrowsersLocked, Until: said.Until}, "")
	case said.Cause == WrongPassword:
		p.renderEnter(w, r, http.StatusOK, said.Document, page.Errors{{Field: "password", Key: "permanente.enter.error.wrong"}})
	default:
		p.renderEnter(w, r, http.StatusOK, "", nil)
	}
}

// enter tries document and password.
func (p *Provider) enter(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	document, typed, problems := documentQuestion.Read(r)
	secret := r.PostFormValue("password")
	if secret == "" {
		problems.Add("password", "permanente.enter.error.empty")
	}
	if len(problems) > 0 {
		p.hush(w, r, string(l.Request.ID))
		p.renderEnter(w, r, http.StatusUnprocessableEntity, typed, problems)
		return
	}
	code, err := p.Try(r.Context(), l, document, secret, p.knownIn(r))
	var denied *Denied
	switch {
	case err == nil && code:
		p.hush(w, r, string(l.Request.ID))
		p.Ways.Began(w, r, l)
		route.SeeOther(w, stepPath(l, "/code"))
	case err == nil:
		p.succeeded(w, r, l)
	case errors.Is(err, password.ErrPassword):
		p.renderEnter(w, r, http.StatusUnprocessableEntity, typed, page.Errors{{Field: "password", Key: "permanente.enter.error.impossible"}})
	case errors.As(err, &denied):
		p.denyEnter(w, r, document.Reveal(), denied)
	default:
		p.fail(w, r, err)
	}
}

// succeeded makes the browser known and goes on. That it could not be is no reason to
// keep the citizen.
func (p *Provider) succeeded(w http.ResponseWriter, r *http.Request, l *broker.Login) {
	a, err := p.Settings(r.Context(), l.Row.Person)
	if err != nil {
		p.Log.WarnContext(r.Context(), "browser not remembered", "login_id", string(l.Request.ID), "error", err.Error())
	}
	p.remember(w, r, a)
	p.hush(w, r, string(l.Request.ID))
	if p.tell(r.Context(), l, a) {
		p.Ways.Detour(w, r, l, expiringPath)
		return
	}
	p.Ways.Return(w, r, l)
}

// denyEnter says why the password proved nothing.
func (p *Provider) denyEnter(w http.ResponseWriter, r *http.Request, document string, denied *Denied) {
	l := broker.From(r.Context())
	switch denied.Cause {
	case WrongPassword, BrowsersLocked:
		said := sayingOf(denied)
		said.Document = document
		p.say(w, r, string(l.Request.ID), stepPath(l, ""), said)
	case Refused:
		p.Ways.ShowRefusal(w, r, l, denied.Reason)
	case TooSoon:
		p.Ways.Began(w, r, l) // a second press: the code is on its way
		route.SeeOther(w, stepPath(l, "/code"))
	case Over, TriesSpent:
		p.Ways.Return(w, r, l)
	default:
		p.showStopped(w, r, l, denied, stepPath(l, ""))
	}
}
