package metrics

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"clave/web/route"

	"github.com/prometheus/client_golang/prometheus"
)

// classes of status codes, by their first digit.
var classes = [...]string{"other", "1xx", "2xx", "3xx", "4xx", "5xx"}

// Timed returns the routes with handlers that are timed. Each series is looked
// up once.
func (m *Metrics) Timed(routes []route.Route) []route.Route {
	routes = slices.Clone(routes)
	for i, rt := range routes {
		var observers [len(classes)]func() prometheus.Observer
		for class, name := range classes {
			observers[class] = sync.OnceValue(func() prometheus.Observer {
				return m.seconds.WithLabelValues(rt.Path, rt.Method, name)
			})
		}
		next := rt.Handler
		routes[i].Handler = func(w http.ResponseWriter, r *http.Request) {
			answer := statusWriter{ResponseWriter: w, status: http.StatusOK}
			start := time.Now() // a duration, not a time of the product: the monotonic clock
			defer func() { observers[classOf(answer.status)]().Observe(time.Since(start).Seconds()) }()
			next(&answer, r)
		}
	}
	return routes
}

func classOf(status int) int {
	if class := status / 100; class > 0 && class < len(classes) {
		return class
	}
	return 0
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
