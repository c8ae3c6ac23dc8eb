// Package tlsproxy is a proxy that does the TLS in front of the certificates' host, as
// docs/operations.md wants it: it asks for a certificate and checks nothing of it but
// the key, resumes no sessions, keeps no connections, replaces what browsers write into
// the headers of RFC 9440, and shows a secret.
package tlsproxy

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// Options of Start.
type Options struct {
	// Listen is where browsers connect to, Target the node behind; both address and
	// port.
	Listen, Target string
	// From is the address that it connects from.
	From   net.IP
	Secret string
	Server tls.Certificate
}

// Proxy is a running one.
type Proxy struct{ server *http.Server }

// Start starts one.
func Start(o Options) (*Proxy, error) {
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: o.From}}
	quiet := log.New(io.Discard, "", 0)
	p := &Proxy{&http.Server{
		ReadHeaderTimeout: time.Minute, ErrorLog: quiet,
		Handler: &httputil.ReverseProxy{
			ErrorLog: quiet,
			Rewrite:  func(r *httputil.ProxyRequest) { rewrite(r, o) },
			Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			}},
		},
	}}
	p.server.SetKeepAlivesEnabled(false)
	mutual := tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{o.Server}, ClientAuth: tls.RequestClientCert, SessionTicketsDisabled: true,
		MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	})
	go func() { _ = p.server.Serve(mutual) }() // until it is closed
	return p, nil
}

// Close ends it.
func (p *Proxy) Close() error { return p.server.Close() }

func rewrite(r *httputil.ProxyRequest, o Options) {
	r.SetURL(&url.URL{Scheme: "http", Host: o.Target})
	r.Out.Host = r.In.Host
	r.Out.Header.Del("X-Forwarded-For")
	r.SetXForwarded()
	for _, name := range []string{"Client-Cert", "Client-Cert-Chain", "Clave-Proxy-Secret"} {
		r.Out.Header.Del(name)
	}
	r.Out.Header.Set("Clave-Proxy-Secret", o.Secret)
	var fields []string
	for _, c := range r.In.TLS.PeerCertificates {
		fields = append(fields, Field(c.Raw))
	}
	if len(fields) > 0 {
		r.Out.Header.Set("Client-Cert", fields[0])
	}
	if len(fields) > 1 {
		r.Out.Header.Set("Client-Cert-Chain", strings.Join(fields[1:], ", "))
	}
}

// Field is a certificate as it stands in the headers. Source: RFC 9440, section 2.1.
func Field(der []byte) string { return ":" + base64.StdEncoding.EncodeToString(der) + ":" }
