package broker

import (
	"net/http"
	"strings"
	"time"

	"clave/web/route"
)

// CookieJar names and sets our cookies. It is the one place that decides about
// prefix and flags: __Host- and Secure everywhere but in the sandbox, which
// speaks http on loopback.
type CookieJar struct{ Secure bool }

const hostPrefix = "__Host-"

func (j CookieJar) full(name string) string {
	if j.Secure {
		return hostPrefix + name
	}
	return name
}

// Set stores a value for maxAge; 0 keeps it until the browser closes.
func (j CookieJar) Set(w http.ResponseWriter, name, value string, maxAge time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: j.full(name), Value: value, Path: "/", MaxAge: int(maxAge / time.Second),
		Secure: j.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Get reads a value, or "" when there is none.
func (j CookieJar) Get(r *http.Request, name string) string { return route.Cookie(r, j.full(name)) }

// Drop removes the cookie from the browser.
func (j CookieJar) Drop(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{
		Name: j.full(name), Path: "/", MaxAge: -1,
		Secure: j.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Named lists the cookies whose name begins with the prefix: name without the
// prefix, and value.
func (j CookieJar) Named(r *http.Request, prefix string) map[string]string {
	found := map[string]string{}
	for _, c := range r.Cookies() {
		if rest, ok := strings.CutPrefix(c.Name, j.full(prefix)); ok {
			found[rest] = c.Value
		}
	}
	return found
}

// MakeRoom drops the oldest cookies whose name begins with the prefix, so that fewer than
// most are left beside the one to set. Other sites can have a browser open one after the
// other, and with more of them than a request's headers may have nobody would get in.
func (j CookieJar) MakeRoom(w http.ResponseWriter, r *http.Request, prefix, toSet string, most int, at func(name, value string) time.Time) {
	open := j.Named(r, prefix)
	delete(open, toSet)
	for len(open) >= most {
		oldest, since := "", time.Time{}
		for name, value := range open {
			if made := at(name, value); oldest == "" || made.Before(since) {
				oldest, since = name, made
			}
		}
		j.Drop(w, prefix+oldest)
		delete(open, oldest)
	}
}
