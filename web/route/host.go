package route

import (
	"net/http"
	"strings"
)

// Hosts hands each request to the handler of its Host header, compared without
// case and exactly, port included as browsers send it. Any other host gets 421:
// a page of another site that points its name at our address (DNS rebinding)
// reaches nothing.
// Source: RFC 9110 section 15.5.20.
func Hosts(byHost map[string]http.Handler) http.Handler {
	known := make(map[string]http.Handler, len(byHost))
	for host, handler := range byHost {
		known[strings.ToLower(host)] = handler
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, found := known[r.Host]
		if !found {
			handler, found = known[strings.ToLower(r.Host)]
		}
		if !found {
			http.Error(w, "This address is not served here.", http.StatusMisdirectedRequest)
			return
		}
		handler.ServeHTTP(w, r)
	})
}
