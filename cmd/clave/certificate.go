package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"clave/broker"
	"clave/conf"
	"clave/internal/throttle"
	"clave/providers/certificate"
	profiles "clave/providers/certificate/profile"
	"clave/providers/certificate/proxied"
	"clave/providers/certificate/revocation"
	"clave/providers/certificate/trust"
	"clave/store"
	"clave/web/route"
)

// certificates are the settings of the method certificate.
type certificates struct {
	Host     string       // origin; https://*.… gives each attempt a fresh name
	Listener net.Listener // without TLS
	Server   func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// Gate lets in the proxies that do the TLS; nil where this node does it.
	Gate    *proxied.Gate
	Highest uint16 // version of TLS
	Trust   certificate.Trust
	// Live is Trust where it follows files and the List; nil where it does not change.
	Live            *trust.Live
	List            conf.TrustedList // without an address for none
	Table           profiles.Table
	Revocation      revocation.Options
	Employees       bool
	AcceptUnchecked bool
}

// choosingTimeout is how long a handshake on the certificates' host may take: some
// browsers keep it waiting while their citizen chooses a certificate and types the
// card's PIN. A server bounds handshakes by the least of its timeouts. Our choice:
// below the lifetime of a handle, and long enough to look for the PIN.
const choosingTimeout = 4 * time.Minute

// addCertificate builds the method, where it is wanted.
func (in *installation) addCertificate(jar broker.CookieJar) *store.Presentations {
	presentations := store.NewPresentations(in.db, in.keys.Columns())
	c := in.Certificates
	if c == nil {
		return presentations
	}
	in.certificate = certificate.New(certificate.Config{
		Broker: in.broker, Ways: in.broker, Persons: in.persons, Trust: c.Trust, Table: c.Table,
		Revocation: revocation.New(c.Revocation), Presentations: presentations, Trail: in.trail, Sealer: in.keys.Cookies(),
		Jar: jar, Pages: in.engine, Issuer: in.Issuer, Host: c.Host, Log: in.Log, Now: in.Now,
		Employees: c.admitsEmployees, AcceptUnchecked: c.AcceptUnchecked,
	})
	in.routes = append(in.routes, in.certificate.Routes()...)
	return presentations
}

// serveCertificates is the server of the host of the certificates.
func (in *installation) serveCertificates() (*http.Server, error) {
	router := mux.NewRouter()
	limiter := throttle.NewLimiter[netip.Prefix](in.Rate, maxClients, in.Now)
	err := route.Mount(router, in.Metrics.Timed(in.certificate.HostRoutes()), route.Guards{
		Throttle: throttle.Middleware(in.Clients, limiter, in.busy), Fail: in.engine.ErrorPage, Log: in.Log, Secure: !in.Sandbox,
	})
	if err != nil {
		return nil, fmt.Errorf("mounting the certificates' host: %w", err)
	}
	server := in.Certificates.guarded(in.certificate.Only(store.ScopeRequests(in.addressed(router))))
	server.SetKeepAlivesEnabled(false) // each request shows its certificate on a connection of its own
	return server, nil
}

// beside opens the port after the given one on the same address, or any other one
// when it is taken, and tells it.
func beside(address string) (net.Listener, string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, "", fmt.Errorf("reading the sandbox's address: %w", err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, "", fmt.Errorf("reading the sandbox's port: %w", err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(number+1)))
	if err != nil {
		if listener, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
			return nil, "", fmt.Errorf("listening for certificates: %w", err)
		}
	}
	_, port, err = net.SplitHostPort(listener.Addr().String())
	return listener, port, err
}
