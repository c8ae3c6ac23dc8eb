package notify

import "github.com/prometheus/client_golang/prometheus"

// Metrics counts what the deliverer does.
type Metrics struct {
	settled *prometheus.CounterVec
	delay   *prometheus.HistogramVec
	expired prometheus.Counter
	batch   prometheus.Histogram
}

// NewMetrics makes the collectors and registers them; with a nil registerer
// they count unseen.
func NewMetrics(registerer prometheus.Registerer) *Metrics {
	m := &Metrics{
		settled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clave_notify_settled_total",
			Help: "Outcomes of hand-overs to carriers, by kind, purpose and state (waiting = to be tried again).",
		}, []string{"kind", "purpose", "state"}),
		delay: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "clave_notify_handover_seconds",
			Help:    "Time from the sending of a message to its hand-over.",
			Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300},
		}, []string{"kind"}),
		expired: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "clave_notify_expired_total",
			Help: "Messages that nobody handed over before they expired.",
		}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "clave_notify_batch_messages",
			Help:    "Messages a flight, which is handed to a carrier at once.",
			Buckets: []float64{1, 2, 5, 10, 20, 50, 100, 200},
		}),
	}
	if registerer != nil {
		registerer.MustRegister(m.settled, m.delay, m.expired, m.batch)
	}
	return m
}

func (m *Metrics) record(row Row, s Settlement) {
	m.settled.WithLabelValues(string(row.Lane.Kind), row.Purpose, string(s.State)).Inc()
	switch s.State {
	case HandedOver:
		m.delay.WithLabelValues(string(row.Lane.Kind)).Observe(max(0, s.At.Sub(row.CreatedAt)).Seconds())
	case Expired:
		m.expired.Inc()
	}
}

func (m *Metrics) flown(n int) { m.batch.Observe(float64(n)) }

func (m *Metrics) swept(expired int64) { m.expired.Add(float64(expired)) }
