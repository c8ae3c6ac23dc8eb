package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Timeouts and limits of the server. Our choice: a page is answered in
// milliseconds, and a phone on a bad line needs a few seconds to ask.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	// maxHeaderBytes holds the sealed requests of four open logins and more.
	maxHeaderBytes = 32 << 10
)

func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		// What it would say of broken connections names their addresses.
		ErrorLog: stdlog.New(io.Discard, "", 0),
	}
}

// serve answers on the listener and runs the jobs until ctx ends. Then it says
// that it is leaving, lets the requests under way finish, after them the jobs,
// and after those what the jobs need.
func (in *installation) serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	settle()
	lasting := context.WithoutCancel(ctx)
	stopLinks := inOrder(lasting, in.links)
	stopJobs := background(lasting, in.jobs...)
	server, failed := newServer(handler), make(chan error, 3)
	if in.movil != nil {
		server.RegisterOnShutdown(in.movil.Drain)
	}
	go func() { failed <- server.Serve(listener) }()
	servers := []*http.Server{server}
	if in.certificate != nil {
		second, err := in.serveCertificates()
		if err != nil {
			return err
		}
		go func() { failed <- second.Serve(in.Certificates.open()) }()
		servers = append(servers, second)
	}
	operations := newServer(in.watched())
	if in.Operations != nil {
		go func() { failed <- operations.Serve(in.Operations) }()
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = in.leave(lasting, servers, failed)
	}
	stopJobs()
	stopLinks()
	// Operators can watch until the end.
	for _, s := range append(servers, operations) {
		err = errors.Join(err, s.Close())
	}
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}

// leave takes requests for a while yet, so that whoever spreads them can notice,
// and then lets those under way finish.
func (in *installation) leave(ctx context.Context, servers []*http.Server, failed <-chan error) error {
	in.leaving.Store(true)
	in.Log.Info("stopping", "drain_delay", in.DrainDelay.String())
	drained := time.NewTimer(in.DrainDelay)
	defer drained.Stop()
	select {
	case err := <-failed:
		return err
	case <-drained.C:
	}
	ctx, cancel := context.WithTimeout(ctx, in.StopTimeout)
	defer cancel()
	var err error
	for _, s := range servers {
		err = errors.Join(err, s.Shutdown(ctx))
	}
	if errors.Is(err, context.DeadlineExceeded) {
		in.Log.Warn("requests were cut off", "stop_timeout", in.StopTimeout.String())
		return nil
	}
	return err
}

// background starts the jobs; the function that it returns ends them and waits.
func background(ctx context.Context, jobs ...func(ctx context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	for _, job := range jobs {
		running.Go(func() { job(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

// inOrder starts the jobs; the function that it returns ends one after the other.
func inOrder(ctx context.Context, jobs []func(ctx context.Context)) (stop func()) {
	var stops []func()
	for _, job := range jobs {
		stops = append(stops, background(ctx, job))
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}
