package push

import (
	"crypto/ecdh"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"strings"
)

// Recipient is the To of a message, as JSON: a device of ours, and the subscription
// that its browser gave it.
// Source: W3C Push API, section 8 (PushSubscription), getKey.
type Recipient struct {
	// Device is our name for it, by which a subscription is forgotten.
	Device   string `json:"device,omitempty"`
	Endpoint string `json:"endpoint"`
	// P256dh and Auth are base64url, with or without padding.
	P256dh string `json:"p256dh"`
	Auth   string `json:"auth"`
}

// ErrRecipient says that a subscription cannot be one. Its text holds nothing of it.
var ErrRecipient = errors.New("not a subscription of a push service that we use")

// maxEndpointBytes is far above what push services hand out.
const maxEndpointBytes = 1024

// Check refuses a subscription that a message would not be handed over to:
// ErrRecipient. What a browser brings is asked so before it is kept.
func (s Settings) Check(r Recipient) error {
	if err := s.complete(); err != nil {
		return err
	}
	_, err := s.open(r)
	return err
}

// opened is a recipient that was looked at.
type opened struct {
	endpoint string
	origin   string // of the push service, as RFC 8292 names it
	public   *ecdh.PublicKey
	auth     []byte
}

func read(to string) (r Recipient, err error) {
	if json.Unmarshal([]byte(to), &r) != nil { // its text would quote it
		return r, ErrRecipient
	}
	return r, nil
}

func (s Settings) open(r Recipient) (opened, error) {
	at, err := url.Parse(r.Endpoint)
	if err != nil || len(r.Endpoint) > maxEndpointBytes || !s.takes(at) {
		return opened{}, ErrRecipient
	}
	point, ok := decode(r.P256dh)
	auth, also := decode(r.Auth)
	public, err := ecdh.P256().NewPublicKey(point)
	if !ok || !also || err != nil || len(auth) != authSize {
		return opened{}, ErrRecipient
	}
	return opened{endpoint: at.String(), origin: at.Scheme + "://" + at.Host, public: public, auth: auth}, nil
}

// takes tells whether an address is at one of the push services.
func (s Settings) takes(at *url.URL) bool {
	if at.Opaque != "" || at.User != nil || at.Fragment != "" {
		return false
	}
	if s.Loopback && at.Scheme == "http" {
		ip := net.ParseIP(at.Hostname())
		return ip != nil && ip.IsLoopback()
	}
	if at.Scheme != "https" || strings.Contains(at.Host, ":") { // one with a port is no push service's
		return false
	}
	for _, service := range s.Services {
		if at.Host == service || strings.HasSuffix(at.Host, "."+service) {
			return true
		}
	}
	return false
}

func decode(text string) ([]byte, bool) {
	plain, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	return plain, err == nil
}
