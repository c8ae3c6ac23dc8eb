package registry

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"time"

	"clave/internal/xmlsig"
)

// certificate reads one certificate, given as the name of a PEM or DER file, as
// PEM, or as DER in base64 as this package writes it, and checks it. It returns
// DER in base64, or what was given when that is not a certificate.
//
// The chain is not checked: a relying party is trusted because its certificate
// is registered, not because somebody signed it.
func (c checker) certificate(at, given string) string {
	data := []byte(given)
	if der, err := base64.StdEncoding.DecodeString(given); err == nil && len(der) > 100 {
		data = der
	} else if !strings.Contains(given, "-----BEGIN") {
		if data, err = c.read(given); err != nil {
			c.problem(at, "%s", err)
			return given
		}
	}
	if privatePEM.Match(data) {
		c.problem(at, leaked)
		return given
	}
	if bytes.Contains(data, []byte("-----BEGIN")) {
		block, rest := pem.Decode(data)
		switch {
		case block == nil || block.Type != "CERTIFICATE":
			c.problem(at, "is not a certificate in PEM")
			return given
		case bytes.Contains(rest, []byte("-----BEGIN")):
			c.problem(at, "holds several certificates; give the service's own alone, without its chain")
			return given
		}
		data = block.Bytes
	}
	certificate, err := x509.ParseCertificate(data)
	if err != nil {
		c.problem(at, "is not an X.509 certificate in PEM or DER")
		return given
	}
	c.inForce(at, certificate)
	return base64.StdEncoding.EncodeToString(certificate.Raw)
}

// inForce reports a certificate that is expired, not yet valid or weak.
func (c checker) inForce(at string, certificate *x509.Certificate) {
	switch now := c.rules.Now; {
	case now.After(certificate.NotAfter):
		c.problem(at, "expired on %s; give the one in force", certificate.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(certificate.NotBefore):
		c.problem(at, "is valid only from %s; add it then, or give the one in force as well", certificate.NotBefore.UTC().Format(time.DateOnly))
	}
	if trouble := weak(certificate.PublicKey); trouble != "" {
		c.problem(at, "%s", trouble)
	} else if err := xmlsig.Usable(certificate.PublicKey); err != nil {
		c.problem(at, "has a key that %s", err)
	}
}
