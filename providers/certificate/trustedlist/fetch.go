package trustedlist

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"clave/internal/fetch"
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

func newClient(transport http.RoundTripper) *fetch.Client {
	return fetch.NewClient(fetch.Terms{
		Accept:   "application/vnd.etsi.tsl+xml, application/xml;q=0.9, text/xml;q=0.9",
		Patience: fetchPatience, Timeout: fetchTimeout, MaxBytes: maxBytes, Idle: 1, Transport: transport,
	})
}

// newer asks for the list; the copy has no data when the host has nothing newer than
// what it gave before.
func newer(ctx context.Context, client *fetch.Client, address string, before Version, now time.Time) (Copy, error) {
	data, mark, err := client.Newer(ctx, address, fetch.Mark{Tag: before.Tag, Modified: before.Modified})
	switch {
	case err != nil:
		return Copy{}, fmt.Errorf("%w: %w", errUnreachable, err)
	case data == nil:
		before.FetchedAt = now
		return Copy{Version: before}, nil
	}
	return Copy{Version{FetchedAt: now, Tag: mark.Tag, Modified: mark.Modified}, data}, nil
}
