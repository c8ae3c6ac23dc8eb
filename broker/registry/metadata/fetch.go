package metadata

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// Key is which copy: one of each address and entity.
type Key struct{ Address, EntityID string }

// Version tells copies apart, and what the host said about this one.
type Version struct {
	// Digest is the SHA-256 of the copy in hexadecimal digits; empty for no copy.
	Digest string
	// FetchedAt is when the host last said that these are its metadata.
	FetchedAt time.Time
	// Tag and Modified are the host's ETag and Last-Modified.
	Tag, Modified string
}

// Copy is metadata as they came. Nobody has to believe them.
type Copy struct {
	Version
	Data []byte
}

var errUnreachable = errors.New("the metadata could not be fetched")

// newClient goes to the host that is registered and to no other.
func newClient(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: fetchTimeout,
			MaxIdleConns: atOnce, IdleConnTimeout: 10 * time.Second,
		}
	}
	return &http.Client{
		Transport: transport, Timeout: fetchTimeout,
		CheckRedirect: func(r *http.Request, before []*http.Request) error {
			if len(before) > maxRedirects || r.URL.Host != before[0].URL.Host || r.URL.Scheme != before[0].URL.Scheme {
				return errors.New("it leads to another host, or in circles")
			}
			return nil
		},
	}
}

// allowed tells whether an address may be asked at all, whatever is registered.
func (s Settings) allowed(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, _ := netip.ParseAddr(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && s.Sandbox && (ip.IsLoopback() || u.Hostname() == "localhost")
}

// fetch asks for metadata; the copy has no data when the host has nothing else than what
// it gave before.
func fetch(ctx context.Context, client *http.Client, address string, before Version, now time.Time) (Copy, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Copy{}, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	r.Header.Set("Accept", "application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.9")
	if before.Tag != "" {
		r.Header.Set("If-None-Match", before.Tag)
	}
	if before.Modified != "" {
		r.Header.Set("If-Modified-Since", before.Modified)
	}
	answer, err := client.Do(r)
	if err != nil {
		return Copy{}, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotModified && (before.Tag != "" || before.Modified != ""):
		before.FetchedAt = now
		return Copy{Version: before}, nil
	case answer.StatusCode != http.StatusOK:
		return Copy{}, fmt.Errorf("%w: its host answers with status %d", errUnreachable, answer.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxBytes+1))
	switch {
	case err != nil:
		return Copy{}, fmt.Errorf("%w: %w", errUnreachable, err)
	case len(data) > maxBytes:
		return Copy{}, fmt.Errorf("%w: it has more than %d bytes; give those of the service alone", errUnreachable, maxBytes)
	}
	sum := sha256.Sum256(data)
	return Copy{Version{hex.EncodeToString(sum[:]), now, bounded(answer.Header.Get("ETag")), bounded(answer.Header.Get("Last-Modified"))}, data}, nil
}

// bounded leaves out what would be too long to keep.
func bounded(header string) string {
	if len(header) > maxHeader {
		return ""
	}
	return header
}
