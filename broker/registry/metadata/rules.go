package metadata

import (
	"errors"
	"math/rand/v2"
	"time"

	"clave/broker/registry"
	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

// Bounds of how often an address is asked. What metadata say about it counts between
// them, since a service that says "each second" or "never" means neither.
// Source: our choice; SAML 2.0 Metadata, section 2.3.2, leaves it open.
const (
	usualRefresh = 4 * time.Hour
	minRefresh   = 15 * time.Minute
	maxRefresh   = 24 * time.Hour
	// firstRetry doubles with each failure, up to lastRetry.
	firstRetry = time.Minute
	lastRetry  = time.Hour
	// every is how often a node looks for other nodes' copies, new registrations and
	// what is due.
	every = 5 * time.Second
)

// How an address is asked. Source: our choice; a service's metadata have some ten
// thousand bytes.
const (
	fetchTimeout = 20 * time.Second
	maxBytes     = 1 << 20
	// atOnce bounds how many addresses are asked at the same time.
	atOnce = 8
)

var limits = xmlsig.Limits{Bytes: maxBytes, Depth: 32, Elements: 20_000}

// Errors of metadata that were refused; ErrReplaced is one of Copies.
var (
	// ErrOlder: the address gives metadata that end before those it gave already.
	ErrOlder = errors.New("the metadata end before those that the address gave already; if the service means it, register a metadata_url that differs")
	// ErrEndless: who has old metadata without end could bring them back for ever.
	ErrEndless = errors.New("the metadata have no validUntil; the service has to say until when they count")
	// ErrReplaced: another node has put another copy there.
	ErrReplaced = errors.New("another copy of the metadata has taken its place")
)

// read proves metadata of a source. A host that only TLS speaks for, which a sandbox may
// have, need not say an end.
func (s Settings) read(source registry.MetadataSource, data []byte) (*saml2.ServiceProvider, error) {
	t, err := source.Terms()
	if err != nil {
		return nil, err
	}
	if len(t.Signers) == 0 && !s.Sandbox {
		return nil, errors.New("the registration names no metadata_certificates")
	}
	t.Now, t.AllowHTTP = s.Now(), s.Sandbox
	sp, err := saml2.ReadMetadata(data, limits, t)
	if err == nil && len(t.Signers) > 0 && sp.ValidUntil.IsZero() {
		return nil, ErrEndless
	}
	return sp, err
}

// older tells whether metadata were overtaken by those that are known. They have no
// number; their end is what grows.
func older(sp, known *saml2.ServiceProvider) bool {
	return known != nil && sp.ValidUntil.Before(known.ValidUntil)
}

// next is when an address is asked again that was heard at a time: at another moment on
// each node, and well before what it gave ends.
func next(sp *saml2.ServiceProvider, heard time.Time) time.Time {
	wait := usualRefresh
	if sp.CacheDuration > 0 {
		wait = min(max(sp.CacheDuration, minRefresh), maxRefresh)
	}
	if !sp.ValidUntil.IsZero() {
		wait = max(min(wait, sp.ValidUntil.Sub(heard)/2), firstRetry)
	}
	return heard.Add(around(wait))
}

// retry is how long to wait after failures in a row.
func retry(failures int) time.Duration {
	return around(min(firstRetry<<min(failures-1, 10), lastRetry))
}

// around is up to a tenth less.
func around(d time.Duration) time.Duration { return d - time.Duration(rand.Int64N(int64(d/10)+1)) }
