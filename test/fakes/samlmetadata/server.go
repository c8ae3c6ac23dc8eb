package samlmetadata

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Manner is how the host behaves.
type Manner string

// The manners. The zero value is as it should be.
const (
	Down      Manner = "down"      // status 503
	Garbage   Manner = "garbage"   // a page of the airport's network
	Cut       Manner = "cut"       // the metadata without their end
	Changed   Manner = "changed"   // the metadata with another address
	Doctype   Manner = "doctype"   // the metadata after a document type
	Slow      Manner = "slow"      // no answer until the asker leaves
	Huge      Manner = "huge"      // more than anybody wants to read
	Packed    Manner = "packed"    // that, and small on its way
	Elsewhere Manner = "elsewhere" // a redirect to another host, which has them
	Circles   Manner = "circles"   // a redirect to itself
	Moved     Manner = "moved"     // a redirect within the host, which has them
	Unchanged Manner = "unchanged" // 304 for who never asked
)

// Server is the host of a service's metadata.
type Server struct {
	URL string // of the metadata

	web, other *httptest.Server
	closed     chan struct{}
	mu         sync.Mutex
	metadata   []byte
	manner     Manner
	asked      int
}

// Start starts a host for the time of a test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{closed: make(chan struct{})}
	s.web = httptest.NewTLSServer(http.HandlerFunc(s.answer))
	s.other = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		_, _ = w.Write(s.metadata) // who left needs no answer
	}))
	s.URL = s.web.URL + "/sp"
	t.Cleanup(func() {
		close(s.closed)
		s.web.Close()
		s.other.Close()
	})
	return s
}

// Plain is where the metadata are without TLS.
func (s *Server) Plain() string { return s.other.URL }

// Transport trusts the host.
func (s *Server) Transport() http.RoundTripper { return s.web.Client().Transport }

// Publish puts metadata there.
func (s *Server) Publish(metadata []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.metadata = metadata
}

// Behave sets the manner.
func (s *Server) Behave(m Manner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manner = m
}

// Asked tells how often the metadata were asked for.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked++
	data, manner := s.metadata, s.manner
	s.mu.Unlock()
	switch manner {
	case Down:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case Garbage:
		data = []byte("<html>Welcome to the airport's network</html>")
	case Cut:
		data = data[:len(data)-100]
	case Changed:
		data = bytes.ReplaceAll(data, []byte("/acs"), []byte("/evl"))
	case Doctype:
		data = append([]byte(`<!DOCTYPE x [<!ENTITY a "aaaa">]>`), data...)
	case Slow:
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
		return
	case Huge:
		data = make([]byte, 2<<20)
	case Packed:
		w.Header().Set("Content-Encoding", "gzip")
		data = bomb()
	case Elsewhere:
		http.Redirect(w, r, s.other.URL, http.StatusFound)
		return
	case Circles:
		http.Redirect(w, r, s.URL, http.StatusFound)
		return
	case Moved:
		if r.URL.Path != "/moved" {
			http.Redirect(w, r, "/moved", http.StatusMovedPermanently)
			return
		}
	case Unchanged:
		w.WriteHeader(http.StatusNotModified)
		return
	}
	tag := fmt.Sprintf("\"%x\"", sha256.Sum256(data))
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", "application/samlmetadata+xml")
	_, _ = w.Write(data) // who left needs no answer
}

// bomb is much in little.
func bomb() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for range 16 {
		_, _ = z.Write(make([]byte, 1<<20)) // a buffer takes everything
	}
	_ = z.Close() // a buffer takes everything
	return b.Bytes()
}
