// Package desk is the pages on which officers serve a citizen who stands before them:
// find, see what is held, and change the registration.
//
//	find ──► record ──► seen ──► [contact ──► (claim)] ──► confirm ──► [sms] ──► done
//	document   │        the        the citizen's           printed,               receipt,
//	reason     │        check-list new data                signed                 next citizen
//	           └──► propose: what a supervisor has to approve
//
// All addresses below a case hold its random id and never a document. A case, and what
// was begun in it, belong to the session at the console that made it.
package desk

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"clave/census"
	"clave/census/desk"
	"clave/census/proposal"
	"clave/census/receipt"
	"clave/census/registrar"
	"clave/census/registration"
	"clave/census/staff"
	"clave/identity"
	"clave/web/console"
	"clave/web/page"
	"clave/web/route"

	"github.com/gorilla/mux"
)

//go:embed templates
var templates embed.FS

// Path is where officers look citizens up.
const Path = console.Path + "/desk"

const (
	casePath  = Path + "/case/"
	caseRoute = casePath + "{case}"
)

// Section is the desk in the menu of the console.
func Section() console.Section {
	return console.Section{Path: Path, Text: "desk.find.menu", Act: staff.Serve}
}

// Desk looks citizens up.
type Desk interface {
	LookUp(ctx context.Context, by *staff.Signed, q desk.Question) (desk.Case, error)
	Case(ctx context.Context, by *staff.Signed, id string) (desk.Case, error)
	Begun(ctx context.Context, c desk.Case, procedure string) error
}

// Register reads what is known of a document's holder.
type Register interface {
	Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error)
	// Recognise gives the lasting id of the holder, and makes one.
	Recognise(ctx context.Context, document identity.DocumentID) (identity.PersonID, identity.Person, identity.State, error)
}

// Registrar tells what happened to a registration, and what can.
type Registrar interface {
	History(ctx context.Context, person identity.PersonID) ([]registrar.Record, error)
	Possible(ctx context.Context, person identity.PersonID, by registrar.By, changes ...registrar.Change) (registrar.Entry, []registrar.Change, error)
}

// Proposals takes what a supervisor has to approve.
type Proposals interface {
	Propose(ctx context.Context, by *staff.Signed, p proposal.Proposal) (proposal.Proposal, error)
}

// Config is what the pages need. Every field is required.
type Config struct {
	Console    *console.Console
	Desk       Desk
	Register   Register
	Registrar  Registrar
	Procedures *registration.Procedures
	Proposals  Proposals
	// Proposed is where a proposal is shown, without its id.
	Proposed string
	Receipts receipt.Store
	Papers   *receipt.Renderer
	Log      *slog.Logger
	Now      func() time.Time
}

// Pages serves the desk.
type Pages struct {
	Config
	find, record, seen, contact, claim, confirm, acceptance, sms, done, stopped, propose *page.Template
}

// New makes the pages. It panics when a template is broken, which is a mistake of ours.
func New(c Config) *Pages {
	parse := func(name string) *page.Template {
		return c.Console.Parse(templates, "templates/"+name+".html", "templates/parts.html")
	}
	return &Pages{
		Config: c,
		find:   parse("find"), record: parse("record"), seen: parse("seen"), contact: parse("contact"), claim: parse("claim"),
		confirm: parse("confirm"), acceptance: parse("acceptance"), sms: parse("sms"), done: parse("done"), stopped: parse("stopped"),
		propose: parse("propose"),
	}
}

// Routes serve the pages.
func (p *Pages) Routes() []route.Route {
	serve := route.Officer(staff.Serve)
	get := func(at string, handler http.HandlerFunc) route.Route {
		return route.Route{Method: http.MethodGet, Path: at, Access: serve, Handler: handler}
	}
	post := func(at string, handler http.HandlerFunc) route.Route {
		return route.Route{Method: http.MethodPost, Path: at, Access: serve, Handler: handler}
	}
	routes := []route.Route{
		get(Path, p.showFind), post(Path, p.lookUp),
		get(caseRoute, p.within(p.showRecord)), post(caseRoute+"/start", p.within(p.start)),
		post(caseRoute+"/finish", p.within(p.finish)), post(caseRoute+"/again", p.within(p.again)),
		get(caseRoute+"/acceptance", p.at(registration.StepConfirm, p.showAcceptance)),
		get(caseRoute+"/done", p.at(registration.StepDone, p.showDone)),
		get(caseRoute+"/receipt", p.at(registration.StepDone, p.sendReceipt)),
	}
	for _, step := range []struct {
		name registration.StepName
		show shower
		take func(http.ResponseWriter, *http.Request, desk.Case)
	}{
		{registration.StepSeen, p.showSeen, p.takeSeen}, {registration.StepContact, p.showContact, p.takeContact},
		{registration.StepClaim, p.showClaim, p.takeClaim}, {registration.StepConfirm, p.showConfirm, p.takeConfirm},
		{registration.StepSMS, p.showSMS, p.takeSMS},
	} {
		at := caseRoute + "/" + string(step.name)
		routes = append(routes, get(at, p.at(step.name, step.show)), post(at, p.within(step.take)))
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		handler := p.within(p.showPropose)
		if method == http.MethodPost {
			handler = p.within(p.takePropose)
		}
		routes = append(routes, route.Route{Method: method, Path: caseRoute + "/propose", Access: route.Officer(staff.Propose), Handler: handler})
	}
	return routes
}

// shower shows the page of a step.
type shower func(w http.ResponseWriter, r *http.Request, c desk.Case, running *registration.Running)

// within finds the case of the address: that of somebody else is as if there were none.
func (p *Pages) within(next func(http.ResponseWriter, *http.Request, desk.Case)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := p.Desk.Case(r.Context(), staff.From(r.Context()), mux.Vars(r)["case"])
		switch {
		case errors.Is(err, desk.ErrNoCase):
			route.SeeOther(w, Path+"?gone=1")
		case err != nil:
			p.fail(w, r, err)
		default:
			next(w, r, c)
		}
	}
}

// at shows the page of a step, when the procedure of the case is as far; otherwise it
// leads to where that stands.
func (p *Pages) at(step registration.StepName, show shower) http.HandlerFunc {
	return p.within(func(w http.ResponseWriter, r *http.Request, c desk.Case) {
		running, err := p.Procedures.Open(r.Context(), handle(c))
		switch {
		case err != nil:
			p.lead(w, r, c, err)
		case !running.May(step):
			route.SeeOther(w, pathOf(c, running.At()))
		default:
			show(w, r, c, running)
		}
	})
}

// lead goes where an answer belongs that came to no step of its own.
func (p *Pages) lead(w http.ResponseWriter, r *http.Request, c desk.Case, err error) {
	switch {
	case errors.Is(err, registration.ErrStep):
		running, err := p.Procedures.Open(r.Context(), handle(c))
		if err != nil {
			p.lead(w, r, c, err)
			return
		}
		route.SeeOther(w, pathOf(c, running.At()))
	case errors.Is(err, registration.ErrNone):
		route.SeeOther(w, casePath+c.ID)
	default:
		p.fail(w, r, err)
	}
}

// handle opens what runs in a case: to its session alone.
func handle(c desk.Case) registration.Handle { return registration.Handle(c.Procedure).Of(c.Session) }

func pathOf(c desk.Case, step registration.StepName) string {
	return casePath + c.ID + "/" + string(step)
}

// by is on whose word the desk acts.
func by(r *http.Request) registrar.By {
	signed := staff.From(r.Context())
	return registrar.By{Channel: identity.ByOffice, Officer: signed.Member.Person, Office: signed.Session.Office}
}

// show renders a page with the console's head.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, t *page.Template, data func(console.Head) any) {
	head, err := p.Console.Head(r, Path)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if here := shownBy(r); here != "" {
		around := page.From(r.Context())
		around.Here = here
		r = r.WithContext(page.With(r.Context(), around))
	}
	p.Console.Engine.Render(w, r, status, t, data(head))
}

// shownBy is the page that is shown by GET where an answer to a form has no page of its
// own: a change of language goes there.
func shownBy(r *http.Request) string {
	if r.Method == http.MethodGet {
		return ""
	}
	switch of, form := path.Split(r.URL.EscapedPath()); form {
	case "start", "finish":
		return strings.TrimSuffix(of, "/")
	case "again":
		return of + string(registration.StepSMS)
	}
	return ""
}

func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Console.Engine.Failed(w, r, p.Log, "page of the desk failed", err)
}
