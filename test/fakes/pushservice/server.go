// Package pushservice is a browsers' push service for tests, with the browsers
// behind it: it hands out subscriptions, holds senders to RFC 8030, RFC 8291 and RFC
// 8292, decrypts what it takes with the subscriber's keys, and misbehaves when a test
// tells it to.
package pushservice

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// maxBytes is what push services take at least. Source: RFC 8030, section 7.2.
const maxBytes = 4096

// Push is a message as the browser shows it to the app.
type Push struct {
	Subscription string // its endpoint
	Body         string
	Bytes        int // of the encrypted body
	TTL          int
	Urgency      string
	Topic        string
	Contact      string // sub of the token
	Expiry       time.Time
}

// Subscription is what a browser hands out (PushSubscription).
type Subscription struct {
	Endpoint, P256dh, Auth string
}

// Server is a push service. Fields are set before Start.
type Server struct {
	// Now is the clock that tokens are checked by; time.Now when nil.
	Now func() time.Time
	// React may answer instead of the service; it tells whether it did.
	React func(w http.ResponseWriter, r *http.Request) (answered bool)

	server *httptest.Server

	mu          sync.Mutex
	subscribers map[string]*subscriber // by the endpoint's path
	pushes      []Push
	refusals    []string
}

// subscriber is a browser's half of a subscription.
type subscriber struct {
	sender  string // the key that it was made for, in base64url
	private *ecdh.PrivateKey
	auth    []byte
	gone    bool
}

// Start listens on loopback until the test ends.
func (s *Server) Start(t testing.TB) *Server {
	if s.Now == nil {
		s.Now = time.Now
	}
	s.subscribers = map[string]*subscriber{}
	s.server = httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(s.server.Close)
	return s
}

// Subscribe is the browser's pushManager.subscribe for a sender's key, in base64url.
func (s *Server) Subscribe(sender string) Subscription {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	one := &subscriber{sender: sender, private: private, auth: make([]byte, 16)}
	_, _ = rand.Read(one.auth) // never fails, see crypto/rand
	path := "/push/" + rand.Text()
	s.mu.Lock()
	s.subscribers[path] = one
	s.mu.Unlock()
	return Subscription{
		Endpoint: s.server.URL + path,
		P256dh:   base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes()),
		Auth:     base64.RawURLEncoding.EncodeToString(one.auth),
	}
}

// Unsubscribe ends a subscription, as who deletes the app does.
func (s *Server) Unsubscribe(endpoint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.subscribers[strings.TrimPrefix(endpoint, s.server.URL)]; one != nil {
		one.gone = true
	}
}

// Pushes lists what browsers got, oldest first.
func (s *Server) Pushes() []Push {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.pushes)
}

// Refusals lists why requests were refused, oldest first.
func (s *Server) Refusals() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.refusals)
}

func (s *Server) take(w http.ResponseWriter, r *http.Request) {
	if s.React != nil && s.React(w, r) {
		return
	}
	p, status, why := s.look(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if why != "" {
		s.refusals = append(s.refusals, why)
		http.Error(w, why, status)
		return
	}
	s.pushes = append(s.pushes, p)
	w.Header().Set("Location", s.server.URL+"/message/"+strconv.Itoa(len(s.pushes)))
	w.WriteHeader(http.StatusCreated)
}

// look reads a request as strictly as the strictest of the real ones.
func (s *Server) look(r *http.Request) (p Push, status int, why string) {
	s.mu.Lock()
	one := s.subscribers[r.URL.Path]
	gone := one != nil && one.gone
	s.mu.Unlock()
	h := r.Header
	p = Push{Subscription: s.server.URL + r.URL.Path, Urgency: h.Get("Urgency"), Topic: h.Get("Topic")}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBytes+1))
	p.Bytes = len(body)
	switch {
	case err != nil:
		return p, http.StatusBadRequest, "the body does not come"
	case one == nil:
		return p, http.StatusNotFound, "there is no such subscription"
	case gone:
		return p, http.StatusGone, "the subscription was ended"
	case r.Method != http.MethodPost:
		return p, http.StatusMethodNotAllowed, "not a POST"
	case len(body) > maxBytes:
		return p, http.StatusRequestEntityTooLarge, "the body is too long"
	case h.Get("Content-Encoding") != "aes128gcm":
		return p, http.StatusUnsupportedMediaType, "the body's encoding is not aes128gcm"
	case p.Urgency != "" && !slices.Contains([]string{"very-low", "low", "normal", "high"}, p.Urgency):
		return p, http.StatusBadRequest, "the urgency is none of RFC 8030, section 5.3"
	case len(p.Topic) > 32 || strings.Trim(p.Topic, topicCharacters) != "":
		return p, http.StatusBadRequest, "the topic is none of RFC 8030, section 5.4"
	}
	if p.TTL, err = strconv.Atoi(h.Get("TTL")); err != nil || p.TTL < 0 {
		return p, http.StatusBadRequest, "there is no time to live"
	}
	if status, why = s.sender(&p, h.Get("Authorization"), one.sender); why != "" {
		return p, status, why
	}
	plain, err := decrypt(body, one.private, one.auth)
	if err != nil { // a real one would hand it on, and the app would not be told
		return p, http.StatusBadRequest, "the browser cannot decrypt the message: " + err.Error()
	}
	p.Body = string(plain)
	return p, 0, ""
}

const topicCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
