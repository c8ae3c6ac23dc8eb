package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// selfSigned writes a certificate for the host and its key, and tells whom to
// trust for it.
func selfSigned(t *testing.T, certificate, key, host string) *x509.CertPool {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, text := range map[string][]byte{certificate: chain, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(chain)
	return pool
}

func TestARenewedCertificateIsUsedWithoutRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certificate, key := filepath.Join(dir, "tls.pem"), filepath.Join(dir, "tls.key")
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	issue := func(serial int64) {
		t.Helper()
		selfSigned(t, certificate, key, fmt.Sprintf("host%d.example", serial))
		for _, name := range []string{certificate, key} {
			if err := os.Chtimes(name, now, now.Add(time.Duration(serial)*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
	}
	issue(1)
	r, err := newRenewed(certificate, key, slog.New(slog.DiscardHandler), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	host := func() string {
		t.Helper()
		pair, err := r.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.DNSNames[0]
	}
	issue(2)
	if got := host(); got != "host1.example" {
		t.Errorf("the files are read at each handshake: got %s", got)
	}
	now = now.Add(renewEvery)
	if got := host(); got != "host2.example" {
		t.Errorf("got %s, want the new certificate", got)
	}
	if err := os.WriteFile(certificate, []byte("half of a cert"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(renewEvery)
	if got := host(); got != "host2.example" {
		t.Errorf("got %s, want the old certificate to stay", got)
	}
}
