package trustedlist

import "github.com/prometheus/client_golang/prometheus"

// Metrics are what operators watch of the list.
type Metrics struct {
	sequence, next, fetched, trusted prometheus.Gauge
	failures                         *prometheus.CounterVec
}

// NewMetrics makes the counters; registerer may be nil.
func NewMetrics(registerer prometheus.Registerer) *Metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "clave_trusted_list_" + name, Help: help})
	}
	m := &Metrics{
		sequence: gauge("sequence", "Number of the trusted list in use; 0 for none."),
		next:     gauge("next_update_timestamp_seconds", "When there must be a newer trusted list."),
		fetched:  gauge("fetched_timestamp_seconds", "When its host last said that this is the trusted list."),
		trusted:  gauge("authorities", "Certificates of authorities that are trusted because of the list."),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clave_trusted_list_failures_total", Help: "Trusted lists that were not taken, by cause: unreachable, refused or older.",
		}, []string{"cause"}),
	}
	if registerer != nil {
		registerer.MustRegister(m.sequence, m.next, m.fetched, m.trusted, m.failures)
	}
	return m
}
