package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Source: our choice. Hosts move documents once, perhaps twice; marks have some forty
// bytes.
const (
	maxRedirects = 3
	maxMarkBytes = 256
)

// Terms are how documents of a kind are asked for. Every field is required, but for the
// last.
type Terms struct {
	// Accept is the header: which types are understood.
	Accept string
	// Patience is for the answer to begin, and Timeout for all of it.
	Patience, Timeout time.Duration
	// MaxBytes is what a document may have, after it was unpacked.
	MaxBytes int
	// Idle is how many connections are kept for a moment.
	Idle int
	// Transport replaces the way to hosts, for tests.
	Transport http.RoundTripper
}

// Mark is what a host said about a document, by which it tells whether there is a newer
// one: its ETag and Last-Modified. The zero value is that of no document.
type Mark struct{ Tag, Modified string }

// TooLarge is the error of a document that has more than so many bytes.
type TooLarge int

func (l TooLarge) Error() string { return fmt.Sprintf("it has more than %d bytes", int(l)) }

// Client asks for documents. It is safe for concurrent use.
type Client struct {
	terms Terms
	web   *http.Client
}

// NewClient returns a Client that goes to the host of an address and to no other, by a
// proxy where the environment names one.
func NewClient(t Terms) *Client {
	if t.Transport == nil {
		t.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: t.Patience,
			MaxIdleConns: t.Idle, IdleConnTimeout: 10 * time.Second,
		}
	}
	return &Client{t, &http.Client{
		Transport: t.Transport, Timeout: t.Timeout,
		CheckRedirect: func(r *http.Request, before []*http.Request) error {
			if len(before) > maxRedirects || r.URL.Host != before[0].URL.Host || r.URL.Scheme != before[0].URL.Scheme {
				return errors.New("it leads to another host, or in circles")
			}
			return nil
		},
	}}
}

// Newer asks for a document; there are no data when the host has nothing newer than the
// one with the mark before, which stays. Error: TooLarge, and whatever keeps a host from
// answering.
func (c *Client) Newer(ctx context.Context, address string, before Mark) ([]byte, Mark, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, before, err
	}
	r.Header.Set("Accept", c.terms.Accept)
	if before.Tag != "" {
		r.Header.Set("If-None-Match", before.Tag)
	}
	if before.Modified != "" {
		r.Header.Set("If-Modified-Since", before.Modified)
	}
	answer, err := c.web.Do(r)
	if err != nil {
		return nil, before, err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotModified && before != Mark{}:
		return nil, before, nil
	case answer.StatusCode != http.StatusOK:
		return nil, before, fmt.Errorf("its host answers with status %d", answer.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, int64(c.terms.MaxBytes)+1))
	switch {
	case err != nil:
		return nil, before, err
	case len(data) > c.terms.MaxBytes:
		return nil, before, TooLarge(c.terms.MaxBytes)
	}
	return data, Mark{bounded(answer.Header.Get("ETag")), bounded(answer.Header.Get("Last-Modified"))}, nil
}

// bounded leaves out what would be too long to keep.
func bounded(header string) string {
	if len(header) > maxMarkBytes {
		return ""
	}
	return header
}
