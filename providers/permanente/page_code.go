package permanente

import (
	"errors"
	"net/http"

	"clave/broker"
	"clave/web/page"
	"clave/web/route"
)

// codeOr reads the login's code: when there is none to enter, it sends the browser
// where things go on.
func (p *Provider) codeOr(w http.ResponseWriter, r *http.Request) (Challenge, bool) {
	l := broker.From(r.Context())
	c, err := p.Challenges.Challenge(r.Context(), string(l.Request.ID))
	switch {
	case err != nil:
		p.fail(w, r, err)
	case c.Key == "":
		route.SeeOther(w, stepPath(l, ""))
	case !c.ProvenAt.IsZero(), c.Wrong >= codeTries:
		p.Ways.Return(w, r, l)
	default:
		return c, true
	}
	return Challenge{}, false
}

func (p *Provider) renderLoginCode(w http.ResponseWriter, r *http.Request, status int, c Challenge, problems page.Errors) {
	l := broker.From(r.Context())
	d := codePage{Action: stepPath(l, "/code"), Again: stepPath(l, "/again"), Back: stepPath(l, ""), Login: loginPath(l)}
	p.renderCode(w, r, status, d, c, problems)
}

func (p *Provider) showCode(w http.ResponseWriter, r *http.Request) {
	if c, ok := p.codeOr(w, r); ok {
		p.renderLoginCode(w, r, http.StatusOK, c, p.codeProblems(p.said(r, string(broker.From(r.Context()).Request.ID))))
	}
}

// enterCode tries the code. Every way on leads through the dispatcher.
func (p *Provider) enterCode(w http.ResponseWriter, r *http.Request) {
	l, typed := broker.From(r.Context()), r.PostFormValue("code")
	err := p.Enter(r.Context(), l, typed)
	var denied *Denied
	switch {
	case err == nil:
		p.succeeded(w, r, l)
	case errors.Is(err, ErrCode):
		if c, ok := p.codeOr(w, r); ok {
			p.renderLoginCode(w, r, http.StatusUnprocessableEntity, c, codeFormat(typed))
		}
	case errors.As(err, &denied):
		p.denyCode(w, r, denied)
	default:
		p.fail(w, r, err)
	}
}

// denyCode says why the code proved nothing, or none was sent.
func (p *Provider) denyCode(w http.ResponseWriter, r *http.Request, denied *Denied) {
	l := broker.From(r.Context())
	switch denied.Cause {
	case WrongCode, TooSoon:
		p.say(w, r, string(l.Request.ID), stepPath(l, "/code"), sayingOf(denied))
	case CodeExpired:
		route.SeeOther(w, stepPath(l, "/code")) // which says so
	case NoCode:
		route.SeeOther(w, stepPath(l, ""))
	case Over, TriesSpent:
		p.hush(w, r, string(l.Request.ID))
		p.Ways.Return(w, r, l)
	default:
		p.showStopped(w, r, l, denied, stepPath(l, "/code"))
	}
}

// again sends another code and voids the one before.
func (p *Provider) again(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	err := p.Again(r.Context(), l)
	var denied *Denied
	switch {
	case err == nil:
		p.hush(w, r, string(l.Request.ID))
		route.SeeOther(w, stepPath(l, "/code"))
	case errors.As(err, &denied):
		p.denyCode(w, r, denied)
	default:
		p.fail(w, r, err)
	}
}
