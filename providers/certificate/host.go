package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"clave/providers/certificate/proxied"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// HostRoutes are the addresses on the host of the certificates: one, for handles.
func (p *Provider) HostRoutes() []route.Route {
	return []route.Route{{Method: http.MethodGet, Path: "/{handle}", Access: route.Peer, Handler: p.present}}
}

// present looks at the certificate and sends the browser back. Every answer is a
// redirect to our pages: a page here would have no language, no login and no frame.
func (p *Provider) present(w http.ResponseWriter, r *http.Request) {
	// The next request makes a connection of its own, so that the browser asks, or
	// at least shows, the certificate again.
	w.Header().Set("Connection", "close")
	login, ticket, err := p.Present(r.Context(), mux.Vars(r)["handle"], shownIn(r))
	to := "/login/" + string(login)
	switch {
	case errors.Is(err, errForged):
		to = "/login/unknown" // a page that says so
	case errors.Is(err, errLate):
		to += "/certificate"
	case errors.Is(err, ErrHandleUsed):
		// Reload or back button: the dispatcher knows how it goes on.
	case err != nil:
		p.fail(w, r, err)
		return
	default:
		to += "/certificate/back?ticket=" + url.QueryEscape(ticket)
	}
	route.SeeOther(w, p.Issuer+to)
}

// shownIn are the certificates of a request: of its own connection where this node
// does the TLS, and headers mean nothing; else those that a proxy handed on, if
// there was a gate that let it in.
func shownIn(r *http.Request) []*x509.Certificate {
	if r.TLS != nil {
		return r.TLS.PeerCertificates
	}
	return proxied.Shown(r.Context())
}

// Serves tells whether a request's host is the one of the certificates, or one of
// its fresh names: exactly one label before the rest.
func (p *Provider) Serves(host string) bool {
	own := strings.TrimPrefix(p.Host, "https://")
	rest, fresh := strings.CutPrefix(own, "*.")
	if !fresh {
		return strings.EqualFold(host, own)
	}
	label, domain, _ := strings.Cut(host, ".")
	return label != "" && strings.EqualFold(domain, rest)
}

// Only answers for the host of the certificates, and 421 for every other.
// Source: RFC 9110, section 15.5.20.
func (p *Provider) Only(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.Serves(r.Host) {
			w.Header().Set("Connection", "close")
			http.Error(w, "This address is not served here.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Listen turns a listener into the one of the certificates' host.
//
// A client's certificate is asked for and never demanded, and nothing of it is
// checked here but that the client has its key: all else is checked in examine, so
// that the citizen reads why. Sessions are not resumed, because a resumed one
// brings the certificate of the first connection. HTTP/2 is not spoken: browsers
// put several hosts on one connection of it. highest is tls.VersionTLS13, or
// tls.VersionTLS12 for cards whose software cannot sign with RSA-PSS, which TLS 1.3
// demands of RSA keys (RFC 8446, section 4.2.3).
func Listen(inner net.Listener, server func(*tls.ClientHelloInfo) (*tls.Certificate, error), highest uint16) net.Listener {
	return tls.NewListener(inner, &tls.Config{
		GetCertificate: server, ClientAuth: tls.RequestClientCert, SessionTicketsDisabled: true,
		MinVersion: tls.VersionTLS12, MaxVersion: highest, NextProtos: []string{"http/1.1"},
	})
}
