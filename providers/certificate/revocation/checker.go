package revocation

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Times. Source: our choice, except where said.
const (
	// Skew is how far others' clocks may be wrong.
	Skew = 5 * time.Minute
	// undatedLasts is how long an answer counts that does not say until when.
	// Source: RFC 6960, section 4.2.2.1: newer information is always available.
	undatedLasts = 10 * time.Minute
	// keepAnswer is how long an answer spares the next question, and keepList how long
	// a list does, both within their own end: a certificate that is revoked meanwhile
	// is taken that much longer.
	keepAnswer = 5 * time.Minute
	keepList   = time.Hour
	// answerTimeout and listTimeout bound each download.
	answerTimeout = 4 * time.Second
	listTimeout   = 15 * time.Second
	// patience bounds a whole check, below the server's own time to answer.
	patience = 25 * time.Second
)

// Bounds of what is read and kept. Source: our choice; the largest lists of Spanish
// issuers have some megabytes.
const (
	maxAnswerBytes = 64 << 10
	maxListBytes   = 48 << 20
	maxAnswers     = 20_000
	maxLists       = 64
	// maxAddresses is how many addresses of one certificate are tried.
	maxAddresses = 4
)

// ErrUnknown says that nobody gave an answer that counts.
var ErrUnknown = errors.New("nobody could say whether the certificate was revoked")

// Options of New. Client and Now are required.
type Options struct {
	// Fallback are responders that are asked after those that the certificate names.
	Fallback []Responder
	// Loopback lets answers come from this machine and its link: in the sandbox and
	// in tests.
	Loopback bool
	Now      func() time.Time
}

// Responder is an OCSP responder for the certificates of an organisation.
type Responder struct {
	Organisation string // O of the issuer's subject
	Address      string // http or https
}

// Checker asks. It is safe for concurrent use.
type Checker struct {
	fallback []Responder
	client   *http.Client
	now      func() time.Time
	answers  *cache[answer]
	lists    *cache[*list]
}

// New returns a checker.
func New(o Options) *Checker {
	return &Checker{
		fallback: o.Fallback, client: newClient(o.Loopback), now: o.Now,
		answers: newCache[answer](maxAnswers, o.Now), lists: newCache[*list](maxLists, o.Now),
	}
}

// Revoked tells whether a certificate of the verified chain was revoked, citizen's
// and authorities' below the anchor; ErrUnknown when nobody could say of one of
// them and none is known to be revoked.
func (c *Checker) Revoked(ctx context.Context, chain []*x509.Certificate) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var unknown error
	for i := range len(chain) - 1 {
		revoked, err := c.one(ctx, chain[i], chain[i+1])
		if revoked && err == nil {
			return true, nil
		}
		unknown = errors.Join(unknown, err)
	}
	return false, unknown
}

// one asks about one certificate: responders first, then lists.
func (c *Checker) one(ctx context.Context, certificate, issuer *x509.Certificate) (bool, error) {
	revoked, err := c.byAnswer(ctx, certificate, issuer)
	if err == nil {
		return revoked, nil
	}
	revoked, listErr := c.byList(ctx, certificate, issuer)
	if listErr == nil {
		return revoked, nil
	}
	return false, fmt.Errorf("%w: %w", ErrUnknown, errors.Join(err, listErr))
}
