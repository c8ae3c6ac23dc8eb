package main

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"clave/providers/certificate/proxied"
)

// behindProxy is the certificates' host of an installation whose proxy does the TLS.
func behindProxy(t *testing.T) (*http.Server, *certificates) {
	t.Helper()
	in := product(t, false)
	in.Certificates.Gate = proxied.NewGate(proxied.Options{
		Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.5/32")}, Secrets: [][]byte{[]byte(strings.Repeat("x", 32))},
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	server, err := in.serveCertificates()
	if err != nil {
		t.Fatal(err)
	}
	return server, in.Certificates
}

// Every address is behind the gate, those that do not exist included.
func TestTheCertificatesHostIsShutToAllButItsProxy(t *testing.T) {
	t.Parallel()
	server, _ := behindProxy(t)
	for from, secrets := range map[string]map[string]int{
		"10.0.0.5:1":  {strings.Repeat("x", 32): http.StatusSeeOther, strings.Repeat("y", 32): http.StatusForbidden},
		"10.0.0.6:1":  {strings.Repeat("x", 32): http.StatusForbidden},
		"127.0.0.1:1": {strings.Repeat("x", 32): http.StatusForbidden},
	} {
		for secret, want := range secrets {
			r := httptest.NewRequest(http.MethodGet, "http://certificado.clave.example/forged", nil)
			r.RemoteAddr = from
			r.Header.Set(proxied.SecretHeader, secret)
			answer := httptest.NewRecorder()
			server.Handler.ServeHTTP(answer, r)
			if answer.Code != want {
				t.Errorf("%s: got status %d, want %d", from, answer.Code, want)
			}
		}
	}
}

// Nobody types a PIN while the node waits for a proxy, and what a proxy sends fits.
func TestAProxyNeedsNoPatienceAndMoreRoom(t *testing.T) {
	t.Parallel()
	server, c := behindProxy(t)
	if server.ReadHeaderTimeout != readHeaderTimeout || server.MaxHeaderBytes <= maxHeaderBytes {
		t.Errorf("got %v and %d bytes", server.ReadHeaderTimeout, server.MaxHeaderBytes)
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if c.Listener = plain; c.open() != plain {
		t.Error("the node does TLS itself behind the proxy")
	}
	if c.Gate = nil; c.open() == plain {
		t.Error("the node does no TLS, and no proxy either")
	}
}
