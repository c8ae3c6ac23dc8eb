package logout

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// cookieName begins the name of the cookie that binds a logout to its browser. The id
// alone, which travels through the services that are told, opens no page: they would
// learn from it which other services the citizen uses.
const cookieName = "clave_logout_"

// bind gives the browser the proof that a logout is its own.
func (l *Logouts) bind(w http.ResponseWriter, id ID) {
	proof := l.Cookies.Seal(nil, "logout", string(id))
	l.Jar.Set(w, cookieName+string(id), base64.RawURLEncoding.EncodeToString(proof), Lifetime)
}

// bound tells whether a logout is this browser's own.
func (l *Logouts) bound(r *http.Request, id ID) bool {
	proof, err := base64.RawURLEncoding.DecodeString(l.Jar.Get(r, cookieName+string(id)))
	if err != nil || len(proof) == 0 {
		return false
	}
	_, err = l.Cookies.Open(proof, "logout", string(id))
	return err == nil
}

// onlyLooks tells whether a request may not change anything: a browser that fetches
// ahead of the citizen, for whom nobody has clicked yet, or one that asks for headers.
// Source: Speculation Rules and Fetch (W3C, WHATWG), Sec-Purpose; Purpose was its name.
func onlyLooks(r *http.Request) bool {
	return r.Method == http.MethodHead || strings.Contains(r.Header.Get("Sec-Purpose")+r.Header.Get("Purpose"), "prefetch")
}

// refuseLook answers so that the browser asks again when the citizen really comes.
func refuseLook(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }
