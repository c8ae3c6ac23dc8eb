package password

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what happens in a queue.
type Metrics struct {
	waited  prometheus.Histogram
	refused *prometheus.CounterVec
}

// NewMetrics makes the collectors and registers them; with a nil registerer they count
// unseen.
func NewMetrics(registerer prometheus.Registerer) *Metrics {
	m := &Metrics{
		waited: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "clave_passwords_waited_seconds",
			Help:    "Time in line of the passwords that were hashed.",
			Buckets: []float64{0.001, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5},
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clave_passwords_refused_total",
			Help: "Passwords that were not hashed, by why: the line was full, it moved too slowly, or who asked had gone.",
		}, []string{"why"}),
	}
	if registerer != nil {
		registerer.MustRegister(m.waited, m.refused)
	}
	return m
}

// The reasons of a refusal.
const (
	full = "full"
	slow = "slow"
	gone = "gone"
)

func (m *Metrics) hashed(waited time.Duration) { m.waited.Observe(waited.Seconds()) }

func (m *Metrics) turnedAway(why string) { m.refused.WithLabelValues(why).Inc() }
