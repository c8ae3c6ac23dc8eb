// Package metrics counts what operators watch, for Prometheus. Labels are
// closed lists and internal ids: no personal data, few series.
package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"clave/broker"
	"clave/identity"
)

// Logins counts what happens to logins. It implements broker.Meter.
type Logins struct {
	opened   *prometheus.CounterVec
	finished *prometheus.CounterVec
	refused  *prometheus.CounterVec
}

// NewLogins makes the counters and registers them.
func NewLogins(registerer prometheus.Registerer) *Logins {
	l := &Logins{
		opened: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clave_logins_opened_total", Help: "Logins that relying parties opened.",
		}, []string{"relying_party"}),
		finished: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clave_logins_finished_total", Help: "Logins answered with who it is, by method and level proven.",
		}, []string{"relying_party", "method", "level"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clave_logins_refused_total", Help: "Logins answered with an error, by reason.",
		}, []string{"relying_party", "reason"}),
	}
	registerer.MustRegister(l.opened, l.finished, l.refused)
	return l
}

// LoginOpened implements broker.Meter.
func (l *Logins) LoginOpened(relyingParty string) { l.opened.WithLabelValues(relyingParty).Inc() }

// LoginFinished implements broker.Meter.
func (l *Logins) LoginFinished(relyingParty string, method identity.Method, level identity.Level) {
	l.finished.WithLabelValues(relyingParty, string(method), level.String()).Inc()
}

// LoginRefused implements broker.Meter.
func (l *Logins) LoginRefused(relyingParty string, reason broker.Reason) {
	l.refused.WithLabelValues(relyingParty, string(reason)).Inc()
}
