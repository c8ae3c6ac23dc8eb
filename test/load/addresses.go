package main

import (
	"context"
	"net"
	"net/http"
)

// addresses are connections from so many addresses of this machine, so that limits for
// one address are not what a run measures.
type addresses struct{ each []*http.Transport }

// newAddresses takes n addresses of the network 127.x.0.0/16; n is at most 65,000.
func newAddresses(network byte, n int) *addresses {
	a := &addresses{}
	for i := range n {
		from := net.IPv4(127, network, byte(i/250), byte(1+i%250))
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
		a.each = append(a.each, &http.Transport{
			MaxIdleConnsPerHost: 64, DisableCompression: true,
			DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
				return dialer.DialContext(ctx, "tcp4", address)
			},
		})
	}
	return a
}

// at is one of them, by number.
func (a *addresses) at(i int) *http.Transport { return a.each[i%len(a.each)] }

func (a *addresses) close() {
	for _, t := range a.each {
		t.CloseIdleConnections()
	}
}
