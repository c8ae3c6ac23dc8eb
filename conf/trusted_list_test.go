package conf

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const listed = mutual + `  trusted_list:
    address: https://list.example/TSL.xml
    signers: [/signer.pem]
`

func listedShelf(t *testing.T) shelf {
	t.Helper()
	s := mutualShelf(t)
	s["/signer.pem"], s["/signer.key"] = pair(t, "signer", noon.AddDate(-1, 0, 0))
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	s["/weak.pem"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return s
}

func TestATrustedListIsRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{listed, strings.Replace(listed, "[/authorities]", "[]", 1)} {
		c, err := read("f", []byte(text), noEnvironment, listedShelf(t), noon)
		if err != nil {
			t.Fatal(err)
		}
		if l := c.Certificate.TrustedList; l.Territory != "ES" || l.Refresh != 6*time.Hour || l.Grace != 30*24*time.Hour {
			t.Errorf("got %+v", l)
		}
	}
}

func TestMistakesOfTheTrustedList(t *testing.T) {
	t.Parallel()
	change := func(from, to string) string { return strings.Replace(listed, from, to, 1) }
	more := func(text string) string { return listed + text }
	for _, tc := range []struct{ name, text, want string }{
		{"http", change("https://list", "http://list"), "f:23: certificate.trusted_list.address: wants an address that begins with https://"},
		{"a name in the address", change("https://list", "https://user@list"), "f:23: certificate.trusted_list.address: wants"},
		{"signers of nothing", change("    address: https://list.example/TSL.xml\n", ""), "certificate.trusted_list.address: is missing"},
		{"no signers", change("[/signer.pem]", "[]"), "f:24: certificate.trusted_list.signers: is missing"},
		{"a signer that is not there", change("/signer.pem", "/nowhere"), "f:24: certificate.trusted_list.signers[0]: cannot be read"},
		{"a signer that is none", change("/signer.pem", "/junk"), "f:24: certificate.trusted_list.signers[0]: /junk is no certificate"},
		{"a signer's private key", change("/signer.pem", "/signer.key"), "f:24: certificate.trusted_list.signers[0]: /signer.key holds a private key"},
		{"a signer with a short key", change("/signer.pem", "/weak.pem"), "is an RSA key of less than 2048 bits"},
		{"a territory that is none", more("    territory: Spain\n"), "f:25: certificate.trusted_list.territory: wants two capital letters"},
		{"too often", more("    refresh: 1m\n"), "f:25: certificate.trusted_list.refresh: wants 10m to 24h"},
		{"for ever", more("    grace: 9000h\n"), "f:25: certificate.trusted_list.grace: wants"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := read("f", []byte(tc.text), noEnvironment, listedShelf(t), noon)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func TestSignersAreReadFromFiles(t *testing.T) {
	t.Parallel()
	certificate, key := pair(t, "signer", noon)
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, bad := put("good.pem", certificate+certificate), put("bad.pem", key)
	if all, err := (TrustedList{Signers: []string{good, good}}).Certificates(); err != nil || len(all) != 4 {
		t.Errorf("got %d, %v", len(all), err)
	}
	for _, name := range []string{bad, filepath.Join(dir, "none")} {
		if _, err := (TrustedList{Signers: []string{good, name}}).Certificates(); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
