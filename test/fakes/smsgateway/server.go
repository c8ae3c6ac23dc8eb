// Package smsgateway is an SMS gateway for tests: an HTTP server that takes
// messages as JSON, asks for a bearer secret, answers a repeated idempotency key
// like the first time, and misbehaves when a test tells it to.
package smsgateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// Message is one message as the gateway took it.
type Message struct {
	ID              string `json:"id"`
	To              string `json:"to"`
	Text            string `json:"text"`
	Sender          string `json:"sender"`
	ValiditySeconds int    `json:"validity_seconds"`
}

// Server is a gateway. Fields are set before Start.
type Server struct {
	// Secret that requests must bear.
	Secret string
	// React may answer instead of the gateway, which has stored the message by
	// then; it tells whether it did.
	React func(w http.ResponseWriter, r *http.Request, m Message) (answered bool)

	server *httptest.Server

	mu       sync.Mutex
	requests int
	messages []Message
	known    map[string]string // idempotency key → our id
}

// Start listens until the test ends.
func (s *Server) Start(t testing.TB) *Server {
	s.known = map[string]string{}
	s.server = httptest.NewServer(http.HandlerFunc(s.take))
	t.Cleanup(s.server.Close)
	return s
}

// URL is where messages are posted.
func (s *Server) URL() string { return s.server.URL + "/send" }

// Messages lists what phones got, each once.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Requests counts what came, repetitions included.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

func (s *Server) take(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests++
	s.mu.Unlock()
	var m Message
	switch key := r.Header.Get("Idempotency-Key"); {
	case r.Method != http.MethodPost || r.URL.Path != "/send":
		http.NotFound(w, r)
	case r.Header.Get("Authorization") != "Bearer "+s.Secret:
		w.WriteHeader(http.StatusUnauthorized)
	case json.NewDecoder(r.Body).Decode(&m) != nil || m.ID == "" || key != m.ID || m.ValiditySeconds <= 0:
		w.WriteHeader(http.StatusBadRequest)
	default:
		id := s.store(key, m)
		if s.React != nil && s.React(w, r, m) {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(map[string]string{"id": id}) // a client that went away asks again
	}
}

func (s *Server) store(key string, m Message) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, ok := s.known[key]; ok {
		return id
	}
	s.messages = append(s.messages, m)
	s.known[key] = fmt.Sprint("g", len(s.messages))
	return s.known[key]
}
