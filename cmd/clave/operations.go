package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"clave/internal/metrics"
	"clave/keys"
	"clave/web/route"
)

// checkTimeout bounds a readiness check. Our choice: below the shortest usual
// timeout of a load balancer.
const checkTimeout = 2 * time.Second

// operations are the addresses for operators and their machines.
func (in *installation) operations() []route.Route {
	get := func(path string, h http.HandlerFunc) route.Route {
		return route.Route{Method: http.MethodGet, Path: path, Access: route.Operator, Handler: h}
	}
	return []route.Route{
		get("/healthz", alive),
		get("/readyz", in.ready),
		get("/metrics", in.Metrics.Handler().ServeHTTP),
	}
}

// watched answers on the listener for operations. Whoever reaches it may ask: it
// names nobody.
func (in *installation) watched() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range in.operations() {
		mux.HandleFunc(rt.Method+" "+rt.Path, rt.Handler)
	}
	return mux
}

// alive says that the process answers; what it depends on is readiness' matter,
// or a database that is away would make all nodes restart.
func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // a client that left needs no answer
}

// ready says whether this node should get requests, and what is missing.
func (in *installation) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	checks := map[string]string{"process": "ok", "database": "ok", "migrations": "ok", "keys": "ok"}
	ready := true
	fail := func(check, text string) { checks[check], ready = text, false }
	if in.leaving.Load() {
		fail("process", "leaving")
	}
	// Error texts are for the log, not for whoever reaches this port.
	if err := in.db.Ping(ctx); err != nil {
		fail("database", "does not answer")
		fail("migrations", "unknown")
	} else if err := in.db.Current(ctx); err != nil {
		fail("migrations", "missing")
	}
	if _, err := in.keys.OIDC().Active(keys.ES256); err != nil {
		fail("keys", "missing")
	}
	status := http.StatusOK
	if !ready {
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct { // a client that left needs no answer
		Ready  bool              `json:"ready"`
		Checks map[string]string `json:"checks"`
	}{ready, checks})
}

// standing is what the metrics read from the database.
func (in *installation) standing(ctx context.Context) (metrics.Standing, error) {
	backlog, err := in.db.Backlog(ctx)
	if err != nil {
		return metrics.Standing{}, err
	}
	pool := in.db.Pool()
	return metrics.Standing{
		Messages: backlog.Messages, OldestMessage: backlog.OldestMessage, OldestUnsealed: backlog.OldestUnsealed,
		ConnectionsInUse: pool.InUse, ConnectionsIdle: pool.Idle, Limit: pool.Most, Waited: pool.Waited,
	}, nil
}
