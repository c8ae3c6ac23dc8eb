package e2e

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	issuing "clave/sandbox/authority"
	"clave/test/fakes/tlsproxy"
)

// The secrets of the proxy: the one that it has, and the one that comes next.
const (
	frontSecret = "the-secret-that-proxies-have-today"
	nextSecret  = "the-secret-that-they-get-tomorrow!"
)

// frontAddress is where proxies connect from.
const frontAddress = "127.0.3.1"

// front is where browsers reach the proxy of a node.
func (n *node) front() string { return "127.0.3." + strconv.Itoa(n.number+1) + ":" + n.port }

// mutualTLS says in settings who does the TLS of the certificates' host.
func (w *world) mutualTLS(n *node) (string, error) {
	if !w.fronted {
		return "  server_certificate: " + authority().certificate + "\n  server_key: " + authority().key, nil
	}
	today, next := filepath.Join(n.data, "proxy-secret-before"), filepath.Join(n.data, "proxy-secret")
	return fmt.Sprintf("  proxy: {networks: [%s/32], secret_file: %s, former_secret_file: %s}", frontAddress, next, today),
		errors.Join(os.WriteFile(today, []byte(frontSecret+"\n"), 0o600), os.WriteFile(next, []byte(nextSecret), 0o600))
}

// raise starts the proxy of a node.
func (w *world) raise(n *node) error {
	pair, err := tls.LoadX509KeyPair(authority().certificate, authority().key)
	if err != nil {
		return err
	}
	proxy, err := tlsproxy.Start(tlsproxy.Options{
		Listen: n.front(), Target: n.mutual(), From: net.ParseIP(frontAddress), Secret: frontSecret, Server: pair,
	})
	if err == nil {
		w.fronts = append(w.fronts, proxy)
	}
	return err
}

// forge lets the browser write a citizen's certificate into the headers that only
// proxies should write, on every request; without arguments it stops.
func forge(w *world, args []string) error {
	w.browser.forges = nil
	if len(args) == 0 {
		return nil
	}
	if len(args) != 2 {
		return errors.New("usage: forges [KIND DOCUMENT]")
	}
	issued, err := w.issue(issuing.Kind(args[0]), args[1])
	if err != nil {
		return err
	}
	w.browser.forges = map[string]string{
		"Client-Cert": tlsproxy.Field(issued.Certificate.Raw), "Client-Cert-Chain": tlsproxy.Field(issued.Chain[1].Raw),
		"Clave-Proxy-Secret": strings.Repeat("guess", 8),
	}
	return nil
}

// knock brings what the browser forges to the node's own port, past its proxy, from
// the proxy's address or another, with a secret of the proxy or none.
func knock(w *world, args []string) error {
	if len(args) != 3 {
		return errors.New("usage: knock STATUS proxy|stranger today|next|wrong")
	}
	n, err := w.node(w.inUse)
	if err != nil {
		return err
	}
	from, known := map[string]string{"proxy": frontAddress, "stranger": "127.0.0.1"}[args[1]]
	secret, secretKnown := map[string]string{"today": frontSecret, "next": nextSecret, "wrong": strings.Repeat("guess", 8)}[args[2]]
	if !known || !secretKnown {
		return errors.New("usage: knock STATUS proxy|stranger today|next|wrong")
	}
	page, err := w.shown()
	if err != nil {
		return err
	}
	to := w.handle(page)
	if to == nil {
		return errors.New("no link leads to the host of the certificates")
	}
	return n.knock(to.Path, to.Host, from, secret, args[0], w.browser.forges)
}

func (n *node) knock(path, host, from, secret, want string, headers map[string]string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.mutual()+path, nil)
	if err != nil {
		return err
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	r.Header.Set("Clave-Proxy-Secret", secret)
	r.Host = host
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: time.Minute}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, DialContext: dialer.DialContext},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if got := strconv.Itoa(answer.StatusCode); got != want {
		return fmt.Errorf("%w: status %s to %s: %s", errNot, got, answer.Header.Get("Location"), body)
	}
	return nil
}
