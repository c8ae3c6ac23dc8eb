package pin

import (
	"embed"
	"math"
	"net/http"
	"strconv"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/internal/tally"
	"clave/web/page"
	"clave/web/route"
)

//go:embed templates
var templates embed.FS

type pages struct{ document, contrast, obtain, enter, locked *page.Template }

func parsePages(e *page.Engine) pages {
	if e == nil {
		return pages{}
	}
	parse := func(name string) *page.Template {
		return e.Parse(templates, "templates/"+name+".html", "templates/help.html")
	}
	return pages{
		document: parse("document"), contrast: parse("contrast"),
		obtain: parse("obtain"), enter: parse("enter"), locked: parse("locked"),
	}
}

// Routes are the method's pages.
func (p *Provider) Routes() []route.Route {
	step := func(method, path string, handler http.HandlerFunc) route.Route {
		return route.Route{Method: method, Path: "/login/{id}/pin" + path, Access: route.Login, Handler: handler}
	}
	routes := []route.Route{
		step(http.MethodGet, "", p.showDocument),
		step(http.MethodPost, "", p.takeDocument),
		step(http.MethodGet, "/obtain", p.showObtain),
		step(http.MethodPost, "/obtain", p.obtain),
		step(http.MethodGet, "/enter", p.showEnter),
		step(http.MethodPost, "/enter", p.enter),
		step(http.MethodPost, "/again", p.again),
		step(http.MethodPost, "/sms", p.sms),
	}
	for path, kind := range contrastPaths() {
		routes = append(routes,
			step(http.MethodGet, path, p.showContrast(kind)),
			step(http.MethodPost, path, p.takeContrast(kind)))
	}
	return routes
}

// loginPath is the dispatcher's address; pinPath is below it.
func loginPath(l *broker.Login) string         { return "/login/" + string(l.Request.ID) }
func pinPath(l *broker.Login, s string) string { return loginPath(l) + "/pin" + s }

// here says where the page that answers a POST is shown by GET, so that a change
// of language finds it again.
func (p *Provider) here(r *http.Request, path string) *http.Request {
	around := page.From(r.Context())
	around.Here = path
	return r.WithContext(page.With(r.Context(), around))
}

// fail shows an error of ours to a person and logs it once.
func (p *Provider) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Pages.Failed(w, r, p.Log, "pin step failed", err)
}

// links lead out of a page and back.
type links struct{ Login string }

// lockedPage tells why nothing goes on for now, until when, and what can be done
// meanwhile.
type lockedPage struct {
	Cause   Cause
	Until   time.Time // zero when no time is known
	Forever bool
	Service string
	Login   string
	Reason  broker.Reason // what the service is told when the citizen goes back
	Others  bool          // the service accepts other methods
	// CanEnter says that a PIN sent earlier may still be good.
	CanEnter bool
}

// showLocked is the page of the causes that time or another way must end.
func (p *Provider) showLocked(w http.ResponseWriter, r *http.Request, l *broker.Login, d *Denied) {
	around := page.From(r.Context())
	around.Cancel, around.LoginEnds = "", time.Time{} // its own way back says why; most locks last longer
	if r.Method != http.MethodGet {
		around.Here = pinPath(l, "")
	}
	data := lockedPage{
		Cause: d.Cause, Until: d.Until, Service: around.Service, Login: loginPath(l),
		Reason: lockReason(d.Cause), Others: len(p.Broker.Demand(l).Offers()) > 1,
		CanEnter: (d.Cause == NoSendsLeft || d.Cause == PhoneFull) && d.Live,
	}
	if d.Until.Equal(tally.Indefinitely()) {
		data.Until, data.Forever = time.Time{}, true
	}
	status := http.StatusTooManyRequests
	if d.Cause == NoBudget {
		status = http.StatusServiceUnavailable
		d.Until = p.Now().Add(time.Minute)
	}
	if !d.Until.IsZero() && !data.Forever {
		seconds := math.Ceil(d.Until.Sub(p.Now()).Seconds())
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(seconds))))
	}
	p.Pages.Render(w, r.WithContext(page.With(r.Context(), around)), status, p.pages.locked, data)
}

// lockReason is what the service is told.
func lockReason(c Cause) broker.Reason {
	switch c {
	case MethodLocked, PhoneFull:
		return broker.MethodLocked
	case NoBudget:
		return broker.Unavailable
	case PairLocked, NoSendsLeft, TriesSpent:
	case WrongPair, Refused, TooSoon, WrongPIN, PINExpired, NoPIN, Over:
	}
	return broker.TooManyTries
}

// levels is what the service demands and what this person reaches.
type levels struct {
	Demand       broker.Demand
	Registration identity.Registration
}

// Reached is the level that the PIN gives this person, exactly.
func (v levels) Reached() identity.Level { return broker.Best(identity.PIN, v.Registration) }

// InPerson tells whether the service demands a registration in person or by
// certificate.
func (v levels) InPerson() bool { return v.Demand.Registration == identity.Advanced }
