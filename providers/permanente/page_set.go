package permanente

import (
	"errors"
	"net/http"
	"time"

	"clave/broker"
	"clave/web/page"
	"clave/web/route"
)

// tokenCookie holds what a browser goes on with outside of a login.
const tokenCookie = "clave_setting"

// tokenAge is as long as a code and the choice after it may take.
const tokenAge = MaxSends*CodeLifetime + settingTime

// carry gives a token to the browser.
func (p *Provider) carry(w http.ResponseWriter, r *http.Request, token string) {
	p.hush(w, r, onPages)
	p.Jar.Set(w, tokenCookie, token, tokenAge)
}

func (p *Provider) token(r *http.Request) string { return p.Jar.Get(r, tokenCookie) }

// settingOr reads the browser's code: when there is none, it sends the browser to the
// beginning.
func (p *Provider) settingOr(w http.ResponseWriter, r *http.Request) (Challenge, bool) {
	c, err := p.Code(r.Context(), p.token(r))
	switch {
	case err != nil:
		p.fail(w, r, err)
	case c.Key == "":
		route.SeeOther(w, ActivatePath)
	case c.settable(p.Now()) && r.URL.Path != choosePath:
		route.SeeOther(w, choosePath)
	case c.Wrong >= codeTries:
		p.showStopped(w, r, nil, &Denied{Cause: TriesSpent}, ActivatePath)
	default:
		return c, true
	}
	return Challenge{}, false
}

func (p *Provider) renderSettingCode(w http.ResponseWriter, r *http.Request, status int, c Challenge, problems page.Errors) {
	back := ActivatePath
	if c.Purpose == ForChange {
		back = changePath
	}
	p.renderCode(w, r, status, codePage{Action: codePath, Again: againPath, Back: back}, c, problems)
}

func (p *Provider) showSettingCode(w http.ResponseWriter, r *http.Request) {
	if c, ok := p.settingOr(w, r); ok {
		p.renderSettingCode(w, r, http.StatusOK, c, p.codeProblems(p.said(r, onPages)))
	}
}

func (p *Provider) enterSettingCode(w http.ResponseWriter, r *http.Request) {
	typed := r.PostFormValue("code")
	kept, err := p.ProveSetting(r.Context(), p.token(r), typed)
	var denied *Denied
	switch {
	case err == nil && kept.Person != "":
		p.finish(w, r, kept)
	case err == nil:
		p.hush(w, r, onPages)
		route.SeeOther(w, choosePath)
	case errors.Is(err, ErrCode):
		if c, ok := p.settingOr(w, r); ok {
			p.renderSettingCode(w, r, http.StatusUnprocessableEntity, c, codeFormat(typed))
		}
	case errors.As(err, &denied):
		p.denySetting(w, r, denied)
	default:
		p.fail(w, r, err)
	}
}

func (p *Provider) settingAgain(w http.ResponseWriter, r *http.Request) {
	err := p.CodeAgain(r.Context(), p.token(r), p.language(r))
	var denied *Denied
	switch {
	case err == nil:
		p.hush(w, r, onPages)
		route.SeeOther(w, codePath)
	case errors.As(err, &denied):
		p.denySetting(w, r, denied)
	default:
		p.fail(w, r, err)
	}
}

// finish makes the browser known and forgets what it went on with.
func (p *Provider) finish(w http.ResponseWriter, r *http.Request, kept Account) {
	p.remember(w, r, kept)
	p.hush(w, r, onPages)
	p.Jar.Drop(w, tokenCookie)
	route.SeeOther(w, donePath)
}

// denySetting says why setting a password leads no further.
func (p *Provider) denySetting(w http.ResponseWriter, r *http.Request, denied *Denied) {
	switch denied.Cause {
	case WrongCode, TooSoon:
		p.say(w, r, onPages, codePath, sayingOf(denied))
	case CodeExpired, Over:
		route.SeeOther(w, codePath) // which says so, or leads on
	case NoCode:
		p.showStopped(w, r, nil, denied, ActivatePath)
	case Refused:
		p.showRefused(w, r, denied.Reason)
	default:
		p.showStopped(w, r, nil, denied, ActivatePath)
	}
}

// showRefused explains outside of a login why somebody's registration allows no
// password.
func (p *Provider) showRefused(w http.ResponseWriter, r *http.Request, reason broker.Reason) {
	p.Pages.Render(w, here(r, ActivatePath), http.StatusForbidden, p.pages.done, donePage{Reason: reason})
}

// choosePage asks for a new password.
type choosePage struct {
	page.Form
	Action string
	Until  time.Time
}

func (p *Provider) renderChoose(w http.ResponseWriter, r *http.Request, status int, c Challenge, problems page.Errors) {
	p.Pages.Render(w, here(r, choosePath), status, p.pages.choose, choosePage{
		Form: page.Form{
			Fields: []page.Field{
				{Name: "document", Label: "permanente.document.label", Value: c.Document.Reveal(), Autocomplete: "username", Size: 14},
				newPasswordField(),
			},
			Errors: problems,
		},
		Action: choosePath, Until: c.ProvenAt.Add(settingTime),
	})
}

func newPasswordField() page.Field {
	return passwordField("new", "permanente.choose.new", "permanente.choose.new_hint", "new-password")
}

// chooseOr reads a code that was right: when there is none, it sends the browser back.
func (p *Provider) chooseOr(w http.ResponseWriter, r *http.Request) (Challenge, bool) {
	c, ok := p.settingOr(w, r)
	if ok && !c.settable(p.Now()) {
		route.SeeOther(w, codePath)
		return Challenge{}, false
	}
	return c, ok
}

func (p *Provider) showChoose(w http.ResponseWriter, r *http.Request) {
	if c, ok := p.chooseOr(w, r); ok {
		p.renderChoose(w, r, http.StatusOK, c, nil)
	}
}

func (p *Provider) choosePassword(w http.ResponseWriter, r *http.Request) {
	c, ok := p.chooseOr(w, r)
	if !ok {
		return
	}
	kept, err := p.Set(r.Context(), p.token(r), r.PostFormValue("new"))
	var denied *Denied
	switch {
	case err == nil:
		p.finish(w, r, kept)
	case errors.As(err, &denied) && denied.Cause == BadPassword:
		p.renderChoose(w, r, http.StatusUnprocessableEntity, c, badPassword(denied))
	case errors.As(err, &denied):
		p.denySetting(w, r, denied)
	default:
		p.fail(w, r, err)
	}
}

// badPassword says what is wrong with a new password: a line for each.
func badPassword(d *Denied) (problems page.Errors) {
	for _, why := range d.Problems {
		problems.Add("new", "permanente.choose.error."+string(why))
	}
	return problems
}

// donePage tells that it is done, or why it cannot be.
type donePage struct {
	page.WayBack
	Reason broker.Reason
}

func (p *Provider) showDone(w http.ResponseWriter, r *http.Request) {
	p.Pages.Render(w, r, http.StatusOK, p.pages.done, donePage{WayBack: page.WayBackOf(r)})
}
