package pin

import (
	"errors"
	"net/http"

	"clave/broker"
	"clave/web/page"
	"clave/web/route"
)

// obtainPage offers to send the PIN.
type obtainPage struct {
	page.Form
	levels
	links
	Last3 string
	App   bool // the Cl@ve app may show it
	Own   bool // the citizen wants to choose the own half
}

func (p *Provider) renderObtain(w http.ResponseWriter, r *http.Request, status int, t typed, own bool, half string, problems page.Errors) {
	l := broker.From(r.Context())
	p.Pages.Render(w, p.here(r, pinPath(l, "/obtain")), status, p.pages.obtain, obtainPage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: "half", Label: "pin.obtain.half.label", Hint: "pin.obtain.half.hint",
				Value: half, MaxLength: 12, Size: 4, Code: true,
			}},
			Errors: problems,
		},
		levels: levels{p.Broker.Demand(l), t.Registration}, links: links{loginPath(l)},
		Last3: t.Last3, App: p.App != nil, Own: own,
	})
}

// matchedOr reads what was typed; when no right pair is among it, it sends the
// browser back to the document.
func (p *Provider) matchedOr(w http.ResponseWriter, r *http.Request) (typed, bool) {
	l := broker.From(r.Context())
	t, ok := p.typedOf(r, l)
	if ok && t.matched() {
		return t, true
	}
	route.SeeOther(w, pinPath(l, ""))
	return typed{}, false
}

func (p *Provider) showObtain(w http.ResponseWriter, r *http.Request) {
	if t, ok := p.matchedOr(w, r); ok {
		p.renderObtain(w, r, http.StatusOK, t, false, "", nil)
	}
}

// obtain sends the PIN. A second press, or a second tab, finds that it was sent
// a moment ago and goes on to where it is entered.
func (p *Provider) obtain(w http.ResponseWriter, r *http.Request) {
	t, ok := p.matchedOr(w, r)
	if !ok {
		return
	}
	l, half := broker.From(r.Context()), r.PostFormValue("half")
	own := r.PostFormValue("own") != "" || half != ""
	if own {
		if _, err := ParseHalf(half); err != nil {
			problems := page.Errors{{Field: "half", Key: "pin.obtain.half.error"}}
			p.renderObtain(w, r, http.StatusUnprocessableEntity, t, own, half, problems)
			return
		}
	}
	err := p.Obtain(r.Context(), l, t.pair(), half)
	var denied *Denied
	switch {
	case err == nil:
		p.Ways.Began(w, r, l)
		route.SeeOther(w, pinPath(l, "/enter"))
	case errors.As(err, &denied):
		p.denyObtain(w, r, t, denied)
	default:
		p.fail(w, r, err)
	}
}

// denyObtain says why no PIN was sent.
func (p *Provider) denyObtain(w http.ResponseWriter, r *http.Request, t typed, denied *Denied) {
	l := broker.From(r.Context())
	switch denied.Cause {
	case WrongPair, PairLocked, Refused:
		p.denyPair(w, r, t, denied)
	case TooSoon:
		p.Ways.Began(w, r, l) // the reply that should have said so may be lost
		route.SeeOther(w, pinPath(l, "/enter"))
	case Over, TriesSpent:
		p.Ways.Return(w, r, l)
	case MethodLocked, NoSendsLeft, PhoneFull, NoBudget, WrongPIN, PINExpired, NoPIN:
		p.showLocked(w, r, l, denied)
	}
}
