package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"clave/census/staff"
	"clave/identity"
	"clave/web/page"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// membersShown is how many people a page of the list shows.
const membersShown = 50

type membersData struct {
	Head
	Members        []memberLine
	Former         []memberLine
	Done           string // key of what was just done; empty otherwise
	From, To, Of   int
	Previous, Next string // addresses; empty for none
}

// memberLine is a member in the list. Nobody changes their own membership: This has
// no link.
type memberLine struct {
	staff.Member
	Path string
	This bool
}

func pathOf(person identity.PersonID) string { return membersPath + "/" + string(person) }

// OfficeCodes are the offices in one line.
func (l memberLine) OfficeCodes() string { return strings.Join(l.Offices, ", ") }

// done are what the list can say was just done. Anything else in an address is ignored.
var done = map[string]string{"added": "console.members.added", "changed": "console.members.changed", "removed": "console.members.removed"}

func (c *Console) showMembers(w http.ResponseWriter, r *http.Request) {
	all, err := c.Members.Members(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	data := membersData{Done: done[r.URL.Query().Get("done")]}
	self, now := staff.From(r.Context()).Member.Person, c.Now()
	slices.SortStableFunc(all, func(a, b staff.Member) int { return compareMembers(a, b, now) })
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	for _, m := range data.turnTo(number, all) {
		line := memberLine{Member: m, Path: pathOf(m.Person) + "/change", This: m.Person == self}
		if m.Serving(now) {
			data.Members = append(data.Members, line)
		} else {
			data.Former = append(data.Former, line)
		}
	}
	c.show(w, r, http.StatusOK, c.members, membersPath, func(h Head) any { data.Head = h; return data })
}

// compareMembers orders the list: who serves before who did, each by name.
func compareMembers(a, b staff.Member, now time.Time) int {
	switch serves := a.Serving(now); {
	case serves == b.Serving(now):
		return strings.Compare(a.Name, b.Name)
	case serves:
		return -1
	default:
		return 1
	}
}

// turnTo gives the people of a page, from 1; a number that is none is the nearest.
func (d *membersData) turnTo(number int, all []staff.Member) []staff.Member {
	last := max(1, (len(all)+membersShown-1)/membersShown)
	number = max(1, min(number, last))
	begin := (number - 1) * membersShown
	end := min(len(all), begin+membersShown)
	d.From, d.To, d.Of = min(begin+1, end), end, len(all)
	if number > 1 {
		d.Previous = membersPath + "?page=" + strconv.Itoa(number-1)
	}
	if number < last {
		d.Next = membersPath + "?page=" + strconv.Itoa(number+1)
	}
	return all[begin:end]
}

type addData struct {
	page.Form
	Head
}

// posting is what the forms about a member say.
type posting struct {
	document, role, offices string
}

func postingOf(r *http.Request) posting {
	return posting{r.PostFormValue("document"), r.PostFormValue("role"), r.PostFormValue("offices")}
}

// fields are the questions about a member; without the document when they are one.
func (p posting) fields() []page.Field {
	role := page.Field{Name: "role", Label: "console.member.role", Value: p.role}
	for _, r := range staff.Roles() {
		key := "console.role." + string(r)
		role.Options = append(role.Options, page.Option{Value: string(r), Label: key, Hint: key + ".hint"})
	}
	return []page.Field{
		{Name: "document", Label: "console.member.document", Value: p.document, MaxLength: 20, Size: 12},
		role,
		{Name: "offices", Label: "console.member.offices", Hint: "console.member.offices.hint", Value: p.offices, MaxLength: 1000},
	}
}

// read gives role and offices, or what is wrong with them.
func (c *Console) read(r *http.Request, p posting) (staff.Role, []string, page.Errors, error) {
	var problems page.Errors
	role, err := staff.ParseRole(p.role)
	if err != nil {
		problems.Add("role", "console.member.role.error")
	}
	var offices []string
	for _, code := range strings.FieldsFunc(p.offices, func(c rune) bool { return c == ',' || c == ';' || c <= ' ' }) {
		_, known, err := c.Offices.Office(r.Context(), code)
		if err != nil {
			return "", nil, nil, err
		}
		if !known {
			problems.Add("offices", "console.member.offices.unknown", "code", code)
		}
		if !slices.Contains(offices, code) {
			offices = append(offices, code)
		}
	}
	if role.AtOffice() && len(offices) == 0 {
		problems.Add("offices", "console.member.offices.empty")
	}
	return role, offices, problems, nil
}

// denials are how the forms say why the staff do not change. ErrRight and ErrRole
// cannot come from a page's own form, and ErrOffice was asked before.
var denials = []struct {
	err        error
	field, key string
}{
	{staff.ErrUnknown, "document", "console.member.document.unknown"},
	{staff.ErrBarred, "document", "console.member.document.barred"},
	{staff.ErrMember, "document", "console.member.document.member"},
	{staff.ErrSelf, "document", "console.member.self"},
	{staff.ErrNotMember, "", "console.member.gone"},
	{staff.ErrLastAdministrator, "role", "console.member.last"},
}

// problemOf is the denial that err is; false for an error of ours.
func problemOf(err error) (page.Errors, bool) {
	for _, d := range denials {
		if errors.Is(err, d.err) {
			return page.Errors{{Field: d.field, Key: d.key}}, true
		}
	}
	return nil, false
}

func (c *Console) showAdd(w http.ResponseWriter, r *http.Request) {
	c.renderAdd(w, r, http.StatusOK, posting{}, nil)
}

func (c *Console) renderAdd(w http.ResponseWriter, r *http.Request, status int, p posting, problems page.Errors) {
	c.show(w, r, status, c.add, membersPath, func(h Head) any {
		return addData{page.Form{Fields: p.fields(), Errors: problems}, h}
	})
}

func (c *Console) addMember(w http.ResponseWriter, r *http.Request) {
	p := postingOf(r)
	role, offices, problems, err := c.read(r, p)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	document, err := identity.ParseDocument(p.document)
	if err != nil {
		problems = slices.Insert(problems, 0, page.Error{Field: "document", Key: "console.member.document.error"})
	}
	if len(problems) == 0 {
		_, err := c.Roster.Add(r.Context(), c.by(r), document, role, offices)
		var denied bool
		if problems, denied = problemOf(err); err != nil && !denied {
			c.fail(w, r, err)
			return
		}
	}
	if len(problems) > 0 {
		c.renderAdd(w, r, http.StatusUnprocessableEntity, p, problems)
		return
	}
	route.SeeOther(w, membersPath+"?done=added")
}

func (c *Console) by(r *http.Request) staff.By {
	return staff.By{Member: staff.From(r.Context()).Member}
}

type changeData struct {
	page.Form
	Head
	Name   string
	Since  time.Time
	Path   string
	Remove string
}

func (c *Console) showChange(w http.ResponseWriter, r *http.Request) {
	c.renderChange(w, r, http.StatusOK, nil, nil)
}

// renderChange shows the form with what is typed, or without it with what is.
func (c *Console) renderChange(w http.ResponseWriter, r *http.Request, status int, p *posting, problems page.Errors) {
	person := identity.PersonID(mux.Vars(r)["person"])
	m, err := c.Members.Member(r.Context(), person)
	if errors.Is(err, staff.ErrNotMember) {
		c.Engine.ErrorPage(w, r, http.StatusNotFound, "route.not_found", "")
		return
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	if p == nil {
		p = &posting{role: string(m.Role), offices: strings.Join(m.Offices, ", ")}
	}
	around := page.From(r.Context())
	around.Here = pathOf(person) + "/change" // what removing answers has no address of its own
	r = r.WithContext(page.With(r.Context(), around))
	c.show(w, r, status, c.change, membersPath, func(h Head) any {
		return changeData{
			page.Form{Fields: p.fields()[1:], Errors: problems}, h, m.Name, m.Since,
			pathOf(person) + "/change", pathOf(person) + "/remove",
		}
	})
}

func (c *Console) changeMember(w http.ResponseWriter, r *http.Request) {
	p := postingOf(r)
	role, offices, problems, err := c.read(r, p)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	if len(problems) > 0 {
		c.renderChange(w, r, http.StatusUnprocessableEntity, &p, problems)
		return
	}
	err = c.Roster.Change(r.Context(), c.by(r), identity.PersonID(mux.Vars(r)["person"]), role, offices)
	c.changed(w, r, err, &p, "changed")
}

func (c *Console) removeMember(w http.ResponseWriter, r *http.Request) {
	err := c.Roster.Remove(r.Context(), c.by(r), identity.PersonID(mux.Vars(r)["person"]))
	c.changed(w, r, err, nil, "removed")
}

// changed goes back to the list, or says why nothing changed.
func (c *Console) changed(w http.ResponseWriter, r *http.Request, err error, p *posting, what string) {
	problems, denied := problemOf(err)
	switch {
	case denied:
		c.renderChange(w, r, http.StatusConflict, p, problems)
	case err != nil:
		c.fail(w, r, err)
	default:
		route.SeeOther(w, membersPath+"?done="+what)
	}
}
