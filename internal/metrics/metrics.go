// Package metrics counts what operators watch, for Prometheus. Nothing in it
// names a citizen: labels are ids of relying parties, closed lists, and the
// patterns of routes, never the addresses that were asked for.
package metrics

import (
	"net/http"

	"clave/broker"
	"clave/identity"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the counters of one node. It implements broker.Meter.
type Metrics struct {
	registry                  *prometheus.Registry
	opened, finished, refused *prometheus.CounterVec
	seconds                   *prometheus.HistogramVec
	throttled                 prometheus.Counter
}

// New makes the counters; version is the build's.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		opened: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clave_logins_opened_total", Help: "Logins that relying parties asked for.",
		}, []string{"relying_party"}),
		finished: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clave_logins_finished_total", Help: "Logins that said who the citizen is, by method and level reached.",
		}, []string{"relying_party", "method", "level"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clave_logins_refused_total", Help: "Logins that ended without saying who the citizen is, by reason.",
		}, []string{"relying_party", "reason"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clave_http_request_seconds", Help: "Time to answer, by pattern of the route, method and class of the status.",
			Buckets: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5},
		}, []string{"route", "method", "status"}),
		throttled: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "clave_http_throttled_total", Help: "Requests refused because their client address asked too often.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "clave_build_info", Help: "Always 1; the label says which build runs.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.opened, m.finished, m.refused, m.seconds, m.throttled, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Registerer takes the collectors of other packages.
func (m *Metrics) Registerer() prometheus.Registerer { return m.registry }

// Handler answers with everything, in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// LoginOpened implements broker.Meter.
func (m *Metrics) LoginOpened(relyingParty string) { m.opened.WithLabelValues(relyingParty).Inc() }

// LoginFinished implements broker.Meter.
func (m *Metrics) LoginFinished(relyingParty string, method identity.Method, level identity.Level) {
	m.finished.WithLabelValues(relyingParty, string(method), level.String()).Inc()
}

// LoginRefused implements broker.Meter.
func (m *Metrics) LoginRefused(relyingParty string, reason broker.Reason) {
	m.refused.WithLabelValues(relyingParty, string(reason)).Inc()
}

// Throttled counts a request that was refused because its client asked too
// often.
func (m *Metrics) Throttled() { m.throttled.Inc() }
