package metadata

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"clave/internal/fetch"
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

func newClient(transport http.RoundTripper) *fetch.Client {
	return fetch.NewClient(fetch.Terms{
		Accept:   "application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.9",
		Patience: fetchTimeout, Timeout: fetchTimeout, MaxBytes: maxBytes, Idle: atOnce, Transport: transport,
	})
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

// newer asks for metadata; the copy has no data when the host has nothing else than what
// it gave before.
func newer(ctx context.Context, client *fetch.Client, address string, before Version, now time.Time) (Copy, error) {
	data, mark, err := client.Newer(ctx, address, fetch.Mark{Tag: before.Tag, Modified: before.Modified})
	switch {
	case errors.Is(err, fetch.TooLarge(maxBytes)):
		return Copy{}, fmt.Errorf("%w: %w; give those of the service alone", errUnreachable, err)
	case err != nil:
		return Copy{}, fmt.Errorf("%w: %w", errUnreachable, err)
	case data == nil:
		before.FetchedAt = now
		return Copy{Version: before}, nil
	}
	sum := sha256.Sum256(data)
	return Copy{Version{hex.EncodeToString(sum[:]), now, mark.Tag, mark.Modified}, data}, nil
}
