package movil

import (
	"embed"
	"math"
	"net/http"
	"strconv"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

//go:embed templates
var templates embed.FS

type pages struct{ start, document, contrast, wait, over, stopped *page.Template }

func parsePages(e *page.Engine) pages {
	if e == nil {
		return pages{}
	}
	parse := func(name string) *page.Template {
		return e.Parse(templates, "templates/"+name+".html", "templates/parts.html")
	}
	return pages{
		start: parse("start"), document: parse("document"), contrast: parse("contrast"),
		wait: parse("wait"), over: parse("over"), stopped: parse("stopped"),
	}
}

// Addresses below the login's.
const (
	stepStart    = ""
	stepWays     = "/ways"
	stepHere     = "/here"
	stepQR       = "/qr"
	stepDocument = "/document"
	stepAgain    = "/again"
	stepWait     = "/wait"
	stepState    = "/state"
	stepEvents   = "/events"
	stepFinish   = "/finish"
)

// Routes are the method's pages in a login.
func (p *Provider) Routes() []route.Route {
	step := func(method, path string, handler http.HandlerFunc) route.Route {
		return route.Route{Method: method, Path: "/login/{id}/movil" + path, Access: route.Login, Handler: handler}
	}
	routes := []route.Route{
		step(http.MethodGet, stepStart, p.showStart),
		step(http.MethodGet, stepWays, p.showWays),
		step(http.MethodPost, stepHere, p.finishHere),
		step(http.MethodPost, stepQR, p.askByQR),
		step(http.MethodGet, stepDocument, p.showDocument),
		step(http.MethodPost, stepDocument, p.takeDocument),
		step(http.MethodPost, stepAgain, p.askAgain),
		step(http.MethodGet, stepWait, p.showWait),
		step(http.MethodGet, stepState, p.showState),
		step(http.MethodGet, stepEvents, p.streamState),
		step(http.MethodPost, stepFinish, p.finish),
	}
	for path, kind := range contrastPaths() {
		routes = append(routes,
			step(http.MethodGet, path, p.showContrast(kind)),
			step(http.MethodPost, path, p.takeContrast(kind)))
	}
	return routes
}

func loginPath(l *broker.Login) string          { return "/login/" + string(l.Request.ID) }
func stepPath(l *broker.Login, s string) string { return loginPath(l) + "/movil" + s }

// here says where the page that answers a POST is shown by GET, so that a change of
// language finds it again.
func here(r *http.Request, path string) *http.Request {
	around := page.From(r.Context())
	around.Here = path
	return r.WithContext(page.With(r.Context(), around))
}

// fail shows an error of ours to a person and logs it once.
func (p *Provider) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Pages.Failed(w, r, p.Log, "movil step failed", err)
}

// links lead out of a page and back.
type links struct{ Login string }

// startPage offers the ways to a device.
type startPage struct {
	page.Form
	links
	Demand broker.Demand
	// Options and Challenge are for the keys of this device.
	Options, Challenge string
	// AtOnce: on a computer the QR is what nearly everybody wants.
	AtOnce bool
}

func (p *Provider) showStart(w http.ResponseWriter, r *http.Request) {
	p.renderStart(w, r, startPage{AtOnce: true})
}

// showWays is the start for who has seen the QR and wants another way, or is told why
// this device did not do.
func (p *Provider) showWays(w http.ResponseWriter, r *http.Request) {
	var problems page.Errors
	switch said := p.carriedBy(r, broker.From(r.Context())).Said; said.Cause {
	case NoProof, HereExpired, UnknownPasskey, TooLow:
		problems.Add("", "movil.here.error."+string(said.Cause))
	default:
	}
	p.renderStart(w, r, startPage{Form: page.Form{Errors: problems}})
}

func (p *Provider) renderStart(w http.ResponseWriter, r *http.Request, d startPage) {
	l := broker.From(r.Context())
	options, challenge := p.HereOptions(l)
	d.links, d.Demand, d.Options, d.Challenge = links{loginPath(l)}, p.Broker.Demand(l), string(options), encode(challenge)
	p.Pages.Render(w, r, http.StatusOK, p.pages.start, d)
}

// finishHere takes what the keys of this device have signed.
func (p *Provider) finishHere(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	err := p.FinishHere(r.Context(), l, Here{
		Challenge: decode(r.PostFormValue("challenge")), Response: []byte(r.PostFormValue("response")),
		Device: DeviceID(r.PostFormValue("device")), Signature: decode(r.PostFormValue("signature")),
	})
	denied := denial(err)
	switch {
	case err == nil:
		p.drop(w, r, l)
		p.Ways.Return(w, r, l)
	case denied == nil:
		p.fail(w, r, err)
	case denied.Cause == Refused:
		p.Ways.ShowRefusal(w, r, l, denied.Reason)
	case denied.Cause == Over:
		p.Ways.Return(w, r, l)
	default:
		p.say(w, r, stepWays, carried{Said: said{Cause: denied.Cause}})
	}
}

// stoppedPage tells why nothing goes on for now, until when, and what can be done
// meanwhile.
type stoppedPage struct {
	links
	Cause    Cause
	Until    time.Time // zero when no time is known
	Service  string
	Reason   broker.Reason // what the service is told when the citizen goes back
	Others   bool          // the service accepts other methods
	Activate bool          // a device has to be activated
	QR       bool          // the QR is a way on
}

// showStopped is the page of the causes that time or another way must end.
func (p *Provider) showStopped(w http.ResponseWriter, r *http.Request, l *broker.Login, d *Denied) {
	around := page.From(r.Context())
	around.Cancel, around.LoginEnds = "", time.Time{} // its own way back says why
	if r.Method != http.MethodGet {
		around.Here = stepPath(l, stepWays)
	}
	data := stoppedPage{
		links: links{loginPath(l)}, Cause: d.Cause, Until: d.Until, Service: around.Service, Reason: broker.MethodLocked,
		Others: len(p.Broker.Demand(l).Offers()) > 1,
	}
	status := http.StatusTooManyRequests
	switch d.Cause {
	case NoDevice:
		data.Activate, data.Reason, status = true, broker.Cancelled, http.StatusForbidden
	case PairLocked:
		data.QR, data.Reason = true, broker.TooManyTries
	default:
		data.QR = true
	}
	if !d.Until.IsZero() {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(d.Until.Sub(p.Now()).Seconds())))))
	}
	p.Pages.Render(w, r.WithContext(page.With(r.Context(), around)), status, p.pages.stopped, data)
}

// question is that for a kind of datum.
func question(kind identity.ContrastKind) page.DatumQuestion {
	return page.DatumQuestion{Texts: "movil.contrast.", Kind: kind}
}
