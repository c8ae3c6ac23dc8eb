// Package proposals is the pages of the second pair of eyes: what officers propose to do
// to a registration ex officio, and the decision of a supervisor.
//
//	list ──► proposal ─┬─ approve: done at once
//	                   └─ reject, and why
//
// Supervisors see what waits; everybody sees what became of their own.
package proposals

import (
	"context"
	"embed"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"clave/census"
	"clave/census/proposal"
	"clave/census/registrar"
	"clave/census/staff"
	"clave/identity"
	"clave/web/console"
	"clave/web/page"
	"clave/web/route"

	"github.com/gorilla/mux"
)

//go:embed templates
var templates embed.FS

const (
	// Path is the list.
	Path = console.Path + "/proposals"
	// OnePath is where a proposal is shown, without its id.
	OnePath = Path + "/one/"
)

// Section is the list in the menu of the console.
func Section() console.Section {
	return console.Section{Path: Path, Text: "proposals.list.menu", Act: staff.Propose}
}

// Desk reads proposals and takes decisions.
type Desk interface {
	Review(ctx context.Context, by *staff.Signed, id string) (proposal.Proposal, error)
	Approve(ctx context.Context, by *staff.Signed, id string) (proposal.Proposal, error)
	Reject(ctx context.Context, by *staff.Signed, id string, why proposal.Why) (proposal.Proposal, error)
}

// List lists proposals.
type List interface {
	Proposals(ctx context.Context, f proposal.Filter, now time.Time) (page []proposal.Proposal, more bool, err error)
}

// Register reads what is known of a document's holder.
type Register interface {
	Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error)
}

// Config is what the pages need. Every field is required.
type Config struct {
	Console  *console.Console
	Desk     Desk
	List     List
	Register Register
	Log      *slog.Logger
	Now      func() time.Time
}

// Pages serves the proposals.
type Pages struct {
	Config
	list, one *page.Template
}

// New makes the pages. It panics when a template is broken, which is a mistake of ours.
func New(c Config) *Pages {
	return &Pages{
		Config: c, list: c.Console.Parse(templates, "templates/list.html"), one: c.Console.Parse(templates, "templates/one.html"),
	}
}

// Routes serve the pages.
func (p *Pages) Routes() []route.Route {
	propose, approve := route.Officer(staff.Propose), route.Officer(staff.Approve)
	return []route.Route{
		{Method: http.MethodGet, Path: Path, Access: propose, Handler: p.showList},
		{Method: http.MethodGet, Path: OnePath + "{proposal}", Access: propose, Handler: p.showOne},
		{Method: http.MethodPost, Path: OnePath + "{proposal}/approve", Access: approve, Handler: p.approve},
		{Method: http.MethodPost, Path: OnePath + "{proposal}/reject", Access: approve, Handler: p.reject},
	}
}

// pageLines is how many proposals a page shows.
const pageLines = 20

type listPage struct {
	console.Head
	Lines []line
	// Own: these are those of who is at work, not those that wait.
	Own          bool
	Offered      bool // to see the others
	From, To     int
	Newer, Older string // addresses; empty for none
}

// line is a proposal in the list: the document masked.
type line struct {
	Path, Document, Proposer, Where string
	Change                          registrar.Change
	Reason                          proposal.Reason
	State                           proposal.State
	At                              time.Time
}

func (p *Pages) showList(w http.ResponseWriter, r *http.Request) {
	signed := staff.From(r.Context())
	may := signed.Member.May(staff.Approve)
	data := listPage{Own: !may || r.URL.Query().Get("own") != "", Offered: may}
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	number = max(1, min(number, 1000))
	f := proposal.Filter{Offset: (number - 1) * pageLines, Limit: pageLines}
	own := ""
	if data.Own {
		f.Proposer, own = signed.Member.Person, "&own=1"
	}
	found, more, err := p.List.Proposals(r.Context(), f, p.Now())
	if err != nil {
		p.fail(w, r, err)
		return
	}
	if number > 1 {
		data.Newer = Path + "?page=" + strconv.Itoa(number-1) + own
	}
	if more {
		data.Older = Path + "?page=" + strconv.Itoa(number+1) + own
	}
	data.From, data.To = f.Offset+1, f.Offset+len(found)
	for _, each := range found {
		if each.Person == signed.Member.Person {
			continue // nobody reads what is proposed about themselves
		}
		l, err := p.line(r.Context(), each)
		if err != nil {
			p.fail(w, r, err)
			return
		}
		data.Lines = append(data.Lines, l)
	}
	p.show(w, r, http.StatusOK, p.list, func(h console.Head) any { data.Head = h; return data })
}

func (p *Pages) line(ctx context.Context, each proposal.Proposal) (l line, err error) {
	l = line{
		Path: OnePath + each.ID, Document: each.Document.String(), Change: each.Change, Reason: each.Reason,
		State: each.Standing(p.Now()), At: each.At,
	}
	if l.Proposer, err = p.Console.MemberName(ctx, each.Proposer); err != nil {
		return l, err
	}
	l.Where, err = p.Console.OfficeName(ctx, each.Office)
	return l, err
}

type onePage struct {
	page.Form
	console.Head
	line
	ID, Name, Number string
	Now              identity.State // how the registration stands
	Ends             time.Time
	Decider          string
	Decided          time.Time
	Why              proposal.Why
	// Decides: who reads may decide on it now.
	Decides bool
}

func (p *Pages) showOne(w http.ResponseWriter, r *http.Request) {
	p.renderOne(w, r, http.StatusOK, nil)
}

func (p *Pages) renderOne(w http.ResponseWriter, r *http.Request, status int, problems page.Errors) {
	signed := staff.From(r.Context())
	each, err := p.Desk.Review(r.Context(), signed, mux.Vars(r)["proposal"])
	if errors.Is(err, proposal.ErrNone) {
		p.Console.Engine.ErrorPage(w, r, http.StatusNotFound, "route.not_found", "")
		return
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	held, err := p.Register.Candidate(r.Context(), each.Document)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	who := held.Reference.Person
	data := onePage{
		ID: each.ID, Name: who.GivenName + " " + who.FamilyName(), Number: each.Number, Now: held.State, Ends: each.Ends(),
		Decided: each.Decided, Why: each.Why,
		Decides: each.Standing(p.Now()) == proposal.Open && signed.Member.May(staff.Approve) && each.Proposer != signed.Member.Person,
	}
	if data.line, err = p.line(r.Context(), each); err == nil {
		data.Decider, err = p.Console.MemberName(r.Context(), each.Decider)
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	data.line.Document = each.Document.Reveal() // who decides has to know about whom
	why := page.Field{Name: "why", Label: "proposals.one.why"}
	for _, w := range proposal.Whys() {
		why.Options = append(why.Options, page.Option{Value: string(w), Label: "proposals.why." + string(w)})
	}
	data.Form = page.Form{Fields: []page.Field{why}, Errors: problems}
	around := page.From(r.Context()) // an answer to a form is shown again by GET here
	around.Here = OnePath + each.ID
	r = r.WithContext(page.With(r.Context(), around))
	p.show(w, r, status, p.one, func(h console.Head) any { data.Head = h; return data })
}

func (p *Pages) approve(w http.ResponseWriter, r *http.Request) {
	_, err := p.Desk.Approve(r.Context(), staff.From(r.Context()), mux.Vars(r)["proposal"])
	p.decided(w, r, err)
}

func (p *Pages) reject(w http.ResponseWriter, r *http.Request) {
	_, err := p.Desk.Reject(r.Context(), staff.From(r.Context()), mux.Vars(r)["proposal"], proposal.Why(r.PostFormValue("why")))
	if errors.Is(err, proposal.ErrReason) {
		p.renderOne(w, r, http.StatusUnprocessableEntity, page.Errors{{Field: "why", Key: "proposals.one.why.error"}})
		return
	}
	p.decided(w, r, err)
}

// decided leads back to the proposal, or says why nothing was decided.
func (p *Pages) decided(w http.ResponseWriter, r *http.Request, err error) {
	problem := func(key string) { p.renderOne(w, r, http.StatusConflict, page.Errors{{Key: key}}) }
	switch {
	case err == nil:
		route.SeeOther(w, OnePath+mux.Vars(r)["proposal"])
	case errors.Is(err, proposal.ErrNone):
		p.Console.Engine.ErrorPage(w, r, http.StatusNotFound, "route.not_found", "")
	case errors.Is(err, proposal.ErrDecided):
		problem("proposals.one.late")
	case errors.Is(err, proposal.ErrOwn), errors.Is(err, registrar.ErrOwnRecord), errors.Is(err, proposal.ErrRight):
		problem("proposals.one.own")
	case errors.Is(err, registrar.ErrState), errors.Is(err, registrar.ErrRevoked), errors.Is(err, registrar.ErrDeceased):
		problem("proposals.one.state")
	default:
		p.fail(w, r, err)
	}
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, t *page.Template, data func(console.Head) any) {
	head, err := p.Console.Head(r, Path)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.Console.Engine.Render(w, r, status, t, data(head))
}

func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	p.Console.Engine.Failed(w, r, p.Log, "page of the proposals failed", err)
}
