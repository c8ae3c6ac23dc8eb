// Package console is where officers work: the way in, the guard in front of its
// pages, the menu that they share, and the pages about the staff themselves. What is
// done at a desk are packages of their own below this one.
//
//	/staff ──► login by certificate ──► /staff/home ──► the first section of the role
//	                                        ▲
//	          Guard: session and right ─────┘  no session: /staff, and back to the page
//
// A package below it makes its pages with Parse and shows them with a Head in their
// data: that draws the menu, who is at work and where, and the mark of the training.
package console

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"time"

	"clave/census/office"
	"clave/census/staff"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"
)

//go:embed templates
var templates embed.FS

// Addresses of the console.
const (
	// Path is the page where signing in begins; all others are below it.
	Path = "/staff"
	// HomePath leads on to what the member's role is for.
	HomePath = Path + "/home"
	// StrangerPath is for who proved who they are and is no member.
	StrangerPath = Path + "/stranger"

	officePath  = Path + "/office"
	leavePath   = Path + "/leave"
	leftPath    = Path + "/left"
	stayPath    = Path + "/stay"
	membersPath = Path + "/members"
	addPath     = Path + "/members/add"
	memberPath  = Path + "/members/{person}"
)

// Door admits who has a session.
type Door interface {
	Admit(ctx context.Context, token string) (*staff.Signed, error)
	Refuse(ctx context.Context, signed *staff.Signed, act staff.Act) error
	Choose(ctx context.Context, signed *staff.Signed, office string) error
	Stay(ctx context.Context, signed *staff.Signed) error
	Leave(ctx context.Context, token, why string) error
}

// Roster changes who belongs to the staff.
type Roster interface {
	Add(ctx context.Context, by staff.By, document identity.DocumentID, role staff.Role, offices []string) (staff.Member, error)
	Change(ctx context.Context, by staff.By, person identity.PersonID, role staff.Role, offices []string) error
	Remove(ctx context.Context, by staff.By, person identity.PersonID) error
}

// Members reads who belongs to the staff.
type Members interface {
	Member(ctx context.Context, person identity.PersonID) (staff.Member, error)
	Members(ctx context.Context) ([]staff.Member, error)
}

// Section is a line of the menu, for those whose role has the right to its act.
type Section struct {
	Path string
	Text string // key of a text
	Act  staff.Act
}

// Config is what the console needs. Every field is required, except Sections and
// Training.
type Config struct {
	Engine  *page.Engine
	Door    Door
	Cookie  Cookie
	Roster  Roster
	Members Members
	Offices *office.Directory
	// Enter is where the sign-in form is sent.
	Enter string
	// Sections are those of the packages below, in the menu's order.
	Sections []Section
	// Training offers to practise on synthetic citizens.
	Training bool
	Log      *slog.Logger
	Now      func() time.Time
}

// Console is the console.
type Console struct {
	Config
	enter, notice, office, home, members, add, change *page.Template
}

// New makes the console. It panics when a template is broken, which is a mistake of
// ours.
func New(c Config) *Console {
	console := &Console{Config: c}
	parse := func(name string) *page.Template { return console.Parse(templates, "templates/"+name+".html") }
	console.enter, console.notice = parse("enter"), parse("notice")
	console.office, console.home = parse("office"), parse("home")
	console.members, console.add, console.change = parse("members"), parse("member_add"), parse("member_change")
	return console
}

// Routes serve the console's own pages.
func (c *Console) Routes() []route.Route {
	get := func(path string, access route.Access, handler http.HandlerFunc) route.Route {
		return route.Route{Method: http.MethodGet, Path: path, Access: access, Handler: handler}
	}
	post := func(path string, access route.Access, handler http.HandlerFunc) route.Route {
		return route.Route{Method: http.MethodPost, Path: path, Access: access, Handler: handler}
	}
	enter, manage := route.Officer(staff.Enter), route.Officer(staff.Manage)
	routes := []route.Route{
		get(Path, route.Public, c.showEnter),
		get(StrangerPath, route.Public, c.showStranger),
		get(leftPath, route.Public, c.showLeft),
		post(leavePath, route.Public, c.leave),
		get(HomePath, enter, c.showHome),
		post(stayPath, enter, c.stay),
		get(officePath, enter, c.showOffice),
		post(officePath, enter, c.chooseOffice),
	}
	return append(routes, c.Apart([]route.Route{
		get(membersPath, manage, c.showMembers),
		get(addPath, manage, c.showAdd),
		post(addPath, manage, c.addMember),
		get(memberPath+"/change", manage, c.showChange),
		post(memberPath+"/change", manage, c.changeMember),
		post(memberPath+"/remove", manage, c.removeMember),
	}, nil)...) // there is one staff, and nobody practises on it
}

// fail shows an error of ours to a person and logs it once.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, err error) {
	c.Engine.Failed(w, r, c.Log, "console page failed", err)
}
