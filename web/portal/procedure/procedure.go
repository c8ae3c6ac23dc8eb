// Package procedure shows the procedures of census/registration: a page for each
// step, below /register/letter.
//
// A page asks, and what is decided is decided there; a page that does not belong to
// where the procedure stands leads to the one that does. Everything works without
// scripts, keeps what was typed, and tells a wrong pair of document and datum in one
// text.
package procedure

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"clave/broker"
	"clave/census/receipt"
	"clave/census/registration"
	"clave/web/lang"
	"clave/web/page"
	"clave/web/route"
)

//go:embed templates
var templates embed.FS

// Path is where the registration with a letter begins.
const Path = "/register/letter"

// Receipts are the receipts of finished registrations.
type Receipts interface {
	ReceiptByCode(ctx context.Context, code string) (receipt.Receipt, []receipt.Copy, error)
	NoteCopy(ctx context.Context, id string, d receipt.Digest, at time.Time) error
}

// Papers writes a receipt as a file, with the activation code when there is one.
type Papers interface {
	PDF(r receipt.Receipt, activation string) ([]byte, error)
}

// Config is what the pages need. Every field is required; the zero Jar is right in
// the sandbox alone.
type Config struct {
	Procedures *registration.Procedures
	Receipts   Receipts
	Papers     Papers
	Engine     *page.Engine
	Jar        broker.CookieJar
	Log        *slog.Logger
	Now        func() time.Time
}

// Pages are the pages of the procedures.
type Pages struct {
	Config
	document, contrast, choice, requested, code, contact, claim, sms, done, stopped, standing *page.Template
}

// New makes the pages. It panics when a template is broken, which is a mistake of
// ours.
func New(c Config) *Pages {
	parse := func(name string) *page.Template {
		return c.Engine.Parse(templates, "templates/"+name+".html", "templates/parts.html")
	}
	return &Pages{
		Config: c, document: parse("document"), contrast: parse("contrast"), choice: parse("choice"), requested: parse("requested"),
		code: parse("code"), contact: parse("contact"), claim: parse("claim"), sms: parse("sms"), done: parse("done"),
		stopped: parse("stopped"), standing: parse("standing"),
	}
}

// Routes serve the pages.
func (p *Pages) Routes() []route.Route {
	get := func(path string, handler http.HandlerFunc) route.Route {
		return route.Route{Method: http.MethodGet, Path: Path + path, Access: route.Public, Handler: handler}
	}
	post := func(path string, handler http.HandlerFunc) route.Route {
		return route.Route{Method: http.MethodPost, Path: Path + path, Access: route.Public, Handler: handler}
	}
	routes := []route.Route{
		get("", p.showDocument), post("", p.takeDocument),
		get("/choice", p.at(registration.StepChoice, p.showChoice)), post("/choice", p.takeChoice),
		get("/requested", p.at(registration.StepRequested, p.showRequested)),
		get("/code", p.at(registration.StepCode, p.showCode)), post("/code", p.takeCode),
		get("/contact", p.at(registration.StepContact, p.showContact)), post("/contact", p.takeContact),
		get("/claim", p.at(registration.StepClaim, p.showClaim)), post("/claim", p.takeClaim),
		get("/sms", p.at(registration.StepSMS, p.showSMS)), post("/sms", p.takeSMS),
		post("/again", p.again),
		get("/done", p.at(registration.StepDone, p.showDone)),
		get("/receipt", p.at(registration.StepDone, p.sendReceipt)),
		post("/extend", p.extend), post("/leave", p.leave),
	}
	for path, kind := range contrastPaths() {
		routes = append(routes,
			get(path, p.at(registration.StepContrast, p.showContrast(kind))),
			post(path, p.takeContrast(kind)))
	}
	return routes
}

const handleCookie = "clave_procedure"

func (p *Pages) handle(r *http.Request) registration.Handle {
	return registration.Handle(p.Jar.Get(r, handleCookie))
}

// hand gives the browser its handle, until it closes: what the handle names ends
// sooner on a computer that others use too.
func (p *Pages) hand(w http.ResponseWriter, h registration.Handle) {
	p.Jar.Set(w, handleCookie, string(h), 0)
}

// shower shows the page of a step of a running procedure.
type shower func(w http.ResponseWriter, r *http.Request, running *registration.Running)

// at shows the page of a step where the procedure may be there, and otherwise leads
// to where it stands.
func (p *Pages) at(step registration.StepName, show shower) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		running, err := p.Procedures.Open(r.Context(), p.handle(r))
		if err == nil && !running.May(step) {
			err = registration.ErrStep
		}
		if err != nil {
			p.lead(w, r, err)
			return
		}
		show(w, r, running)
	}
}

// lead answers an error of a step: it leads to where the procedure stands, to the
// beginning when there is none, or says that something went wrong.
func (p *Pages) lead(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, registration.ErrNone):
		seeOther(w, r, Path+"?gone=1")
	case errors.Is(err, registration.ErrStep):
		p.forward(w, r)
	default:
		p.fail(w, r, err)
	}
}

// forward leads to where the procedure stands.
func (p *Pages) forward(w http.ResponseWriter, r *http.Request) {
	running, err := p.Procedures.Open(r.Context(), p.handle(r))
	if err != nil {
		p.lead(w, r, err)
		return
	}
	seeOther(w, r, pathOf(running))
}

// pathOf is the page where a procedure stands.
func pathOf(running *registration.Running) string {
	switch at := running.At(); at {
	case registration.StepDocument:
		return Path
	case registration.StepContrast:
		if running.Document().Foreigner() {
			return Path + pathSupport
		}
		return Path + pathValidity
	default:
		return Path + "/" + string(at)
	}
}

func seeOther(w http.ResponseWriter, r *http.Request, path string) {
	http.Redirect(w, r, path, http.StatusSeeOther)
}

// leave forgets the procedure and goes back to the service that waits, or to the
// front door.
func (p *Pages) leave(w http.ResponseWriter, r *http.Request) {
	if h := p.handle(r); h != "" {
		if err := p.Procedures.Leave(r.Context(), h); err != nil {
			p.fail(w, r, err)
			return
		}
		p.Jar.Drop(w, handleCookie)
	}
	to := page.From(r.Context()).Waiting
	if to == "" {
		to = "/register"
	}
	seeOther(w, r, to)
}

// show renders a page of a step: the frame knows where it is shown by GET and how
// to give up.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, t *page.Template, path string, data any) {
	around := page.From(r.Context())
	around.Here = path
	if t != p.document && t != p.requested && t != p.done {
		around.Cancel = Path + "/leave"
	}
	p.Engine.Render(w, r.WithContext(page.With(r.Context(), around)), status, t, data)
}

// language is the one of the page, in which messages are written too.
func (p *Pages) language(r *http.Request) lang.Language {
	around := page.From(r.Context())
	return p.Engine.LanguageFor(r, around.LoginID, around.Locales)
}

// fail shows an error of ours to a person and logs it once.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Engine.Failed(w, r, p.Log, "registration step failed", err)
}

// subject is whom a page is about, and until when what is typed there is kept.
type subject struct {
	Document string // masked
	Ends     time.Time
	Left     int // seconds
	Here     string
}

func (p *Pages) subjectOf(running *registration.Running, path string) subject {
	left := page.Countdown{Left: running.ExpiresAt.Sub(p.Now())}
	return subject{running.Document().String(), running.ExpiresAt, left.Seconds(), path}
}

// extend gives the procedure more time, because the citizen asked for it.
func (p *Pages) extend(w http.ResponseWriter, r *http.Request) {
	ends, err := p.Procedures.Extend(r.Context(), p.handle(r))
	if err != nil {
		p.lead(w, r, err)
		return
	}
	p.Engine.Extended(w, r, ends)
}
