package route

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// DefaultBodyLimit is how many bytes a request body may have when the route says
// nothing else. Our choice: the largest form we show stays far below it, and so
// do signed protocol messages.
const DefaultBodyLimit = 64 << 10

// Route is one address of the product.
type Route struct {
	// Method is the HTTP method; a GET route answers HEAD too.
	Method string
	// Path is a gorilla/mux path such as /login/{id}; mux.Vars(r) has the names.
	// A path without names wins over one with names.
	Path string
	// Access says who may call; the zero value is refused by Mount.
	Access Access
	// Handler answers. A body of type application/x-www-form-urlencoded is parsed
	// already (r.PostForm), except for RelyingParty and Operator routes, whose
	// errors are not pages.
	Handler http.HandlerFunc
	// BodyLimit is the largest request body in bytes; 0 is DefaultBodyLimit.
	BodyLimit int64
	// Cache is the Cache-Control header of the answer; empty is "no-store".
	// A handler may still set its own.
	Cache string
}

// List writes the table as text, one "METHOD PATH ACCESS" a line, sorted by
// path: the golden file that shows every URL of the product.
func List(routes []Route) string {
	lines := make([]string, 0, len(routes))
	for _, rt := range sorted(routes) {
		lines = append(lines, fmt.Sprintf("%-7s %-48s %s", rt.Method, rt.Path, rt.Access))
	}
	return strings.Join(lines, "\n") + "\n"
}

func sorted(routes []Route) []Route {
	routes = slices.Clone(routes)
	slices.SortStableFunc(routes, func(a, b Route) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(a.Method, b.Method)
	})
	return routes
}
