package pin

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"clave/broker"
	"clave/web/page"
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
}

// renderEnter reads the challenge: the one question of this page.
func (p *Provider) renderEnter(w http.ResponseWriter, r *http.Request, status int, value string, problems page.Errors) {
	l := broker.From(r.Context())
	c, err := p.Challenges.Challenge(r.Context(), l.Request.ID)
	switch {
	case err != nil:
		p.fail(w, r, err)
		return
	case !c.SpentAt.IsZero(), c.Wrong >= loginTries:
		p.Ways.Return(w, r, l)
		return
	case c.Sends == 0:
		seeOther(w, r, pinPath(l, ""))
		return
	}
	now := p.Now()
	data := enterPage{
		Form: page.Form{
			Fields: []page.Field{{
				Name: "pin", Label: "pin.enter.pin.label", Hint: "pin.enter.pin.hint", Value: value,
				Autocomplete: "one-time-code", InputMode: "text", MaxLength: 12, Size: 4, Code: true,
			}},
			Errors: problems,
		},
		links: links{loginPath(l)}, Half: c.Half, Last3: c.Last3, SentAt: c.SentAt,
		Countdown: page.Countdown{Label: "pin.enter.countdown", Left: c.ExpiresAt.Sub(now)},
		Live:      c.live(now), MoreSends: c.Sends < MaxSends,
	}
	p.Pages.Render(w, p.here(r, pinPath(l, "/enter")), status, p.pages.enter, data)
}

func (p *Provider) showEnter(w http.ResponseWriter, r *http.Request) {
	p.renderEnter(w, r, http.StatusOK, "", nil)
}

// enter tries the PIN. Every way on leads through the dispatcher.
func (p *Provider) enter(w http.ResponseWriter, r *http.Request) {
	l, value := broker.From(r.Context()), r.PostFormValue("pin")
	err := p.Enter(r.Context(), l, value)
	var denied *Denied
	switch {
	case err == nil:
		p.dropTyped(w, l)
		p.Ways.Return(w, r, l)
	case errors.Is(err, ErrPIN):
		key := "pin.enter.error.format"
		if value == "" {
			key = "pin.enter.error.empty"
		}
		p.renderEnter(w, r, http.StatusUnprocessableEntity, value, page.Errors{{Field: "pin", Key: key}})
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
		problem := page.Error{Field: "pin", Key: "pin.enter.error.wrong", Holes: []string{"left", strconv.Itoa(denied.Left)}}
		if denied.Left == 1 {
			problem = page.Error{Field: "pin", Key: "pin.enter.error.wrong_last"}
		}
		p.renderEnter(w, r, http.StatusUnprocessableEntity, value, page.Errors{problem})
	case PINExpired:
		p.renderEnter(w, r, http.StatusUnprocessableEntity, "", nil)
	case NoPIN:
		seeOther(w, r, pinPath(l, ""))
	case Over, TriesSpent:
		p.dropTyped(w, l)
		p.Ways.Return(w, r, l)
	case MethodLocked, WrongPair, PairLocked, Refused, TooSoon, NoSendsLeft, PhoneFull, NoBudget:
		p.showLocked(w, r, l, denied)
	}
}

// again sends another PIN and voids the one before. The own half stays.
func (p *Provider) again(w http.ResponseWriter, r *http.Request) {
	t, ok := p.matchedOr(w, r)
	if !ok {
		return
	}
	l := broker.From(r.Context())
	err := p.Obtain(r.Context(), l, t.pair(), "")
	var denied *Denied
	switch {
	case err == nil:
		seeOther(w, r, pinPath(l, "/enter"))
	case errors.As(err, &denied) && denied.Cause == TooSoon:
		seconds := int(denied.Until.Sub(p.Now())/time.Second) + 1
		problems := page.Errors{{Key: "pin.enter.error.soon", Holes: []string{"seconds", strconv.Itoa(seconds)}}}
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		p.renderEnter(w, r, http.StatusTooManyRequests, "", problems)
	case errors.As(err, &denied):
		p.denyObtain(w, r, t, denied)
	default:
		p.fail(w, r, err)
	}
}
