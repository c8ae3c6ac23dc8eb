package console

import (
	"errors"
	"net/http"
	"strings"

	"clave/census/staff"
	"clave/web/page"
	"clave/web/route"
)

type enterData struct {
	Enter string // where the form is sent
	To    string // where to go on; empty for the first page
	Hint  string // of the sandbox
	// Name is who is at work in this browser; empty for nobody.
	Name string
	// Over: a session was open, and is no longer.
	Over     bool
	Training bool
	Minutes  int // that a session lasts unused
}

// showEnter says what the console is, and has the button that signs in. It is a page
// and no redirect, so that nobody is sent to choose a certificate unasked.
func (c *Console) showEnter(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	data := enterData{
		Enter: c.Enter, Over: q.Get("over") != "", Training: c.Training, Hint: q.Get("login_hint"), Minutes: int(staff.Idle.Minutes()),
	}
	if to := q.Get("to"); within(to) {
		data.To = to
	}
	r = outside(r)
	signed, err := c.Door.Admit(r.Context(), c.Cookie.Token(r))
	switch {
	case err == nil:
		data.Name = signed.Member.Name
		r = r.WithContext(c.around(r, signed))
	case !errors.Is(err, staff.ErrNoSession):
		c.fail(w, r, err)
		return
	}
	c.Engine.Render(w, r, http.StatusOK, c.enter, data)
}

// outside takes the citizen who is logged in in this browser out of the frame: this
// page is not about them.
func outside(r *http.Request) *http.Request {
	return r.WithContext(page.With(r.Context(), page.Around{}))
}

// noticeData is a page that says one thing and leads on.
type noticeData struct {
	Key string // of the texts .title and .text
}

func (c *Console) showStranger(w http.ResponseWriter, r *http.Request) {
	c.Engine.Render(w, outside(r), http.StatusForbidden, c.notice, noticeData{Key: "console.stranger"})
}

func (c *Console) showLeft(w http.ResponseWriter, r *http.Request) {
	c.Engine.Render(w, outside(r), http.StatusOK, c.notice, noticeData{Key: "console.left"})
}

type homeData struct{ Head }

// showHome leads on to the first section of the member's role.
func (c *Console) showHome(w http.ResponseWriter, r *http.Request) {
	head, err := c.Head(r, HomePath)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	if len(head.Menu) > 0 {
		route.SeeOther(w, head.Menu[0].Path)
		return
	}
	c.Engine.Render(w, r, http.StatusOK, c.home, homeData{head})
}

type officeData struct {
	page.Form
	Head
	To      string
	Offices []place
}

// place is an office to choose.
type place struct {
	Code, Name, Where string
	Chosen            bool
}

// showOffice lets a member of several offices say where they are.
func (c *Console) showOffice(w http.ResponseWriter, r *http.Request) {
	c.renderOffice(w, r, http.StatusOK, r.URL.Query().Get("to"), nil)
}

func (c *Console) renderOffice(w http.ResponseWriter, r *http.Request, status int, to string, problems page.Errors) {
	signed := staff.From(r.Context())
	if len(signed.Member.Offices) == 0 {
		route.SeeOther(w, HomePath)
		return
	}
	data := officeData{Form: page.Form{Errors: problems, Fields: []page.Field{{Name: "office"}}}}
	if within(to) {
		data.To = to
	}
	for _, code := range signed.Member.Offices {
		at := place{Code: code, Name: code, Chosen: code == signed.Session.Office}
		o, known, err := c.Offices.Office(r.Context(), code)
		if err != nil {
			c.fail(w, r, err)
			return
		}
		if known {
			at.Name, at.Where = o.Name, strings.TrimSpace(o.Address+", "+o.PostalCode+" "+o.City)
		}
		data.Offices = append(data.Offices, at)
	}
	data.Fields[0].Options = []page.Option{{Value: data.Offices[0].Code}} // the error's link leads there
	c.show(w, r, status, c.office, officePath, func(h Head) any { data.Head = h; return data })
}

func (c *Console) chooseOffice(w http.ResponseWriter, r *http.Request) {
	to := r.PostFormValue("to")
	err := c.Door.Choose(r.Context(), staff.From(r.Context()), r.PostFormValue("office"))
	switch {
	case staff.Denial(err) != nil:
		c.renderOffice(w, r, http.StatusUnprocessableEntity, to, page.Errors{{Field: "office", Key: "console.office.error"}})
	case err != nil:
		c.fail(w, r, err)
	case within(to):
		route.SeeOther(w, to)
	default:
		route.SeeOther(w, HomePath)
	}
}
