package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"time"

	"clave/census"
	"clave/sandbox"
	"clave/sandbox/authority"
)

// wallet issues certificates of the sandbox's authority to citizens.
type wallet struct {
	ca    *authority.CA
	roots *x509.CertPool
	key   crypto.Signer // of all of them: nobody compares
}

// openWallet reads the authority in the data folder of a sandbox that runs.
func openWallet(folder, issuer string) (*wallet, error) {
	ca, err := authority.Open(folder, time.Now(), sandbox.Addresses(issuer))
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	w := &wallet{ca: ca, roots: x509.NewCertPool(), key: key}
	if !w.roots.AppendCertsFromPEM(ca.RootPEM()) {
		return nil, fmt.Errorf("reading the authority of the sandbox in %s: it has no certificate", folder)
	}
	return w, nil
}

// shownBy is how a citizen's browser asks the host of the certificates: with a
// connection of its own, which is not kept.
func (w *wallet) shownBy(c census.Reference) (*http.Transport, error) {
	issued, err := w.ca.IssueFor(authority.Citizen, authority.Holder{
		Document: c.Document.Reveal(), GivenName: c.GivenName, FirstSurname: c.FirstSurname, SecondSurname: c.SecondSurname,
	}, w.key)
	if err != nil {
		return nil, fmt.Errorf("issuing a certificate: %w", err)
	}
	return &http.Transport{
		DisableKeepAlives: true, DisableCompression: true,
		TLSClientConfig: &tls.Config{RootCAs: w.roots, MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*issued.TLS()}},
	}, nil
}
