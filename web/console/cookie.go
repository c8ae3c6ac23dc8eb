package console

import (
	"net/http"

	"clave/broker"
)

// sessionCookie holds the token of a session at the console. It is another one than
// that of citizens' sessions: neither opens what the other does.
const sessionCookie = "clave_staff"

// Cookie is where a browser carries its session at the console: until it is closed.
type Cookie struct{ Jar broker.CookieJar }

// Token is the token that the browser shows, or empty.
func (c Cookie) Token(r *http.Request) string { return c.Jar.Get(r, sessionCookie) }

// Keep gives the browser a token.
func (c Cookie) Keep(w http.ResponseWriter, token string) { c.Jar.Set(w, sessionCookie, token, 0) }

// Drop takes it away.
func (c Cookie) Drop(w http.ResponseWriter) { c.Jar.Drop(w, sessionCookie) }
