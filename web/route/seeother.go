package route

import "net/http"

// SeeOther sends the browser on to a local path, or an address that the caller has
// checked. Unlike http.Redirect it takes the address as it is and writes no page
// around it: browsers show none.
// Source: RFC 9110 section 15.4.4.
func SeeOther(w http.ResponseWriter, address string) {
	w.Header()["Location"] = []string{address}
	w.WriteHeader(http.StatusSeeOther)
}
