package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// renewEvery is how often the files of the certificate are looked at. Our
// choice: renewals happen weeks before the end.
const renewEvery = time.Minute

// renewed is a certificate that follows its files.
type renewed struct {
	certificate, key string
	log              *slog.Logger
	now              func() time.Time

	mu      sync.Mutex
	pair    *tls.Certificate
	written time.Time // when the files were changed last
	looked  time.Time
}

// newRenewed reads the files.
func newRenewed(certificate, key string, log *slog.Logger, now func() time.Time) (*renewed, error) {
	r := &renewed{certificate: certificate, key: key, log: log, now: now}
	if err := r.read(); err != nil {
		return nil, err
	}
	return r, nil
}

// get is for tls.Config.GetCertificate. A certificate that cannot be read, or
// whose key is not there yet, leaves the old one in use.
func (r *renewed) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now().Sub(r.looked) >= renewEvery {
		if err := r.read(); err != nil {
			r.log.Error("the certificate was not renewed", "error", err.Error())
		}
	}
	return r.pair, nil
}

func (r *renewed) read() error {
	r.looked = r.now()
	written, err := newest(r.certificate, r.key)
	if err != nil {
		return fmt.Errorf("looking at the certificate: %w", err)
	}
	if r.pair != nil && written.Equal(r.written) {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(r.certificate, r.key)
	if err != nil {
		return fmt.Errorf("reading the certificate: %w", err)
	}
	r.pair, r.written = &pair, written
	return nil
}

func newest(names ...string) (newest time.Time, err error) {
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return time.Time{}, err
		}
		if info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest, nil
}
