package certificate

import (
	"embed"
	"errors"
	"net/http"

	"clave/broker"
	"clave/providers/certificate/profile"
	"clave/web/page"
	"clave/web/route"
)

//go:embed templates
var templates embed.FS

type pages struct{ start, confirm, refused *page.Template }

func parsePages(e *page.Engine) pages {
	if e == nil {
		return pages{}
	}
	parse := func(name string) *page.Template {
		return e.Parse(templates, "templates/"+name+".html", "templates/help.html")
	}
	return pages{start: parse("start"), confirm: parse("confirm"), refused: parse("refused")}
}

// Routes are the method's pages.
func (p *Provider) Routes() []route.Route {
	step := func(method, path string, handler http.HandlerFunc) route.Route {
		return route.Route{Method: method, Path: "/login/{id}/certificate" + path, Access: route.Login, Handler: handler}
	}
	return []route.Route{
		step(http.MethodGet, "", p.showStart),
		step(http.MethodGet, "/back", p.back),
		step(http.MethodGet, "/confirm", p.showConfirm),
		step(http.MethodPost, "/confirm", p.confirm),
	}
}

// loginPath is the dispatcher's address; ownPath is below it.
func loginPath(l *broker.Login) string         { return "/login/" + string(l.Request.ID) }
func ownPath(l *broker.Login, s string) string { return loginPath(l) + "/certificate" + s }

// links lead out of a page.
type links struct {
	Login   string
	Service string
	Others  bool // the service accepts other methods
	Fresh   bool // the browser asks anew at each attempt
}

func (p *Provider) links(r *http.Request, l *broker.Login) links {
	return links{
		Login: loginPath(l), Service: page.From(r.Context()).Service,
		Others: len(p.Broker.Demand(l).Offers()) > 1, Fresh: p.FreshHost(),
	}
}

type startPage struct {
	links
	Demand  broker.Demand
	Address string
}

// showStart says what comes next, with a link there. The handle in it is made anew
// each time and writes nothing.
func (p *Provider) showStart(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	p.Pages.Render(w, r, http.StatusOK, p.pages.start, startPage{p.links(r, l), p.Broker.Demand(l), p.address(l)})
}

// back is where the host of the certificates sends the browser. The ticket moves
// from the address into a cookie of this login, so that it stays in no history and
// a change of language finds it.
func (p *Provider) back(w http.ResponseWriter, r *http.Request) {
	l, ticket := broker.From(r.Context()), r.URL.Query().Get("ticket")
	if !p.FreshHost() {
		p.keepTicket(w, l, ticket)
		route.SeeOther(w, ownPath(l, "/confirm"))
		return
	}
	// The browser has just asked which certificate to show: nobody needs to be asked
	// again. This GET changes state, as every return from an outside party does; the
	// browser holds the login and the ticket works once.
	p.accept(w, r, l, ticket)
}

type confirmPage struct {
	links
	profile.Holder
}

// Name is how people write it.
func (c confirmPage) Name() string { return c.Person.GivenName + " " + c.Person.FamilyName() }

// Masked is the number without its first digits.
func (c confirmPage) Masked() string { return c.Person.Document.String() }

// showConfirm shows who the certificate is for: a browser may show the one of
// whoever sat here before without asking.
func (p *Provider) showConfirm(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	holder, err := p.Look(r.Context(), l, p.ticketOf(r, l))
	if err != nil {
		p.deny(w, r, l, err)
		return
	}
	p.Pages.Render(w, r, http.StatusOK, p.pages.confirm, confirmPage{p.links(r, l), holder})
}

func (p *Provider) confirm(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	p.accept(w, r, l, p.ticketOf(r, l))
}

// accept proves the holder and sends the browser to the dispatcher.
func (p *Provider) accept(w http.ResponseWriter, r *http.Request, l *broker.Login, ticket string) {
	if err := p.Accept(r.Context(), l, ticket); err != nil {
		p.deny(w, r, l, err)
		return
	}
	p.dropTicket(w, l)
	p.Ways.Began(w, r, l)
	p.Ways.Return(w, r, l)
}

type refusedPage struct {
	links
	Cause  Cause
	Reason broker.Reason // what the service is told when the citizen goes back
	Demand broker.Demand
}

// Same tells whether the same certificate may do the next time.
func (r refusedPage) Same() bool {
	return r.Cause == NoCertificate || r.Cause == Unchecked || r.Cause == Late
}

// deny says why nobody is logged in, and the ways on.
func (p *Provider) deny(w http.ResponseWriter, r *http.Request, l *broker.Login, err error) {
	var denied *Denied
	switch {
	case !errors.As(err, &denied):
		p.fail(w, r, err)
		return
	case denied.Cause == Over:
		p.Ways.Return(w, r, l)
		return
	}
	around := page.From(r.Context())
	around.Cancel, around.Here = "", ownPath(l, "/confirm") // its own way back says why
	status := http.StatusForbidden
	if denied.Cause == Unchecked {
		status = http.StatusServiceUnavailable
	}
	p.Pages.Render(w, r.WithContext(page.With(r.Context(), around)), status, p.pages.refused,
		refusedPage{p.links(r, l), denied.Cause, denied.Cause.Reason(), p.Broker.Demand(l)})
}

// fail shows an error of ours to a person and logs it once.
func (p *Provider) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Pages.Failed(w, r, p.Log, "certificate step failed", err)
}

const ticketCookie = "clave_certificate_"

func (p *Provider) keepTicket(w http.ResponseWriter, l *broker.Login, ticket string) {
	const tokenLength = 43
	if len(ticket) != tokenLength {
		ticket = "" // nothing of ours
	}
	p.Jar.Set(w, ticketCookie+string(l.Request.ID), ticket, TicketLifetime)
}

func (p *Provider) ticketOf(r *http.Request, l *broker.Login) string {
	return p.Jar.Get(r, ticketCookie+string(l.Request.ID))
}

func (p *Provider) dropTicket(w http.ResponseWriter, l *broker.Login) {
	p.Jar.Drop(w, ticketCookie+string(l.Request.ID))
}
