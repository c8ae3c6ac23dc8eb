package conf

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"clave/identity"
	"clave/providers/certificate/profile"
	"clave/providers/certificate/revocation"
)

// Certificate is the method electronic certificate or DNIe. It needs a host name
// and a port of its own, because browsers show certificates to whole hosts.
type Certificate struct {
	// Host is the origin where browsers show certificates; empty turns the method
	// off. With a star as its first part each attempt has a fresh name, so that
	// browsers ask again which certificate to use; that needs a wildcard in DNS and in
	// server_certificate. Without it they may show the one of whoever was there
	// before, and citizens see the name and have to confirm it.
	Host string `yaml:"host" example:"https://*.certificado.clave.example"`

	// Listen is the address and port for that host. This node itself does the TLS
	// there: a proxy in front may only pass the bytes on (TCP), because the
	// certificate is proven in the handshake. With proxy it speaks http there, and the
	// address must be one of this machine alone or of a private network.
	Listen string `yaml:"listen"`

	// ServerCertificate is the file with the certificate of that host and its chain,
	// in PEM. It is read again each minute.
	ServerCertificate string `yaml:"server_certificate" example:"/etc/clave/certificado.pem"`

	// ServerKey is the file with its private key, in PEM. It must not be readable by
	// everybody.
	ServerKey string `yaml:"server_key" example:"/etc/clave/certificado.key"`

	// Proxy lets a proxy in front do the TLS of that host.
	Proxy CertificateProxy `yaml:"proxy"`

	// HighestTLS is 1.3 or 1.2. Some cards' software cannot sign as TLS 1.3 demands
	// (RSA-PSS), and their holders see an error of the browser; with 1.2 they can log
	// in, but everybody's certificate, with name and number, crosses the network in
	// clear.
	HighestTLS string `yaml:"highest_tls"`

	// Authorities are files, or folders of files (.pem, .crt, .cer, .der), with the
	// authorities that are trusted: the roots, and those between them and the
	// citizens. Get them from the issuers, and compare their fingerprints with the
	// trusted list of qualified providers. Each minute, and at a SIGHUP, they are read
	// again if they were changed; with a mistake in them the former ones stay.
	Authorities []string `yaml:"authorities" example:"[/etc/clave/authorities]"`

	// TrustedList adds the authorities of a trusted list.
	TrustedList TrustedList `yaml:"trusted_list"`

	// Profiles say what a certificate's policy means, the first that fits: organisation
	// is the O of the root that it descends from, or of the authority that a trusted
	// list names (empty for any), policy the object identifier (with .* at its end all
	// below it), means is citizen, public_employee, representative, signature, seal or
	// pseudonym, and level is high for policies that are only given to keys on qualified
	// devices (empty: as the certificate says). What no profile fits is refused. A list
	// here replaces the whole default.
	Profiles []Profile `yaml:"profiles"`

	// PublicEmployees lets public employees' certificates log citizens in. The
	// officers' console accepts them in any case.
	PublicEmployees bool `yaml:"public_employees"`

	// WhenUnchecked is what happens when neither responder nor list say whether a
	// certificate was revoked: refuse, or accept, which lets a stolen certificate in
	// whenever somebody keeps us from asking.
	WhenUnchecked string `yaml:"when_unchecked"`

	// Responders are asked by OCSP after those that a certificate names: organisation
	// is the O of its issuer, address an http or https address.
	Responders []Responder `yaml:"responders" example:"[{organisation: FNMT-RCM, address: \"http://ocsp.example/\"}]"`
}

// Profile is what a policy means; see profiles.
type Profile struct {
	Organisation string `yaml:"organisation"`
	Policy       string `yaml:"policy"`
	Means        string `yaml:"means"`
	Level        string `yaml:"level"`
}

// Responder is an OCSP responder; see responders.
type Responder struct {
	Organisation string `yaml:"organisation"`
	Address      string `yaml:"address"`
}

func defaultCertificate() Certificate {
	c := Certificate{Listen: "127.0.0.1:8443", HighestTLS: "1.3", WhenUnchecked: "refuse", TrustedList: defaultTrustedList()}
	for _, row := range profile.Default() {
		p := Profile{Organisation: row.Organisation, Policy: row.Policy, Means: string(row.Means)}
		if row.Level != identity.NoLevel {
			p.Level = row.Level.String()
		}
		c.Profiles = append(c.Profiles, p)
	}
	return c
}

// Table is the profiles as the method takes them; they were checked before.
func (c Certificate) Table() profile.Table {
	var table profile.Table
	for _, p := range c.Profiles {
		level, err := identity.ParseLevel(p.Level)
		if err != nil {
			level = identity.NoLevel // as the certificate says
		}
		table = append(table, profile.Row{Organisation: p.Organisation, Policy: p.Policy, Means: profile.Means(p.Means), Level: level})
	}
	return table
}

// Fallback are the responders as the method takes them.
func (c Certificate) Fallback() []revocation.Responder {
	var all []revocation.Responder
	for _, r := range c.Responders {
		all = append(all, revocation.Responder{Organisation: r.Organisation, Address: r.Address})
	}
	return all
}

// HighestVersion is the highest version of TLS as package tls counts.
func (c Certificate) HighestVersion() uint16 {
	if c.HighestTLS == "1.2" {
		return tls.VersionTLS12
	}
	return tls.VersionTLS13
}

func (c checker) certificates(s Certificate, issuer string) {
	if s.Host == "" {
		return
	}
	at := "certificate"
	c.certificateHost(at+".host", s.Host, issuer)
	c.listen(at+".listen", s.Listen)
	if !s.Proxy.Used() {
		c.mutual(at, s)
	}
	if s.HighestTLS != "1.2" && s.HighestTLS != "1.3" {
		c.problem(at+".highest_tls", "is unknown; give 1.3, or 1.2 for cards that cannot do it")
	}
	c.trustedList(at+".trusted_list", s.TrustedList)
	if len(s.Authorities) == 0 {
		if s.TrustedList.Address == "" {
			c.problem(at+".authorities", "is missing; name the files with the authorities that are trusted, or give a trusted_list, without which nobody can log in so")
		}
	} else if err := c.files.authorities(s.Authorities, c.now); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			c.document.Problem(at+".authorities", "%s", line)
		}
	}
	if len(s.Profiles) == 0 {
		c.problem(at+".profiles", "is empty, so that every certificate would be refused")
	}
	for i, p := range s.Profiles {
		c.profile(index(at+".profiles", i), p)
	}
	if s.WhenUnchecked != "refuse" && s.WhenUnchecked != "accept" {
		c.problem(at+".when_unchecked", "is unknown; give refuse or accept")
	}
	for i, r := range s.Responders {
		if r.Organisation == "" {
			c.problem(index(at+".responders", i)+".organisation", "is missing; give the O of the issuer whose certificates it answers for")
		}
		if u, err := url.Parse(r.Address); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			c.problem(index(at+".responders", i)+".address", "wants an address that begins with http:// or https://")
		}
	}
}

// certificateHost checks the origin: a host of its own.
func (c checker) certificateHost(at, host, issuer string) {
	u, err := url.Parse(strings.Replace(host, "https://*.", "https://label.", 1))
	switch {
	case err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Path != "" || strings.ContainsAny(host, "?#") || strings.Contains(u.Host, "*"):
		c.problem(at, "wants https:// and a host, as in https://certificado.clave.example or https://*.certificado.clave.example")
	case u.Host != strings.ToLower(u.Host) || strings.HasSuffix(u.Host, ":443"):
		c.problem(at, "is written otherwise than browsers do; use small letters and leave out :443")
	case host == issuer:
		c.problem(at, "is the issuer; give another host, or every page would ask for a certificate")
	}
}

// mutual checks the pair of the certificates' host.
func (c checker) mutual(at string, s Certificate) {
	if s.ServerCertificate == "" || s.ServerKey == "" {
		c.problem(at, "has no server_certificate or no server_key; give both, because this node does the TLS of that host, or proxy, for another to do it")
		return
	}
	chain := c.file(at+".server_certificate", s.ServerCertificate)
	key := c.secret(at+".server_key", s.ServerKey)
	if chain == nil || key == nil {
		return
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		c.problem(at+".server_certificate", "does not fit server_key, or one of them is not PEM")
		return
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		c.problem(at+".server_certificate", "cannot be read as X.509")
		return
	}
	if c.now.After(leaf.NotAfter) {
		c.problem(at+".server_certificate", "expired on %s", leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	name := strings.TrimPrefix(strings.Replace(s.Host, "*.", "label.", 1), "https://")
	if only, _, err := net.SplitHostPort(name); err == nil {
		name = only
	}
	if !c.document.Faulty(at+".host") && leaf.VerifyHostname(name) != nil {
		c.problem(at+".server_certificate", "is not for the host %s", strings.TrimPrefix(s.Host, "https://"))
	}
}

// dotted is an object identifier, or all below one.
var dotted = regexp.MustCompile(`^[0-2](\.(0|[1-9][0-9]*))+(\.\*)?$`)

func (c checker) profile(at string, p Profile) {
	if !dotted.MatchString(p.Policy) {
		c.problem(at+".policy", "wants an object identifier, as in 2.16.724.1.2.2.2.4")
	}
	if !profile.Means(p.Means).Known() {
		c.problem(at+".means", "is unknown; give citizen, public_employee, representative, signature, seal or pseudonym")
	}
	switch p.Level {
	case "", identity.Substantial.String(), identity.High.String():
	default:
		c.problem(at+".level", "is unknown; give high or substantial, or leave it out to go by what the certificate says")
	}
	if p.Level == identity.High.String() && p.Organisation == "" && p.Policy != profile.PolicyNaturalDevice {
		c.problem(at+".organisation", "is missing; for level high say whose policy it is, or every authority could give it")
	}
}
