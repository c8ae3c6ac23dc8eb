package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// servedHost is the issuer's host of nodes that serve.
const servedHost = "clave.example"

// The account of the installation at the message centre.
const (
	smppAccount  = "clave"
	smppPassword = "not-much"
)

// settings are those of `clave serve`.
const settings = `
server:
  issuer: https://%[1]s
  listen: %[2]s
  certificate: %[3]s
  private_key: %[4]s
  trusted_proxies: [127.0.3.0/24]
  drain_delay: 0s
  stop_timeout: 5s
operations:
  listen: %[5]s
database:
  url: "%[6]s"
keys:
  master_file: %[7]s
page:
  responsible: Ayuntamiento de Ejemplo
  telephone: "060"
sms:
  carrier: smpp
  smpp:
    address: %[8]s
    system_id: %[9]s
    password_file: %[10]s
    sender: "%[11]s"
permanente:
  enabled: true
certificate:
  host: https://*.%[12]s
  listen: %[13]s
%[16]s
  %[14]s
  profiles:
%[15]s`

// serve starts a node that serves, as an operator does: https, settings in a
// file, messages by SMPP.
func (w *world) serve(number int) error {
	return w.run(number, func(n *node) error {
		password, file, authorities := filepath.Join(n.data, "smpp"), filepath.Join(n.data, "clave.yaml"), filepath.Join(n.data, "authorities.pem")
		mutualTLS, err := w.mutualTLS(n)
		if err != nil {
			return err
		}
		text := fmt.Sprintf(settings, servedHost, n.address(), authority().certificate, authority().key, n.operations(),
			n.database, filepath.Join(n.data, "master.key"), w.centre.Address(), smppAccount, password, w.sender(),
			certificatesHost, n.mutual(), w.authorities(authorities), profiles(), mutualTLS)
		if err := os.WriteFile(authorities, append(w.ca.RootPEM(), w.ca.IssuerPEM()...), 0o600); err != nil {
			return err
		}
		if err := os.WriteFile(password, []byte(smppPassword), 0o600); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		n.origin, n.args = w.origin, []string{"serve", "--config", file}
		n.environment = []string{"HTTP_PROXY=" + w.ca.URL} // the only way to the authority
		if w.list != nil {
			n.environment = append(n.environment, "SSL_CERT_FILE="+w.listHost())
		}
		if w.fronted {
			return w.raise(n)
		}
		return nil
	})
}

// operations is where a node that serves tells operators how it is.
func (n *node) operations() string { return "127.0.1." + strconv.Itoa(n.number+1) + ":" + n.port }

// metrics are what operators see of a node.
func (n *node) metrics() ([]byte, error) {
	if n.args[0] == "dev" {
		return n.get("/metrics")
	}
	answer, err := clientOf(nil).Get("http://" + n.operations() + "/metrics")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the metrics answer with status %d", answer.StatusCode)
	}
	return io.ReadAll(answer.Body)
}

// sender tells this world's messages from those of others at the same centre.
func (w *world) sender() string { return "W" + w.balancer.port }

var lastLine = regexp.MustCompile(`@` + regexp.QuoteMeta(servedHost) + ` #([A-Z2-7]{3}|[0-9]{6})$`)

// centred are the messages that the centre has for a phone.
func (w *world) centred(number string) ([]message, error) {
	var all []message
	for i, m := range w.centre.Messages() {
		code := lastLine.FindStringSubmatch(m.Text)
		if m.Source.Number != w.sender() || code == nil || "+"+m.Destination.Number != number {
			continue
		}
		all = append(all, message{ID: m.ID, Time: time.Unix(int64(i)+1, 0), To: number, Body: m.Text, Code: code[1]})
	}
	return all, nil
}

// identity is the certificate of the issuer's host, and who trusts it.
type identity struct {
	certificate, key string // files
	pool             *x509.CertPool
}

// authority makes the certificate once. Failures are those of the machine.
var authority = sync.OnceValue(func() identity {
	id, err := newAuthority(filepath.Dir(built))
	if err != nil {
		panic(err)
	}
	return id
})

func newAuthority(dir string) (identity, error) {
	id := identity{filepath.Join(dir, "tls.pem"), filepath.Join(dir, "tls.key"), x509.NewCertPool()}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return id, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: servedHost}, DNSNames: []string{servedHost, "*." + certificatesHost},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return id, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return id, err
	}
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	id.pool.AppendCertsFromPEM(chain)
	if err := os.WriteFile(id.certificate, chain, 0o600); err != nil {
		return id, err
	}
	return id, os.WriteFile(id.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600)
}
