package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Limits of fetching a client's keys. Our choice.
const (
	keySetTimeout  = 5 * time.Second
	keySetBytes    = 256 << 10
	keySetKeys     = 50
	keySetFresh    = 10 * time.Minute
	keySetAgain    = 15 * time.Second // at least between two fetches of one address
	keySetKeptOver = 24 * time.Hour   // how long the last good answer serves while the address fails
)

// keySets fetches the keys that clients publish at their jwks_uri and keeps them
// for a while.
type keySets struct {
	client  *http.Client
	sandbox bool
	now     func() time.Time
	mu      sync.Mutex
	byURI   map[string]*keySet
}

// keySet is what one address answered.
type keySet struct {
	mu      sync.Mutex // one fetch at a time
	keys    []jose.JSONWebKey
	fetched time.Time // last success
	tried   time.Time
}

func newKeySets(sandbox bool, now func() time.Time) *keySets {
	dialer := &net.Dialer{Timeout: keySetTimeout}
	if !sandbox {
		dialer.ControlContext = refuseOwnNetwork
	}
	return &keySets{
		sandbox: sandbox, now: now, byURI: map[string]*keySet{},
		client: &http.Client{
			Timeout: keySetTimeout,
			// A redirect would lead where nobody registered.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				DialContext: dialer.DialContext, TLSHandshakeTimeout: keySetTimeout,
				ResponseHeaderTimeout: keySetTimeout, MaxIdleConns: 4, IdleConnTimeout: time.Minute,
				MaxResponseHeaderBytes: 16 << 10,
			},
		},
	}
}

// refuseOwnNetwork keeps fetches away from this machine and its neighbours, which
// answer requests that they would not take from outside: the check is on the
// address that is dialled, after the name was resolved. Private ranges are let
// through, because administrations publish their keys within the SARA network.
func refuseOwnNetwork(_ context.Context, _, address string, _ syscall.RawConn) error {
	where, err := netip.ParseAddrPort(address)
	if err != nil {
		return errors.New("the address cannot be read")
	}
	ip := where.Addr().Unmap()
	if ip.IsLoopback() || ip.IsUnspecified() || ip.IsLinkLocalUnicast() || ip.IsMulticast() {
		return errors.New("the address belongs to this machine or its neighbourhood")
	}
	return nil
}

// keysOf are the keys that a client registered, or publishes. An unknown key id
// makes us look again, because clients rotate their keys.
func (f *Front) keysOf(ctx context.Context, c *client, kid string) ([]jose.JSONWebKey, *Refusal) {
	if c.keysBroken {
		return nil, refuse(invalidClient, "the registered jwks of the client cannot be read")
	}
	if c.JWKSURI == "" {
		return c.assertions, nil
	}
	set, err := f.keySets.get(ctx, c.JWKSURI, kid)
	if err != nil {
		f.Log.WarnContext(ctx, "client keys not fetched", "relying_party", c.party.ID, "error", err.Error())
		return nil, refuse(invalidClient, "the keys at the client's jwks_uri could not be fetched")
	}
	return set, nil
}

// get gives the keys at an address: kept ones while they are fresh and have the
// key, else newly fetched ones, else the last good ones for a day.
func (s *keySets) get(ctx context.Context, uri, kid string) ([]jose.JSONWebKey, error) {
	one := s.at(uri)
	one.mu.Lock()
	defer one.mu.Unlock()
	now := s.now()
	has := kid == "" || slices.ContainsFunc(one.keys, func(k jose.JSONWebKey) bool { return k.KeyID == kid })
	fresh := !one.fetched.IsZero() && now.Sub(one.fetched) < keySetFresh && has
	if fresh {
		return one.keys, nil
	}
	var err error
	if one.tried.IsZero() || now.Sub(one.tried) >= keySetAgain {
		one.tried = now
		var keys []jose.JSONWebKey
		if keys, err = s.fetch(ctx, uri); err == nil {
			one.keys, one.fetched = keys, now
		}
	}
	if !one.fetched.IsZero() && now.Sub(one.fetched) < keySetKeptOver {
		return one.keys, nil
	}
	if err == nil {
		err = errors.New("the last attempt failed a moment ago")
	}
	return nil, err
}

func (s *keySets) at(uri string) *keySet {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.byURI[uri]
	if one == nil {
		one = &keySet{}
		s.byURI[uri] = one
	}
	return one
}

func (s *keySets) fetch(ctx context.Context, uri string) ([]jose.JSONWebKey, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(s.sandbox && isLoopback(uri)) {
		return nil, errors.New("fetching keys: jwks_uri has to be an https address")
	}
	// The client that waits may go away; the keys are for all that come after it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keySetTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, fmt.Errorf("fetching keys: %w", err)
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("fetching keys: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetching keys: the address answered with status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, keySetBytes+1))
	if err != nil {
		return nil, fmt.Errorf("fetching keys: %w", err)
	}
	var set jose.JSONWebKeySet
	if len(body) > keySetBytes || json.Unmarshal(body, &set) != nil || len(set.Keys) > keySetKeys {
		return nil, errors.New("fetching keys: the address did not answer with a JSON Web Key Set of fair size")
	}
	return set.Keys, nil
}
