package oidc

import (
	"net/http"
	"strings"
)

// Cross-origin calls. Nothing here allows credentials: browsers then send no
// cookie, and there is nothing that a foreign page could borrow.
// Source: Fetch standard, sections 3.2 and 3.3.

// corsMaxAge is how many seconds a browser may keep the answer to a preflight.
const corsMaxAge = "600"

// forAnyOrigin opens public documents to every page.
func (f *Front) forAnyOrigin(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		r.Form, r.PostForm = map[string][]string{}, map[string][]string{} // a query says nothing here
		next.ServeHTTP(w, r)
	}
}

func preflightAny(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Allow-Methods", "GET")
	w.Header().Set("Access-Control-Max-Age", corsMaxAge)
	w.WriteHeader(http.StatusNoContent)
}

// forRegisteredOrigins lets pages of registered origins read the answers.
func (f *Front) forRegisteredOrigins(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if f.allowOrigin(w, r) {
			w.Header().Set("Access-Control-Expose-Headers", "WWW-Authenticate")
		}
		next(w, r)
	}
}

// preflight answers whether a page may call at all.
func (f *Front) preflight(w http.ResponseWriter, r *http.Request) {
	if f.allowOrigin(w, r) {
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
		w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		w.Header().Set("Access-Control-Max-Age", corsMaxAge)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (f *Front) allowOrigin(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !f.clients.knowsOrigin(origin) {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	return true
}

// knowsOrigin tells whether a client is registered with the origin, exactly.
func (c *clients) knowsOrigin(origin string) bool {
	r := c.now()
	return r.origins[origin] || r.loopback && isLoopback(origin) && strings.Count(origin, "/") == 2 && !strings.Contains(origin, "?")
}
