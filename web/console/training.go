package console

import (
	"net/http"

	"clave/census/staff"
	"clave/web/route"
)

// Apart serves the same addresses to who works and to who practises: practice are the
// routes in the same order on a register of invented citizens, or nil where there is
// none. What is practised never reaches the routes of work.
func (c *Console) Apart(work, practice []route.Route) []route.Route {
	routes := make([]route.Route, len(work))
	for i, r := range work {
		routes[i] = r
		practised := func(w http.ResponseWriter, r *http.Request) {
			c.Engine.ErrorPage(w, r, http.StatusForbidden, "console.no_training", "")
		}
		if practice != nil {
			practised = practice[i].Handler
		}
		routes[i].Handler = func(w http.ResponseWriter, req *http.Request) {
			if staff.From(req.Context()).Session.Training {
				practised(w, req)
				return
			}
			r.Handler(w, req)
		}
	}
	return routes
}
