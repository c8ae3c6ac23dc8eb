package conf

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"clave/providers/certificate/proxied"
)

// CertificateProxy lets a proxy in front do the TLS of the certificates' host, and hand
// the certificates on in the headers Client-Cert and Client-Cert-Chain (RFC 9440). This
// node believes the proxy: whoever can pretend to be it logs in as anybody. Leave it
// out where this node does the TLS, which then ignores these headers. How to set the
// proxy up stands in docs/operations.md.
type CertificateProxy struct {
	// Networks are where the proxies connect from, in CIDR notation, as narrow as can
	// be. They stand in server.trusted_proxies too. What comes from elsewhere is
	// refused.
	Networks []netip.Prefix `yaml:"networks" example:"[10.0.0.5/32]"`

	// SecretFile is a file with what the proxies send in the header Clave-Proxy-Secret:
	// 32 characters or more, such as openssl rand -base64 32 makes. It must not be
	// readable by everybody. It is read at the start. If it becomes known, everybody in
	// networks can log in as anybody.
	SecretFile string `yaml:"secret_file" example:"/etc/clave/proxy-secret"`

	// FormerSecretFile is a file with another secret that counts as well, while proxies
	// change from one to the other: the new one first here, on all nodes, then at the
	// proxies, then in secret_file, and this field away.
	FormerSecretFile string `yaml:"former_secret_file" example:"/etc/clave/proxy-secret-before"`
}

// Used tells whether a proxy does the TLS.
func (p CertificateProxy) Used() bool {
	return len(p.Networks) > 0 || p.SecretFile != "" || p.FormerSecretFile != ""
}

// Secrets reads the secrets; they were checked before.
func (p CertificateProxy) Secrets() ([][]byte, error) { return p.secrets(disk{}) }

func (p CertificateProxy) secrets(f files) ([][]byte, error) {
	var all [][]byte
	for _, name := range []string{p.SecretFile, p.FormerSecretFile} {
		if name == "" && len(all) > 0 {
			continue
		}
		secret, err := readSecret(f, name)
		if err != nil {
			return nil, fmt.Errorf("reading the secret of the certificates' proxy: %w", err)
		}
		all = append(all, bytes.TrimSpace(secret))
	}
	return all, nil
}

// certificateProxy checks that either this node or a proxy does the TLS, and never a
// bit of both.
func (c checker) certificateProxy(s Certificate, server Server) {
	const section, at = "certificate", "certificate.proxy"
	switch {
	case !s.Proxy.Used():
		return
	case s.Host == "":
		c.problem(at, "is for the method certificate, which is off; give certificate.host, or leave it out")
		return
	}
	for field, set := range map[string]bool{"server_certificate": s.ServerCertificate != "", "server_key": s.ServerKey != "", "highest_tls": s.HighestTLS == "1.2"} {
		if set {
			c.problem(section+"."+field, "is the matter of the proxy, which does the TLS; leave it out, or leave out certificate.proxy for this node to do it")
		}
	}
	if !c.document.Faulty(section+".listen") && !inside(s.Listen) {
		c.problem(section+".listen", "is reached from outside, and speaks http behind a proxy; give an address of this machine alone or of a private network")
	}
	c.proxyNetworks(at+".networks", s.Proxy.Networks, server.TrustedProxies)
	secret := c.proxySecret(at+".secret_file", s.Proxy.SecretFile)
	if s.Proxy.FormerSecretFile == "" {
		return
	}
	if former := c.proxySecret(at+".former_secret_file", s.Proxy.FormerSecretFile); former != nil && bytes.Equal(former, secret) {
		c.problem(at+".former_secret_file", "holds the same secret as secret_file; leave it out")
	}
}

func (c checker) proxyNetworks(at string, networks, trusted []netip.Prefix) {
	if len(networks) == 0 {
		c.problem(at, "is missing; say where the proxies connect from")
	}
	for i, network := range networks {
		among := func(wider netip.Prefix) bool {
			return wider.Bits() <= network.Bits() && wider.Contains(network.Addr())
		}
		switch {
		case network.Bits() == 0:
			c.problem(index(at, i), "is every address there is, so that the secret alone would keep anybody from logging in as anybody")
		case network.Addr().Is4In6():
			c.problem(index(at, i), "is written otherwise than connections are; leave out ::ffff:")
		case !slices.ContainsFunc(trusted, among):
			c.problem(index(at, i), "is not among server.trusted_proxies, so that all citizens who come by it would share one limit")
		}
	}
}

// proxySecret reads and checks a secret; nil when it is none.
func (c checker) proxySecret(at, name string) []byte {
	secret := bytes.TrimSpace(c.secret(at, name))
	if len(secret) == 0 {
		return nil
	}
	if err := proxied.CheckSecret(secret); err != nil {
		c.problem(at, "%s", err)
		return nil
	}
	return secret
}

// inside tells whether a listener is reached by this machine or its private networks
// alone.
func inside(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && (address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast())
}
