package revocation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// newClient follows no redirects, and without loopback reaches neither this machine
// nor its link: not the metadata service of a cloud at 169.254.169.254, say. A proxy
// that the environment names is used, as everywhere, wherever it stands; whom that
// one reaches is its own matter.
func newClient(loopback bool) *http.Client {
	guarded, open := &net.Dialer{Timeout: answerTimeout}, &net.Dialer{Timeout: answerTimeout}
	if !loopback {
		guarded.Control = func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !public(at.Addr()) {
				return errors.New("the address is this machine's own or its link's")
			}
			return nil
		}
	}
	transport := func(d *net.Dialer) *http.Transport {
		return &http.Transport{
			DialContext: d.DialContext, TLSHandshakeTimeout: answerTimeout,
			ResponseHeaderTimeout: answerTimeout, MaxIdleConnsPerHost: 4, MaxConnsPerHost: 32, IdleConnTimeout: time.Minute,
		}
	}
	proxied := transport(open)
	proxied.Proxy = http.ProxyFromEnvironment
	return &http.Client{
		Transport:     roads{direct: transport(guarded), proxied: proxied},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// roads goes by the proxy where the environment names one for the address.
type roads struct{ direct, proxied http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (r roads) RoundTrip(request *http.Request) (*http.Response, error) {
	if proxy, err := http.ProxyFromEnvironment(request); err == nil && proxy == nil {
		return r.direct.RoundTrip(request)
	}
	return r.proxied.RoundTrip(request)
}

func public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsValid() && !a.IsLoopback() && !a.IsUnspecified() && !a.IsLinkLocalUnicast() && !a.IsMulticast() && !a.IsInterfaceLocalMulticast()
}

// web keeps the addresses that are http or https, no more than maxAddresses: lists
// also stand in directories (ldap), which nobody asks any more.
func web(addresses []string) []string {
	var kept []string
	for _, a := range addresses {
		u, err := url.Parse(a)
		if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && len(kept) < maxAddresses {
			kept = append(kept, a)
		}
	}
	return kept
}

// post asks a responder. Source: RFC 6960, appendix A.1.
func (c *Checker) post(ctx context.Context, address string, question []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/ocsp-request")
	r.Header.Set("Accept", "application/ocsp-response")
	return c.read(r, maxAnswerBytes)
}

// get reads a list.
func (c *Checker) get(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	return c.read(r, maxListBytes)
}

func (c *Checker) read(r *http.Request, limit int64) ([]byte, error) {
	answer, err := c.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers with status %d", r.URL.Host, answer.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = fmt.Errorf("%s answers with more than %d bytes", r.URL.Host, limit)
	}
	return body, err
}
