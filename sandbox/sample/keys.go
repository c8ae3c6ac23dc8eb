package sample

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// credential is the key of a service, with its certificate.
type credential struct {
	key         *rsa.PrivateKey
	certificate *x509.Certificate
}

// keyBits and certificateYears are what services of Cl@ve commonly have. The certificate
// is self-signed: who is registered is trusted for being registered.
const (
	keyBits          = 2048
	certificateYears = 10
)

// openCredential reads the file, or makes it.
func openCredential(path, name string, now time.Time) (credential, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = newCredential(path, name, now)
	}
	if err != nil {
		return credential{}, fmt.Errorf("opening the key of a sample service: %w", err)
	}
	first, rest := pem.Decode(data)
	second, _ := pem.Decode(rest)
	if first == nil || second == nil {
		return credential{}, fmt.Errorf("%s is not a key and a certificate in PEM; remove it, and it is made anew", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(first.Bytes)
	if err != nil {
		return credential{}, fmt.Errorf("reading %s: %w", path, err)
	}
	certificate, err := x509.ParseCertificate(second.Bytes)
	if err != nil {
		return credential{}, fmt.Errorf("reading %s: %w", path, err)
	}
	rsaKey, ok := key.(*rsa.PrivateKey)
	if !ok {
		return credential{}, fmt.Errorf("the key in %s is not RSA; remove it, and one is made", path)
	}
	return credential{rsaKey, certificate}, nil
}

func newCredential(path, name string, now time.Time) ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	form := x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(certificateYears, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, &form, &form, key.Public(), key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	data := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})...)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return data, os.WriteFile(path, data, 0o600)
}
