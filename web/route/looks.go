package route

import (
	"net/http"
	"strings"
)

// OnlyLooks tells whether a request may not change anything, for GETs that otherwise do:
// a browser that fetches ahead of the citizen, for whom nobody has clicked yet, or one
// that asks for headers. It is answered then, so that the browser asks again when the
// citizen really comes.
// Source: Speculation Rules and Fetch (W3C, WHATWG), Sec-Purpose; Purpose was its name.
func OnlyLooks(w http.ResponseWriter, r *http.Request) bool {
	looks := r.Method == http.MethodHead || strings.Contains(r.Header.Get("Sec-Purpose")+r.Header.Get("Purpose"), "prefetch")
	if looks {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	return looks
}
