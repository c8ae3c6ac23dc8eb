package conf

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"time"

	"clave/internal/xmlsig"
	"clave/providers/certificate/trust"
)

// TrustedList is the list of qualified providers that each member state publishes
// (Regulation (EU) No 910/2014, article 22). Whoever may issue certificates for
// signatures by it is trusted, and whoever was withdrawn there is not, by no file
// either.
type TrustedList struct {
	// Address is where the list is, https; empty trusts the authorities of the files
	// alone. Nodes have to get there, directly or by HTTPS_PROXY. Where it is today
	// stands in the European list of lists.
	Address string `yaml:"address" example:"https://sedediatid.digital.gob.es/Prestadores/TSL/TSL.xml"`

	// Signers are files with the certificates that may have signed it, in PEM or DER.
	// They stand in the European list of lists, which names the next one before it is
	// used: give both then. They are read each time that a list is. One that is
	// missing, and from its first day on no newer list is taken.
	Signers []string `yaml:"signers" example:"[/etc/clave/tsl-signer.pem, /etc/clave/tsl-signer-next.pem]"`

	// Territory is whose list it is, as it says of itself.
	Territory string `yaml:"territory"`

	// Refresh is how often its host is asked, 10m to 24h, a tenth more or less. One
	// node asks for all. It is how long a withdrawal may take to be noticed.
	Refresh time.Duration `yaml:"refresh"`

	// Grace is for how long a list is used after the day on which it says that there
	// must be a newer one, 0h to 2160h. Too short, and an outage of its host keeps
	// citizens out; too long, and whoever can keep the newer list from us keeps a
	// withdrawn authority alive. Withdrawals count beyond it.
	Grace time.Duration `yaml:"grace"`
}

func defaultTrustedList() TrustedList {
	return TrustedList{Territory: "ES", Refresh: 6 * time.Hour, Grace: 30 * 24 * time.Hour}
}

// Certificates reads the signers' certificates.
func (l TrustedList) Certificates() ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for _, name := range l.Signers {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		found, err := trust.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s %w", name, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// country is the two letters of a territory.
// Source: ETSI TS 119 612, section 5.3.10: ISO 3166-1, but EL and UK.
var country = regexp.MustCompile(`^[A-Z]{2}$`)

func (c checker) trustedList(at string, l TrustedList) {
	if l.Address == "" {
		if len(l.Signers) > 0 {
			c.problem(at+".address", "is missing; say where the list is that these signers sign, or leave them out")
		}
		return
	}
	if u, err := url.Parse(l.Address); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		c.problem(at+".address", "wants an address that begins with https://")
	}
	if len(l.Signers) == 0 {
		c.problem(at+".signers", "is missing; name the files with the certificates that may have signed the list, or anybody could")
	}
	for i, name := range l.Signers {
		c.signer(index(at+".signers", i), name)
	}
	if !country.MatchString(l.Territory) {
		c.problem(at+".territory", "wants two capital letters, as in ES")
	}
	c.between(at+".refresh", l.Refresh, 10*time.Minute, 24*time.Hour)
	c.between(at+".grace", l.Grace, 0, 90*24*time.Hour)
}

// signer wants keys that signatures are checked with. Dates are not looked at: a list
// is compared with those of the day on which it was issued.
func (c checker) signer(at, name string) {
	data := c.file(at, name)
	if data == nil {
		return
	}
	found, err := trust.Parse(data)
	if err != nil {
		c.problem(at, "%s %v", name, err)
	}
	for _, one := range found {
		if err := xmlsig.Usable(one.PublicKey); err != nil {
			c.problem(at, "%q %v", one.Subject.CommonName, err)
		}
	}
}
