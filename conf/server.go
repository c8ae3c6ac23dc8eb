package conf

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Server is where citizens and relying parties reach the installation.
type Server struct {
	// Issuer is the address under which browsers and relying parties see this
	// installation: https and a host, without path or slash at the end. It names
	// us in every token, so that changing it later makes every relying party
	// change with it. http is refused; to try the product out use `clave dev`.
	Issuer string `yaml:"issuer" example:"https://clave.example" required:"true"`

	// Listen is the address and port where this node takes connections. With
	// certificate and private_key it speaks https there; without them it speaks
	// http, and a proxy in front of it must do the TLS and be the only one that
	// reaches this port.
	Listen string `yaml:"listen"`

	// Certificate is the file with the certificate of the issuer's host and its
	// chain, in PEM. Both it and private_key, or neither. They are read again each
	// minute, so that a renewed certificate needs no restart.
	Certificate string `yaml:"certificate" example:"/etc/clave/tls.pem"`

	// PrivateKey is the file with the certificate's private key, in PEM. It must
	// not be readable by everybody.
	PrivateKey string `yaml:"private_key" example:"/etc/clave/tls.key"`

	// TrustedProxies are the networks of the proxies in front, in CIDR notation.
	// Only what they say in proxy_header is believed, and limits for each client
	// address count that address. If a proxy is left out, all its citizens
	// share one limit; if a network here is too wide, anybody in it can pretend to
	// be any address.
	TrustedProxies []netip.Prefix `yaml:"trusted_proxies" example:"[10.0.0.0/24]"`

	// ProxyHeader is the header in which those proxies write whom they speak for:
	// X-Forwarded-For or Forwarded. The other one is passed on as the client wrote
	// it, so that naming the wrong one lets anybody pretend to be any address.
	ProxyHeader string `yaml:"proxy_header"`

	// DrainDelay is how long a node that was told to stop still takes requests
	// while /readyz says that it is leaving: at least two rounds of the load
	// balancer's check. Too short, and some citizens meet a closed door.
	DrainDelay time.Duration `yaml:"drain_delay"`

	// StopTimeout is how long the requests under way may then take to finish.
	// What is not finished by then is cut off; nothing is lost, because each step
	// of a login is one transaction that the browser can repeat.
	StopTimeout time.Duration `yaml:"stop_timeout"`
}

// Operations is where operators and their machines look: /healthz, /readyz and
// /metrics.
type Operations struct {
	// Listen is the address and port for operations. It answers anybody who
	// reaches it, so that it belongs on an internal network. Empty turns it off.
	Listen string `yaml:"listen"`
}

func defaultServer() Server {
	return Server{Listen: "127.0.0.1:8080", ProxyHeader: "X-Forwarded-For", DrainDelay: 5 * time.Second, StopTimeout: 20 * time.Second}
}

// Host is the issuer's host, with the port if it has one.
func (s Server) Host() string {
	_, host, _ := strings.Cut(s.Issuer, "://")
	return host
}

func (c checker) server(s Server) {
	at := "server"
	c.issuer(at+".issuer", s.Issuer)
	c.listen(at+".listen", s.Listen)
	if (s.Certificate == "") != (s.PrivateKey == "") {
		c.problem(at, "has only one of certificate and private_key; give both, or neither when a proxy does the TLS")
	} else if s.Certificate != "" {
		c.certificate(at, s)
	}
	for i, network := range s.TrustedProxies {
		if network.Bits() == 0 {
			c.problem(index(at+".trusted_proxies", i), "is every address there is, so that anybody could pretend to be any other")
		}
	}
	if s.ProxyHeader != "X-Forwarded-For" && s.ProxyHeader != "Forwarded" {
		c.problem(at+".proxy_header", "is unknown; give X-Forwarded-For or Forwarded")
	}
	c.between(at+".drain_delay", s.DrainDelay, 0, 5*time.Minute)
	c.between(at+".stop_timeout", s.StopTimeout, time.Second, 10*time.Minute)
}

func (c checker) issuer(at, issuer string) {
	if issuer == "" {
		c.problem(at, "is missing; give the address of this installation, as in https://clave.example")
		return
	}
	u, err := url.Parse(issuer)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Path != "" || strings.ContainsAny(issuer, "?#"):
		c.problem(at, "wants https:// and a host, without path or slash at the end, as in https://clave.example")
	case u.Scheme == "http":
		c.problem(at, "is http, so that anybody on the way could take over logins; use https (a proxy in front may do the TLS), or `clave dev` for trying out")
	case u.Scheme != "https":
		c.problem(at, "wants https:// first")
	case u.Host != strings.ToLower(u.Host) || strings.HasSuffix(u.Host, ":443"):
		c.problem(at, "is written otherwise than browsers do; use small letters and leave out :443")
	}
}

// listen checks the address of a listener.
func (c checker) listen(at, address string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "" {
		c.problem(at, "wants address and port, as in 127.0.0.1:8080, or :8080 for all addresses")
		return
	}
	if _, err := netip.ParseAddr(host); host != "" && host != "localhost" && err != nil {
		c.problem(at, "wants an IP address of this machine before the port, or nothing for all addresses")
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		c.problem(at, "has no port between 0 and 65535")
	}
}

// certificate checks that the pair fits, is in force and is for the issuer.
func (c checker) certificate(at string, s Server) {
	chain := c.file(at+".certificate", s.Certificate)
	key := c.secret(at+".private_key", s.PrivateKey)
	if chain == nil || key == nil {
		return
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		c.problem(at+".certificate", "does not fit private_key, or one of them is not PEM")
		return
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		c.problem(at+".certificate", "cannot be read as X.509")
		return
	}
	if c.now.After(leaf.NotAfter) {
		c.problem(at+".certificate", "expired on %s", leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	u, err := url.Parse(s.Issuer)
	if err != nil || u.Hostname() == "" {
		return // told already
	}
	var wrong x509.HostnameError
	if errors.As(leaf.VerifyHostname(u.Hostname()), &wrong) {
		c.problem(at+".certificate", "is not for the issuer's host %s", u.Hostname())
	}
}
