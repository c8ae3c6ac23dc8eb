package page

import "net/http"

// WayBack leads to the service whose login waits for the citizen. The zero value is
// none. Pages embed it.
type WayBack struct {
	Service string
	// Waiting is the local path of the login.
	Waiting string
}

// WayBackOf is the way back of the request's citizen, if a login waits.
func WayBackOf(r *http.Request) WayBack {
	around := from(r.Context())
	if around.Waiting == "" {
		return WayBack{}
	}
	return WayBack{around.Service, around.Waiting}
}
