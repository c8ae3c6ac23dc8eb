package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestARenewedCertificateIsUsedWithoutRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certificate, key := filepath.Join(dir, "tls.pem"), filepath.Join(dir, "tls.key")
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	issue := func(serial int64) {
		t.Helper()
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: now, NotAfter: now.AddDate(1, 0, 0)}
		der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
		if err != nil {
			t.Fatal(err)
		}
		pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			t.Fatal(err)
		}
		for name, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
			if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
				t.Fatal(err)
			}
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
	serial := func() int64 {
		t.Helper()
		pair, err := r.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
	}
	issue(2)
	if got := serial(); got != 1 {
		t.Errorf("the files are read at each handshake: got %d", got)
	}
	now = now.Add(renewEvery)
	if got := serial(); got != 2 {
		t.Errorf("got %d, want the new certificate", got)
	}
	if err := os.WriteFile(certificate, []byte("half of a cert"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(renewEvery)
	if got := serial(); got != 2 {
		t.Errorf("got %d, want the old certificate to stay", got)
	}
}
