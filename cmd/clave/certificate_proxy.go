package main

import (
	"net"
	"net/http"
	"time"

	"clave/conf"
	"clave/providers/certificate"
	"clave/providers/certificate/proxied"
)

// maxProxiedHeaderBytes holds a certificate and its chain, in base64, at their largest.
const maxProxiedHeaderBytes = 80 << 10

// gate lets in the proxies that the settings name; nil where this node does the TLS.
func (s *service) gate(p conf.CertificateProxy) (*proxied.Gate, error) {
	if !p.Used() {
		return nil, nil
	}
	secrets, err := p.Secrets()
	if err != nil {
		return nil, err
	}
	return proxied.NewGate(proxied.Options{Networks: p.Networks, Secrets: secrets, Log: s.log, Now: time.Now}), nil
}

// open is the listener with TLS, or without where a proxy does it.
func (c *certificates) open() net.Listener {
	if c.Gate != nil {
		return c.Listener
	}
	return certificate.Listen(c.Listener, c.Server, c.Highest)
}

// guarded is the server of the certificates' host, shut to all but the proxies where
// they do the TLS. Citizens keep the proxy waiting then, and not us, while they look
// for the PIN of a card.
func (c *certificates) guarded(handler http.Handler) *http.Server {
	if c.Gate == nil {
		server := newServer(handler)
		server.ReadHeaderTimeout, server.ReadTimeout, server.WriteTimeout = choosingTimeout, choosingTimeout, choosingTimeout
		return server
	}
	server := newServer(c.Gate.Admit(handler))
	server.MaxHeaderBytes = maxProxiedHeaderBytes
	return server
}
