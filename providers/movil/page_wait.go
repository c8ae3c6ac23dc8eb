package movil

import (
	"encoding/json"
	"net/http"
	"time"

	"clave/broker"
	"clave/web/page"
	"clave/web/route"
)

// askByQR makes a request and shows its QR.
func (p *Provider) askByQR(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	_, err := p.AskByQR(r.Context(), l, PlaceOf(r.Context()))
	denied := denial(err)
	switch {
	case err == nil:
		route.SeeOther(w, stepPath(l, stepWait))
	case denied == nil:
		p.fail(w, r, err)
	default:
		p.Ways.Return(w, r, l)
	}
}

// stage is what the page that waits shows. The list is closed.
type stage string

const (
	waits    stage = "waits"    // for a device
	taken    stage = "taken"    // by a device, whose citizen decides
	approved stage = "approved" // the browser may finish
	ended    stage = "ended"    // the page says how
)

func (r Request) stage(now time.Time) stage {
	switch {
	case r.spendable(now):
		return approved
	case !r.Waits(now):
		return ended
	case r.State == Claimed:
		return taken
	}
	return waits
}

// state is what the page's script is told.
type state struct {
	Stage stage `json:"stage"`
	// QR and Address are what the page shows now, where it waits for a device to read
	// it.
	QR      *Square `json:"qr,omitempty"`
	Address string  `json:"address,omitempty"`
}

// state is how the request stands, without its drawing.
func (p *Provider) state(r Request) (s state) {
	now := p.Now()
	s.Stage = r.stage(now)
	if s.Stage == waits && r.Way == ByQR {
		s.Address = p.Passkeys.Origin() + HandlePath + r.Handle(now)
	}
	return s
}

// drawn is the state with its drawing, which costs more than all the rest.
func (s state) drawn() (state, error) {
	if s.Address == "" {
		return s, nil
	}
	square, err := draw(s.Address)
	s.QR = &square
	return s, err
}

// waitPage is shown while a device decides, and when it has.
type waitPage struct {
	links
	Request Request
	state
	Digits    string
	Countdown page.Countdown
}

// ByQR tells by which way the request goes.
func (d waitPage) ByQR() bool { return d.Request.Way == ByQR }

// Taken tells whether a device has it, and Approved whether it decided so.
func (d waitPage) Taken() bool    { return d.Stage == taken }
func (d waitPage) Approved() bool { return d.Stage == approved }

// overPage tells why a request led to nothing.
type overPage struct {
	links
	Why string
	// ByQR: the way on is another QR. Right: the pair was right, so that another request
	// can be sent at once.
	ByQR, Right bool
}

func (p *Provider) showWait(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	last, err := p.Watch(r.Context(), l)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	now := p.Now()
	switch {
	case last.ID == "":
		route.SeeOther(w, stepPath(l, stepStart))
		return
	case last.State == Spent, last.State == Disowned:
		p.Ways.Return(w, r, l)
		return
	case last.stage(now) == ended:
		d := overPage{links: links{loginPath(l)}, Why: last.why(), ByQR: last.Way == ByQR, Right: p.carriedBy(r, l).Right}
		p.Pages.Render(w, r, http.StatusOK, p.pages.over, d)
		return
	}
	s, err := p.state(last).drawn()
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.Pages.Render(w, r, http.StatusOK, p.pages.wait, waitPage{
		links: links{loginPath(l)}, Request: last, state: s, Digits: last.Asked.Digits,
		Countdown: page.Countdown{Label: "movil.wait.countdown", Left: last.ExpiresAt.Sub(now)},
	})
}

// why is the last part of the key of what the browser reads of a request that ended.
func (r Request) why() string {
	switch {
	case r.State == Rejected:
		return "rejected"
	case r.State == Replaced && r.Asked.Wrong >= digitTries:
		return "digits"
	case r.State == Replaced:
		return "replaced"
	case r.State == Approved:
		return "late"
	}
	return "expired"
}

// showState answers the script of a browser that keeps no stream open.
func (p *Provider) showState(w http.ResponseWriter, r *http.Request) {
	last, err := p.Watch(r.Context(), broker.From(r.Context()))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	text, err := p.state(last).text()
	if err != nil {
		p.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // the browser that left needs no answer
}

// text is the state for the script.
func (s state) text() ([]byte, error) {
	s, err := s.drawn()
	if err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

// finish spends the approval. Every way on leads through the dispatcher or the page
// that waits, which says how it stands.
func (p *Provider) finish(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	err := p.Finish(r.Context(), l)
	denied := denial(err)
	switch {
	case err == nil:
		p.drop(w, r, l)
		p.Ways.Return(w, r, l)
	case denied == nil:
		p.fail(w, r, err)
	case denied.Cause == Over:
		p.Ways.Return(w, r, l)
	default:
		route.SeeOther(w, stepPath(l, stepWait))
	}
}
