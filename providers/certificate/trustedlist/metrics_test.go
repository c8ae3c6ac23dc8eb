package trustedlist_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"clave/providers/certificate/trustedlist"
	fake "clave/test/fakes/trustedlist"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func TestWhatOperatorsWatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n, registry := w.node(), prometheus.NewRegistry()
	n.Metrics = trustedlist.NewMetrics(registry)
	n.Look(t.Context())
	w.host.Behave(fake.Changed)
	for range 2 {
		w.clock.Pass(2 * n.Refresh)
		n.Look(t.Context())
	}
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		"clave_trusted_list_authorities 1", `clave_trusted_list_failures_total{cause="refused"} 2`, "clave_trusted_list_sequence 7",
		"clave_trusted_list_next_update_timestamp_seconds 1.", "clave_trusted_list_fetched_timestamp_seconds 1.",
	} {
		if !strings.Contains(answer.Body.String(), "\n"+want) {
			t.Errorf("missing %s in\n%s", want, answer.Body.String())
		}
	}
}
