package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Standing is what waits and what is in use, read when somebody asks. A zero
// time means that nothing waits.
type Standing struct {
	Messages                                 int64
	OldestMessage, OldestUnsealed            time.Time
	ConnectionsInUse, ConnectionsIdle, Limit int
	Waited                                   int64
}

// readTimeout bounds what a scrape may cost. Our choice: half of the shortest
// usual scrape timeout.
const readTimeout = 5 * time.Second

// Watch adds what read tells to every scrape. When it fails its series are
// absent, and clave_watch_up is 0.
func (m *Metrics) Watch(read func(context.Context) (Standing, error), now func() time.Time) {
	m.registry.MustRegister(&watcher{read: read, now: now})
}

type watcher struct {
	read func(context.Context) (Standing, error)
	now  func() time.Time
}

func describe(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }

var (
	descUp       = describe("clave_watch_up", "1 when the database answered this scrape.")
	descMessages = describe("clave_outbox_waiting", "Messages that wait for a carrier, on all nodes.")
	descMessage  = describe("clave_outbox_oldest_seconds", "Age of the oldest message that waits; 0 when none does.")
	descUnsealed = describe("clave_audit_unsealed_seconds", "Age of the oldest audit event that is not in the chain yet; 0 when all are.")
	descInUse    = describe("clave_database_connections_in_use", "Connections of this node that are working.")
	descIdle     = describe("clave_database_connections_idle", "Connections of this node that are open and idle.")
	descLimit    = describe("clave_database_connections_limit", "Connections that this node may open.")
	descWaited   = describe("clave_database_waits_total", "How often somebody had to wait for a connection.")
)

// Describe implements prometheus.Collector.
func (w *watcher) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descUp, descMessages, descMessage, descUnsealed, descInUse, descIdle, descLimit, descWaited} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (w *watcher) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	s, err := w.read(ctx)
	gauge := func(d *prometheus.Desc, value float64) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	if err != nil {
		gauge(descUp, 0)
		return
	}
	gauge(descUp, 1)
	gauge(descMessages, float64(s.Messages))
	gauge(descMessage, w.age(s.OldestMessage))
	gauge(descUnsealed, w.age(s.OldestUnsealed))
	gauge(descInUse, float64(s.ConnectionsInUse))
	gauge(descIdle, float64(s.ConnectionsIdle))
	gauge(descLimit, float64(s.Limit))
	to <- prometheus.MustNewConstMetric(descWaited, prometheus.CounterValue, float64(s.Waited))
}

func (w *watcher) age(since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(0, w.now().Sub(since).Seconds())
}
