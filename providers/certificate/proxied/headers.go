package proxied

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"net/http"
)

// The headers. Source: RFC 9440, sections 2.2 and 2.3; the name of the last is ours,
// because none is common.
const (
	CertificateHeader = "Client-Cert"
	ChainHeader       = "Client-Cert-Chain"
	SecretHeader      = "Clave-Proxy-Secret"
)

// read takes the certificates out of the headers: the browser's first, and those
// that it sent along. None when the browser showed none.
func read(h http.Header) ([]*x509.Certificate, error) {
	own, chain := h.Values(CertificateHeader), h.Values(ChainHeader)
	switch {
	case len(own) > 1:
		return nil, twice(CertificateHeader)
	case len(chain) > 1:
		return nil, twice(ChainHeader)
	case len(own) == 0 && len(chain) > 0:
		return nil, fmt.Errorf("%s comes without %s", ChainHeader, CertificateHeader)
	case len(own) == 0:
		return nil, nil
	}
	der, err := parseItem(own[0])
	if err == nil {
		err = wellFormed(der)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %w", CertificateHeader, err)
	}
	shown := []*x509.Certificate{parse(der)}
	if len(chain) == 0 {
		return shown, nil
	}
	between, err := parseList(chain[0])
	if err != nil {
		return nil, fmt.Errorf("%s %w", ChainHeader, err)
	}
	for _, der := range between {
		if err := wellFormed(der); err != nil {
			return nil, fmt.Errorf("%s %w", ChainHeader, err)
		}
		shown = append(shown, parse(der))
	}
	return shown, nil
}

// twice is what happens when the proxy adds its header to the browser's.
func twice(name string) error {
	return fmt.Errorf("%s comes twice; the proxy must replace what the browser wrote, and not add to it", name)
}

// wellFormed tells a proxy that encodes something else, such as PEM, from a browser
// with a strange certificate.
func wellFormed(der []byte) error {
	var outer asn1.RawValue
	rest, err := asn1.Unmarshal(der, &outer)
	if err != nil || len(rest) > 0 || outer.Tag != asn1.TagSequence || !outer.IsCompound {
		return errors.New("holds no certificate in DER")
	}
	return nil
}

// parse reads a certificate. One that cannot be read, for its key is of a kind that
// we do not know, say, is given without key or names: nobody takes it for anybody's,
// and its holder reads why on a page of ours.
func parse(der []byte) *x509.Certificate {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return &x509.Certificate{Raw: der}
	}
	return c
}
