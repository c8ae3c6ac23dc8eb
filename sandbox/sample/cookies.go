package sample

import (
	"net/http"
)

// setCookie keeps a value in the browser for this service. The cookie is Lax: it does not
// come with the forms that Cl@ve posts, so these only bring an answer, and the browser
// fetches it by GET. A real service adds Secure, which needs https.
func (s site) setCookie(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: s.Path, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (s site) dropCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{Name: name, Path: s.Path, MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// cookie is a value that was kept; empty without one.
func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// Names of cookies; each service has its own by its path.
const (
	cookieLogin   = "login"   // who is logged in
	cookieBrowser = "browser" // which asked
)
