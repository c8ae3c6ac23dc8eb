package console

import (
	"context"
	"errors"
	"net/http"

	"clave/census/staff"
	"clave/identity"
	"clave/web/page"
)

// Head is what stands above the content of each page of the console: page data embed
// it, and templates draw it by {{template "console" .}}.
type Head struct {
	// Here is the path of the section that is shown.
	Here string
	// Menu are the sections that the member's role has the right to.
	Menu []Section
	Role staff.Role
	// Office is the name of the office where the member acts; empty for roles that
	// work at none. Choice: there are others to choose from.
	Office   string
	Choice   bool
	Training bool
	// Messages are what would have been sent last, in training.
	Messages []Message
}

// Head makes the head of a page in the section that begins at the path.
func (c *Console) Head(r *http.Request, here string) (Head, error) {
	signed := staff.From(r.Context())
	h := Head{Here: here, Role: signed.Member.Role, Training: signed.Session.Training, Choice: len(signed.Member.Offices) > 1 && here != officePath}
	if h.Training {
		h.Messages = c.practised(r)
	}
	for _, s := range c.sections() {
		if signed.Member.May(s.Act) {
			h.Menu = append(h.Menu, s)
		}
	}
	if code := signed.Session.Office; code != "" {
		name, err := c.OfficeName(r.Context(), code)
		if err != nil {
			return Head{}, err
		}
		h.Office = name
	}
	return h, nil
}

// sections are those of the packages below, then the console's own.
func (c *Console) sections() []Section {
	return append(c.Sections[:len(c.Sections):len(c.Sections)], Section{Path: membersPath, Text: "console.menu.members", Act: staff.Manage})
}

// OfficeName is what an office is called; its code when the directory does not name it.
func (c *Console) OfficeName(ctx context.Context, code string) (string, error) {
	o, known, err := c.Offices.Office(ctx, code)
	if err != nil || !known {
		return code, err
	}
	return o.Name, nil
}

// MemberName is what a member of the staff is called, who may be one no longer; the id
// of who never was one, and nothing for nobody.
func (c *Console) MemberName(ctx context.Context, person identity.PersonID) (string, error) {
	if person == "" {
		return "", nil
	}
	m, err := c.Members.Member(ctx, person)
	if errors.Is(err, staff.ErrNotMember) {
		return string(person), nil
	}
	return m.Name, err
}

// around puts who is at work, and when that ends, into the frame of a page. Whoever is
// logged in as a citizen in the same browser is not shown.
func (c *Console) around(r *http.Request, signed *staff.Signed) context.Context {
	return page.With(r.Context(), page.Around{
		Account: signed.Member.Name, Own: HomePath, LogOut: leavePath,
		SessionEnds: signed.Session.Deadline(), Stay: stayPath,
	})
}

// show renders a page of the console with its head.
func (c *Console) show(w http.ResponseWriter, r *http.Request, status int, t *page.Template, here string, data func(Head) any) {
	head, err := c.Head(r, here)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.Engine.Render(w, r, status, t, data(head))
}
