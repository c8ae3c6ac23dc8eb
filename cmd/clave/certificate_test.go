package main

import (
	"net"
	"testing"
	"time"

	"clave/providers/certificate"
)

// A citizen who looks for the card's PIN is not cut off in the handshake, nor so late
// that the handle is over.
func TestThereIsTimeToTypeThePINOfACard(t *testing.T) {
	t.Parallel()
	server, err := product(t, false).serveCertificates()
	if err != nil {
		t.Fatal(err)
	}
	handshake := min(server.ReadHeaderTimeout, server.ReadTimeout, server.WriteTimeout)
	if handshake < 2*time.Minute || handshake >= certificate.HandleLifetime {
		t.Errorf("a handshake may take %v", handshake)
	}
}

func TestTheCertificatesPortIsTheNextOneOrAnother(t *testing.T) {
	t.Parallel()
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	address := first.Addr().String()
	ports := map[string]bool{}
	for range 2 { // the second finds the next one taken
		listener, port, err := beside(address)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		if ports[port] {
			t.Errorf("port %s twice", port)
		}
		ports[port] = true
	}
}
