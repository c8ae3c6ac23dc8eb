package trustedlist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Version tells copies of a list apart, and what the host said about this one.
type Version struct {
	Sequence int64
	Issued   time.Time
	// FetchedAt is when the host last said that this is its list.
	FetchedAt time.Time
	// Tag and Modified are the host's ETag and Last-Modified.
	Tag, Modified string
}

// same tells whether it is the same list.
func (v Version) same(other Version) bool {
	return v.Sequence == other.Sequence && v.Issued.Equal(other.Issued)
}

// Copy is a list as it came. Nobody has to believe it: its signature is checked
// whenever it is read.
type Copy struct {
	Version
	Data []byte
}

// errUnreachable: the host did not give a list. Not told from errors of its name's
// lookup, of TLS and of answers, which the text says.
var errUnreachable = errors.New("the trusted list could not be fetched")

// newClient goes to the host of the list and to no other, by a proxy where the
// environment names one.
func newClient(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second,
			MaxIdleConns: 1, IdleConnTimeout: 10 * time.Second,
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

// fetch asks for the list; the copy has no data when the host has nothing newer than
// what it gave before.
func fetch(ctx context.Context, client *http.Client, address string, before Version, now time.Time) (Copy, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Copy{}, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	r.Header.Set("Accept", "application/vnd.etsi.tsl+xml, application/xml;q=0.9, text/xml;q=0.9")
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
		return Copy{}, fmt.Errorf("%w: it has more than %d bytes", errUnreachable, maxBytes)
	}
	return Copy{Version{FetchedAt: now, Tag: bounded(answer.Header.Get("ETag")), Modified: bounded(answer.Header.Get("Last-Modified"))}, data}, nil
}

// bounded leaves out what would be too long to keep.
func bounded(header string) string {
	if len(header) > maxName {
		return ""
	}
	return header
}
