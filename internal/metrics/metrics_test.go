package metrics

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/web/route"
)

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("got status %d", w.Code)
	}
	return w.Body.String()
}

func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("missing %s", line)
		}
	}
}

func TestWhatIsCounted(t *testing.T) {
	t.Parallel()
	m := New("1.2.3")
	m.LoginOpened("demo-town")
	m.LoginOpened("demo-town")
	m.LoginFinished("demo-town", identity.PIN, identity.Substantial)
	m.LoginRefused("demo-town", broker.TooManyTries)
	m.Throttled()
	has(t, scrape(t, m),
		`clave_logins_opened_total{relying_party="demo-town"} 2`,
		`clave_logins_finished_total{level="substantial",method="pin",relying_party="demo-town"} 1`,
		`clave_logins_refused_total{reason="too_many_tries",relying_party="demo-town"} 1`,
		`clave_http_throttled_total 1`,
		`clave_build_info{version="1.2.3"} 1`,
	)
}

func TestRequestsAreCountedByPatternAndNeverByAddress(t *testing.T) {
	t.Parallel()
	m := New("test")
	routes := m.Timed([]route.Route{
		{Method: http.MethodGet, Path: "/login/{id}", Handler: func(w http.ResponseWriter, r *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		}},
		{Method: http.MethodPost, Path: "/login/{id}", Handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusSeeOther) }},
		{Method: http.MethodGet, Path: "/panic", Handler: func(http.ResponseWriter, *http.Request) { panic("no") }},
	})
	for _, rt := range routes {
		func() {
			defer func() { _ = recover() }() // the guards of the product would
			rt.Handler(httptest.NewRecorder(), httptest.NewRequest(rt.Method, "/login/SECRETID?code=abc", nil))
		}()
	}
	text := scrape(t, m)
	has(t, text,
		`clave_http_request_seconds_count{method="GET",route="/login/{id}",status="2xx"} 1`,
		`clave_http_request_seconds_count{method="POST",route="/login/{id}",status="3xx"} 1`,
		`clave_http_request_seconds_count{method="GET",route="/panic",status="2xx"} 1`,
	)
	if strings.Contains(text, "SECRETID") || strings.Contains(text, "abc") {
		t.Error("an address is in the metrics")
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	m := New("test")
	var broken error
	m.Watch(func(context.Context) (Standing, error) {
		return Standing{Messages: 7, OldestMessage: now.Add(-90 * time.Second), ConnectionsInUse: 3, Limit: 16, Waited: 5}, broken
	}, func() time.Time { return now })
	has(t, scrape(t, m), "clave_watch_up 1", "clave_outbox_waiting 7", "clave_outbox_oldest_seconds 90", "clave_audit_unsealed_seconds 0",
		"clave_database_connections_in_use 3", "clave_database_connections_limit 16", "clave_database_waits_total 5")
	broken = errors.New("away")
	text := scrape(t, m)
	has(t, text, "clave_watch_up 0")
	if strings.Contains(text, "clave_outbox_waiting ") {
		t.Error("a number is told that nobody read")
	}
}

func BenchmarkTimed(b *testing.B) {
	m := New("test")
	handler := m.Timed([]route.Route{{Method: http.MethodGet, Path: "/x", Handler: func(http.ResponseWriter, *http.Request) {}}})[0].Handler
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/x", nil)
	b.ReportAllocs()
	for b.Loop() {
		handler(w, r)
	}
}
