package pin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"clave/broker"
	"clave/census/pair"
	"clave/web/page"
	"clave/web/route"
)

// enterPage asks for the PIN.
type enterPage struct {
	page.Form
	links
	Half      string
	Last3     string
	SentAt    time.Time
	Countdown page.Countdown
	Live      bool // a PIN can be entered
	MoreSends bool
	App       bool // the Cl@ve app shows the PIN
}

// challengeOr reads the challenge: the one question of this page. When there is no
// PIN to enter, it sends the browser where things go on.
func (p *Provider) challengeOr(w http.ResponseWriter, r *http.Request) (Challenge, bool) {
	l := broker.From(r.Context())
	c, err := p.Challenges.Challenge(r.Context(), l.Request.ID)
	switch {
	case err != nil:
		p.fail(w, r, err)
	case !c.SpentAt.IsZero(), c.Wrong >= loginTries:
		p.Ways.Return(w, r, l)
	case c.Sends == 0:
		route.SeeOther(w, pinPath(l, ""))
	default:
		return c, true
	}
	return Challenge{}, false
}

func (p *Provider) renderEnter(w http.ResponseWriter, r *http.Request, status int, c Challenge, value string, problems page.Errors) {
	l, now := broker.From(r.Context()), p.Now()
	hint := "pin.enter.pin.hint"
	if c.Way == ByApp {
		hint = "pin.enter.pin.hint_app"
	}
	data := enterPage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: "pin", Label: "pin.enter.pin.label", Hint: hint, Value: value,
				Autocomplete: "one-time-code", InputMode: "text", MaxLength: 12, Size: 4, Code: true,
			}},
			Errors: problems,
		},
		links: links{loginPath(l)}, Half: c.Half, Last3: c.Last3, SentAt: c.SentAt,
		Countdown: page.Countdown{Label: "pin.enter.countdown", Left: c.ExpiresAt.Sub(now)},
		Live:      c.live(now), MoreSends: c.Sends < MaxSends, App: c.Way == ByApp,
	}
	p.Pages.Render(w, p.here(r, pinPath(l, "/enter")), status, p.pages.enter, data)
}

func (p *Provider) showEnter(w http.ResponseWriter, r *http.Request) {
	if c, ok := p.challengeOr(w, r); ok {
		value, problems := p.toldOf(r, broker.From(r.Context())).ofPIN(c, p.Now())
		p.renderEnter(w, r, http.StatusOK, c, value, problems)
	}
}

// enter tries the PIN. Every way on leads through the dispatcher.
func (p *Provider) enter(w http.ResponseWriter, r *http.Request) {
	l, value := broker.From(r.Context()), r.PostFormValue("pin")
	err := p.Enter(r.Context(), l, value)
	var denied *Denied
	switch {
	case err == nil:
		p.dropTyped(w, r, l)
		p.Ways.Return(w, r, l)
	case errors.Is(err, ErrPIN):
		key := "pin.enter.error.format"
		if value == "" {
			key = "pin.enter.error.empty"
		}
		if c, ok := p.challengeOr(w, r); ok {
			p.renderEnter(w, r, http.StatusUnprocessableEntity, c, value, page.Errors{{Field: "pin", Key: key}})
		}
	case errors.As(err, &denied):
		p.denyEnter(w, r, value, denied)
	default:
		p.fail(w, r, err)
	}
}

// denyEnter says why the PIN proved nothing.
func (p *Provider) denyEnter(w http.ResponseWriter, r *http.Request, value string, denied *Denied) {
	l := broker.From(r.Context())
	switch denied.Cause {
	case WrongPIN:
		p.tell(w, r, "/enter", told{Cause: WrongPIN, Left: denied.Left, PIN: value})
	case PINExpired:
		route.SeeOther(w, pinPath(l, "/enter")) // which says so
	case NoPIN:
		route.SeeOther(w, pinPath(l, ""))
	case Over, TriesSpent:
		p.dropTyped(w, r, l)
		p.Ways.Return(w, r, l)
	case MethodLocked, WrongPair, PairLocked, Refused, TooSoon, NoSendsLeft, PhoneFull, NoBudget:
		p.showLocked(w, r, l, denied)
	}
}

// again sends another PIN and voids the one before. The own half stays.
func (p *Provider) again(w http.ResponseWriter, r *http.Request) { p.another(w, r, p.Obtain) }

// sms is again for who does not have the app at hand.
func (p *Provider) sms(w http.ResponseWriter, r *http.Request) { p.another(w, r, p.ObtainBySMS) }

func (p *Provider) another(w http.ResponseWriter, r *http.Request, obtain func(context.Context, *broker.Login, pair.Pair, string) error) {
	t, ok := p.matchedOr(w, r)
	if !ok {
		return
	}
	l := broker.From(r.Context())
	err := obtain(r.Context(), l, t.pair(), "")
	var denied *Denied
	switch {
	case err == nil:
		route.SeeOther(w, pinPath(l, "/enter"))
	case errors.As(err, &denied) && denied.Cause == TooSoon:
		p.tell(w, r, "/enter", told{Cause: TooSoon, Until: denied.Until})
	case errors.As(err, &denied):
		p.denyObtain(w, r, t, denied)
	default:
		p.fail(w, r, err)
	}
}
