package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"clave/providers/certificate/profile"
	issuing "clave/sandbox/authority"
	"clave/test/fakes/ca"
)

// certificatesHost is where nodes that serve ask for certificates, below a fresh name.
const certificatesHost = "certificado." + servedHost

// mutual is where a node that serves listens for it.
func (n *node) mutual() string { return "127.0.2." + strconv.Itoa(n.number+1) + ":" + n.port }

// profiles is the default table for the authority of the tests, as settings.
func profiles() string {
	var rows strings.Builder
	for _, r := range profile.Default().For(issuing.Organisation) {
		fmt.Fprintf(&rows, "    - {organisation: %q, policy: %q, means: %s", r.Organisation, r.Policy, r.Means)
		if r.Level > 0 {
			fmt.Fprintf(&rows, ", level: %s", r.Level)
		}
		rows.WriteString("}\n")
	}
	return rows.String()
}

// hold gives the browser a certificate of a citizen, or takes it away again: in the
// sandbox one of those that it offers, else one of the authority of the tests.
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
	if n.args[0] != "dev" {
		return w.holdIssued(issuing.Kind(args[0]), args[1])
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

func (w *world) holdIssued(kind issuing.Kind, document string) error {
	issued, err := w.issue(kind, document)
	if err != nil {
		return err
	}
	w.browser.shows = issued.TLS()
	return nil
}

// issue issues a certificate of the authority of the tests for a citizen.
func (w *world) issue(kind issuing.Kind, document string) (*issuing.Issued, error) {
	c, err := w.find(document)
	if err != nil {
		return nil, err
	}
	issued, err := w.ca.Issue(kind, issuing.Holder{
		Document: c.Document, GivenName: c.GivenName, FirstSurname: c.FirstSurname, SecondSurname: c.SecondSurname,
	})
	if err == nil && kind == issuing.Revoked {
		w.ca.Revoke(issued.Certificate)
	}
	return issued, err
}

// misbehave sets how the authority of the tests answers: responder, then lists.
func misbehave(w *world, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: authority MANNER MANNER; well is as it should be")
	}
	manner := func(word string) ca.Manner { return ca.Manner(strings.TrimPrefix(word, "well")) }
	w.ca.Behave(manner(args[0]), manner(args[1]))
	return nil
}

// asksForCertificate tells the host of the certificates from all others: in the
// sandbox it alone speaks https.
func (w *world) asksForCertificate(address *url.URL) bool {
	return address.Scheme == "https" && (strings.HasPrefix(address.Host, "127.0.0.") || strings.HasSuffix(address.Host, "."+certificatesHost))
}

// mutual is a client that shows the browser's certificate, and trusts the sandbox's
// authority alone or, where nodes serve, that of the tests.
func (w *world) mutual(b *browser) (*http.Client, error) {
	n, err := w.node(w.inUse)
	if err != nil {
		return nil, err
	}
	client, roots := clientOf(nil), authority().pool
	transport := client.Transport.(*http.Transport)
	if n.args[0] == "dev" {
		root, err := os.ReadFile(filepath.Join(n.data, "ca.pem"))
		if err != nil {
			return nil, err
		}
		roots = x509.NewCertPool()
		roots.AppendCertsFromPEM(root)
	} else {
		at := n.mutual()
		if w.fronted {
			at = n.front()
		}
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, at)
		}
	}
	transport.TLSClientConfig = &tls.Config{
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
