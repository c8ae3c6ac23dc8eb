package permanente

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

type pages struct{ enter, code, stopped, activate, choose, change, settings, done, expiring *page.Template }

func parsePages(e *page.Engine) pages {
	if e == nil {
		return pages{}
	}
	parse := func(name string) *page.Template {
		return e.Parse(templates, "templates/"+name+".html", "templates/parts.html")
	}
	return pages{
		enter: parse("enter"), code: parse("code"), stopped: parse("stopped"), activate: parse("activate"),
		choose: parse("choose"), change: parse("change"), settings: parse("settings"), done: parse("done"), expiring: parse("expiring"),
	}
}

// Addresses outside of logins.
const (
	Path         = "/permanente"
	ActivatePath = Path + "/activate"
	codePath     = Path + "/code"
	againPath    = Path + "/again"
	choosePath   = Path + "/password"
	changePath   = Path + "/change"
	alwaysPath   = Path + "/always"
	donePath     = Path + "/done"
	expiringPath = Path + "/expiring"
)

// Routes are the method's pages in a login.
func (p *Provider) Routes() []route.Route {
	step := func(method, path string, handler http.HandlerFunc) route.Route {
		return route.Route{Method: method, Path: "/login/{id}/permanente" + path, Access: route.Login, Handler: handler}
	}
	return []route.Route{
		step(http.MethodGet, "", p.showEnter),
		step(http.MethodPost, "", p.enter),
		step(http.MethodGet, "/code", p.showCode),
		step(http.MethodPost, "/code", p.enterCode),
		step(http.MethodPost, "/again", p.again),
	}
}

// OwnRoutes are the pages outside of logins.
func (p *Provider) OwnRoutes() []route.Route {
	get := func(path string, access route.Access, handler http.HandlerFunc) route.Route {
		return route.Route{Method: http.MethodGet, Path: path, Access: access, Handler: handler}
	}
	post := func(path string, access route.Access, handler http.HandlerFunc) route.Route {
		return route.Route{Method: http.MethodPost, Path: path, Access: access, Handler: handler}
	}
	low := route.Citizen(identity.Low)
	return []route.Route{
		get(ActivatePath, route.Public, p.showActivate),
		post(ActivatePath, route.Public, p.activate),
		get(codePath, route.Public, p.showSettingCode),
		post(codePath, route.Public, p.enterSettingCode),
		post(againPath, route.Public, p.settingAgain),
		get(choosePath, route.Public, p.showChoose),
		post(choosePath, route.Public, p.choosePassword),
		get(donePath, route.Public, p.showDone),
		get(Path, low, p.showSettings),
		post(alwaysPath, low, p.prefer),
		// Who has to log in again when sending the form comes back here.
		get(alwaysPath, low, func(w http.ResponseWriter, _ *http.Request) { route.SeeOther(w, Path) }),
		get(expiringPath, low, p.showExpiring),
		get(changePath, low, p.showChange),
		post(changePath, low, p.change),
	}
}

func loginPath(l *broker.Login) string          { return "/login/" + string(l.Request.ID) }
func stepPath(l *broker.Login, s string) string { return loginPath(l) + "/permanente" + s }

// here says where the page that answers a POST is shown by GET, so that a change of
// language finds it again.
func here(r *http.Request, path string) *http.Request {
	around := page.From(r.Context())
	around.Here = path
	return r.WithContext(page.With(r.Context(), around))
}

// fail shows an error of ours to a person and logs it once.
func (p *Provider) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Pages.Failed(w, r, p.Log, "permanente step failed", err)
}

// language is what messages are written in that this browser asks for.
func (p *Provider) language(r *http.Request) string { return string(p.Pages.Language(r)) }

// passwordField is a password that is typed. It never comes back with a page.
func passwordField(name, label, hint, autocomplete string) page.Field {
	return page.Field{Name: name, Label: label, Hint: hint, Autocomplete: autocomplete, Password: true, MaxLength: 256}
}

// stoppedPage tells why nothing goes on for now, until when, and what can be done
// meanwhile.
type stoppedPage struct {
	Cause   Cause
	Until   time.Time // zero when no time is known
	Service string
	Login   string        // empty outside of one
	Reason  broker.Reason // what the service is told when the citizen goes back
	Others  bool          // the service accepts other methods
	Reset   bool          // a new password is the way on
	Again   string        // where trying again may help; empty for nowhere
}

// showStopped is the page of the causes that time or another way must end. l is nil
// outside of a login; again is where the citizen may try again.
func (p *Provider) showStopped(w http.ResponseWriter, r *http.Request, l *broker.Login, d *Denied, again string) {
	around := page.From(r.Context())
	data := stoppedPage{Cause: d.Cause, Until: d.Until, Service: around.Service, Reason: stoppedReason(d.Cause)}
	if l != nil {
		around.Cancel, around.LoginEnds = "", time.Time{} // its own way back says why
		data.Login, data.Others = loginPath(l), len(p.Broker.Demand(l).Offers()) > 1
	}
	if r.Method != http.MethodGet {
		around.Here = again
	}
	status := http.StatusTooManyRequests
	switch d.Cause {
	case PasswordLocked, PasswordExpired:
		data.Reset, status = true, http.StatusForbidden
	case BrowsersLocked:
		data.Reset = true
	case EmailUnconfirmed, NoCode:
		status = http.StatusForbidden
	case Busy, NoBudget:
		data.Again, status = again, http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "60")
	default:
	}
	if !d.Until.IsZero() {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(d.Until.Sub(p.Now()).Seconds())))))
	}
	p.Pages.Render(w, r.WithContext(page.With(r.Context(), around)), status, p.pages.stopped, data)
}

// stoppedReason is what the service is told.
func stoppedReason(c Cause) broker.Reason {
	switch c {
	case BrowsersLocked, PasswordLocked, PasswordExpired, PhoneFull:
		return broker.MethodLocked
	case Busy, NoBudget:
		return broker.Unavailable
	default:
		return broker.TooManyTries
	}
}

// codeProblems are what a page that asks for a code says of a refusal.
func (p *Provider) codeProblems(said saying) page.Errors {
	switch {
	case said.Cause == WrongCode && said.Left == 1:
		return page.Errors{{Field: "code", Key: "permanente.code.error.wrong_last"}}
	case said.Cause == WrongCode:
		return page.Errors{{Field: "code", Key: "permanente.code.error.wrong", Holes: []string{"left", strconv.Itoa(said.Left)}}}
	case said.Cause == TooSoon && p.Now().Before(said.Until.Add(SendSpacing)):
		seconds := max(int(said.Until.Sub(p.Now())/time.Second), 0) + 1
		return page.Errors{{Key: "permanente.code.error.soon", Holes: []string{"seconds", strconv.Itoa(seconds)}}}
	}
	return nil
}

// codePage asks for the code that was sent.
type codePage struct {
	page.Form
	Action, Again, Back string
	Login               string
	Last3               string
	SentAt              time.Time
	Countdown           page.Countdown
	Live, MoreSends     bool
}

func (p *Provider) renderCode(w http.ResponseWriter, r *http.Request, status int, d codePage, c Challenge, problems page.Errors) {
	d.Form = page.Form{
		Fields: []page.Field{{
			Name: "code", Label: "permanente.code.label", Hint: "permanente.code.hint",
			Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 20, Size: 8, Code: true,
		}},
		Errors: problems,
	}
	now := p.Now()
	d.Last3, d.SentAt, d.Live, d.MoreSends = c.Phone.Last3(), c.SentAt, c.live(now), c.Sends < MaxSends && c.Wrong < codeTries
	d.Countdown = page.Countdown{Label: "permanente.code.countdown", Left: c.ExpiresAt.Sub(now)}
	p.Pages.Render(w, here(r, d.Action), status, p.pages.code, d)
}

// codeFormat says what is wrong with what cannot be a code.
func codeFormat(typed string) page.Errors {
	if typed == "" {
		return page.Errors{{Field: "code", Key: "permanente.code.error.empty"}}
	}
	return page.Errors{{Field: "code", Key: "permanente.code.error.format"}}
}
