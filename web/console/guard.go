package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"clave/census/staff"
	"clave/web/page"
	"clave/web/route"
)

// Guard lets a member pass whose role has the right to the act, and who has chosen an
// office where that matters. It is route.Guards.Officer, and panics for an act that
// does not exist, which is a mistake of ours and shows at start.
func (c *Console) Guard(name string) route.Middleware {
	act := staff.Act(name)
	if !slices.Contains(staff.Acts(), act) {
		panic(fmt.Sprintf("console: a route is for the act %q, which does not exist", name))
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			signed, err := c.Door.Admit(r.Context(), c.Cookie.Token(r))
			if errors.Is(err, staff.ErrNoSession) {
				c.lead(w, r)
				return
			}
			if err != nil {
				c.fail(w, r, err)
				return
			}
			r = r.WithContext(staff.With(c.around(r, signed), signed))
			if !signed.Member.May(act) {
				c.forbid(w, r, signed, act)
				return
			}
			if act.AtOffice() && signed.Session.Office == "" {
				route.SeeOther(w, officePath+"?"+url.Values{"to": {back(r)}}.Encode())
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// lead shows who has no session where signing in begins, and why when there was one.
func (c *Console) lead(w http.ResponseWriter, r *http.Request) {
	query := url.Values{"to": {back(r)}}
	if c.Cookie.Token(r) != "" {
		c.Cookie.Drop(w)
		query.Set("over", "1")
	}
	route.SeeOther(w, Path+"?"+query.Encode())
}

// back is the page to come back to: what a form brought is gone, and so its member
// begins anew.
func back(r *http.Request) string {
	if r.Method != http.MethodGet {
		return HomePath
	}
	if r.URL.RawQuery == "" {
		return r.URL.EscapedPath()
	}
	return r.URL.EscapedPath() + "?" + r.URL.RawQuery
}

// forbid says that the role does not allow this, and notes who tried.
func (c *Console) forbid(w http.ResponseWriter, r *http.Request, signed *staff.Signed, act staff.Act) {
	if err := c.Door.Refuse(r.Context(), signed, act); err != nil {
		c.fail(w, r, err)
		return
	}
	c.Log.WarnContext(r.Context(), "act refused at the console", "officer", signed.Member.Person, "role", signed.Member.Role, "act", act)
	c.Engine.ErrorPage(w, r, http.StatusForbidden, "console.forbidden", "")
}

// stay keeps the session open because the member asked for it.
func (c *Console) stay(w http.ResponseWriter, r *http.Request) {
	signed := staff.From(r.Context())
	if err := c.Door.Stay(r.Context(), signed); err != nil {
		c.fail(w, r, err)
		return
	}
	c.Engine.Extended(w, r, signed.Session.Deadline())
}

// leave ends the session of this browser, if it has one.
func (c *Console) leave(w http.ResponseWriter, r *http.Request) {
	if err := c.Door.Leave(r.Context(), c.Cookie.Token(r), "left"); err != nil {
		c.fail(w, r, err)
		return
	}
	c.Cookie.Drop(w)
	route.SeeOther(w, leftPath)
}

// within tells whether a path is one of the console's pages behind the guard.
func within(path string) bool {
	return page.LocalPath(path) && len(path) > len(Path) && path[:len(Path)+1] == Path+"/"
}
