package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"clave/internal/metrics"
	"clave/keys"
	"clave/store/storetest"
)

// bare is an installation with nothing but a database, keys and metrics.
func bare(t *testing.T) *installation {
	t.Helper()
	in := &installation{settings: settings{
		Metrics: metrics.New("test"), StopTimeout: time.Minute, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}}
	in.db = storetest.Open(t, storetest.SQLiteURL(t))
	master, err := keys.NewMaster([]byte("thirty-two bytes of a test's key"))
	if err != nil {
		t.Fatal(err)
	}
	if in.keys, err = keys.Open(t.Context(), in.db.Keys(), master, in.Now); err != nil {
		t.Fatal(err)
	}
	in.Metrics.Watch(in.standing, in.Now)
	return in
}

func loopback(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func TestARequestUnderWayIsFinishedBeforeTheNodeStops(t *testing.T) {
	t.Parallel()
	in, listener := bare(t), loopback(t)
	var order []string // written by one goroutine after the other
	in.jobs = []func(context.Context){func(ctx context.Context) { <-ctx.Done(); order = append(order, "job") }}
	in.links = []func(context.Context){
		func(ctx context.Context) { <-ctx.Done(); order = append(order, "carrier") },
		func(ctx context.Context) { <-ctx.Done(); order = append(order, "receipts") },
	}
	arrived, goOn := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-goOn
		order = append(order, "answer")
		_, _ = io.WriteString(w, "done")
	})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- in.serve(ctx, listener, handler) }()
	answered := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			answered <- err.Error()
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			answered <- err.Error()
			return
		}
		answered <- string(body)
	}()
	<-arrived
	stop()
	// The order to stop has arrived when new connections are refused.
	for {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	select {
	case err := <-stopped:
		t.Fatalf("it stopped with a request under way: %v", err)
	default:
	}
	close(goOn)
	if got := <-answered; got != "done" {
		t.Errorf("got %q", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if got := strings.Join(order, ", "); got != "answer, job, carrier, receipts" {
		t.Errorf("got %s", got)
	}
}

func TestANodeThatLeavesSaysSoWhileItStillAnswers(t *testing.T) {
	t.Parallel()
	in, listener := bare(t), loopback(t)
	in.DrainDelay = time.Hour // the test does not wait for its end
	in.Operations = loopback(t)
	ctx, stop := context.WithCancel(t.Context())
	go func() { _ = in.serve(ctx, listener, http.NotFoundHandler()) }() // it ends with the test's process
	status := func(address string) int {
		response, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode
	}
	operations := "http://" + in.Operations.Addr().String()
	if got := status(operations + "/readyz"); got != http.StatusOK {
		t.Fatalf("got %d", got)
	}
	stop()
	for status(operations+"/readyz") == http.StatusOK { // until the order has arrived
	}
	if got := status("http://" + listener.Addr().String()); got != http.StatusNotFound {
		t.Errorf("requests are refused while it drains: got %d", got)
	}
	if got := status(operations + "/healthz"); got != http.StatusOK {
		t.Errorf("got %d", got)
	}
}

func TestReadinessNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	in := bare(t)
	ask := func(path string) (int, string) {
		w := httptest.NewRecorder()
		in.watched().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	if code, body := ask("/readyz"); code != http.StatusOK || !strings.Contains(body, `"ready":true`) {
		t.Errorf("got %d, %s", code, body)
	}
	if _, body := ask("/metrics"); !strings.Contains(body, "clave_watch_up 1\n") {
		t.Error("the metrics do not watch the database")
	}
	in.db.Close()
	code, body := ask("/readyz")
	if code != http.StatusServiceUnavailable || !strings.Contains(body, `"database":"does not answer"`) || strings.Contains(body, "sql") {
		t.Errorf("got %d, %s", code, body)
	}
	if code, _ := ask("/healthz"); code != http.StatusOK {
		t.Errorf("got %d: a restart does not bring the database back", code)
	}
}
