package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// hold gives the browser a certificate of a citizen, as the sandbox offers them, or
// takes it away again.
func hold(w *world, args []string) error {
	if len(args) == 0 {
		w.browser.shows = nil
		return nil
	}
	if len(args) != 2 {
		return errors.New("usage: holds [KIND DOCUMENT]")
	}
	n, err := w.node(w.inUse)
	if err != nil {
		return err
	}
	file, err := n.get("/dev/certificates/" + args[0] + "/" + args[1] + ".pem")
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(file, file)
	if err != nil {
		return err
	}
	w.browser.shows = &pair
	return nil
}

// asksForCertificate tells the host of the certificates from all others: in the
// sandbox it alone speaks https.
func (w *world) asksForCertificate(address *url.URL) bool {
	return address.Scheme == "https" && strings.HasPrefix(address.Host, "127.0.0.")
}

// mutual is a client that shows the browser's certificate, and trusts the sandbox's
// authority alone.
func (w *world) mutual(b *browser) (*http.Client, error) {
	root, err := os.ReadFile(filepath.Join(w.data(w.inUse), "ca.pem"))
	if err != nil {
		return nil, err
	}
	client, roots := clientOf(nil), x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{
		RootCAs: roots, MinVersion: tls.VersionTLS12,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if b.shows == nil {
				return new(tls.Certificate), nil
			}
			return b.shows, nil
		},
	}
	return client, nil
}

// show follows the link to the host of the certificates.
func (w *world) show() error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	to := w.handle(p)
	if to == nil {
		return errors.New("no link leads to the host of the certificates")
	}
	return w.visit(request{method: http.MethodGet, address: to, from: origin(p.address)})
}

// handle is the page's link to the host of the certificates; nil when it has none.
func (w *world) handle(p *page) *url.URL {
	for _, link := range p.links {
		if to, err := p.address.Parse(link); err == nil && w.asksForCertificate(to) {
			return to
		}
	}
	return nil
}
