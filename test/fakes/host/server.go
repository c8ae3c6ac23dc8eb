// Package host publishes one document, as hosts of trusted lists and of metadata do, and
// can lie in every way that whoever stands between it and us could.
package host

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
)

// Manner is how a host behaves. Kinds of documents add theirs.
type Manner string

// The manners. The zero value is as it should be.
const (
	Down      Manner = "down"      // status 503
	Garbage   Manner = "garbage"   // a page of the airport's network
	Cut       Manner = "cut"       // the document without its end
	Slow      Manner = "slow"      // no answer until the asker leaves
	Huge      Manner = "huge"      // more than anybody wants to read
	Packed    Manner = "packed"    // that, and small on its way
	Elsewhere Manner = "elsewhere" // a redirect to another host, which has the document
	Circles   Manner = "circles"   // a redirect to itself
	Moved     Manner = "moved"     // a redirect within the host, which has the document
	Unchanged Manner = "unchanged" // 304 for who never asked
)

// Kind is what is published.
type Kind struct {
	// Path is where, and Type the media type.
	Path, Type string
	// Forged are the manners of this kind, each with what becomes of the document.
	Forged map[Manner]func(document []byte) []byte
}

// Server is a host.
type Server struct {
	URL string // of the document
	// PEM is the host's own certificate.
	PEM []byte

	kind       Kind
	web, other *httptest.Server
	closed     chan struct{}
	mu         sync.Mutex
	document   []byte
	manner     Manner
	asked      int
	fresh      int // answers that there is nothing newer
}

// Start starts a host for the time of a test.
func Start(t testing.TB, k Kind) *Server {
	t.Helper()
	s := New(k)
	t.Cleanup(s.Close)
	return s
}

// New starts a host until Close.
func New(k Kind) *Server {
	s := &Server{kind: k, closed: make(chan struct{})}
	s.web = httptest.NewTLSServer(http.HandlerFunc(s.answer))
	s.other = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		_, _ = w.Write(s.document) // who left needs no answer
	}))
	s.URL = s.web.URL + k.Path
	s.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.web.Certificate().Raw})
	return s
}

// Close stops the host.
func (s *Server) Close() {
	close(s.closed)
	s.web.Close()
	s.other.Close()
}

// Plain is where the document is without TLS.
func (s *Server) Plain() string { return s.other.URL }

// Transport trusts the host.
func (s *Server) Transport() http.RoundTripper { return s.web.Client().Transport }

// Publish puts a document there.
func (s *Server) Publish(document []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.document = document
}

// Behave sets the manner.
func (s *Server) Behave(m Manner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manner = m
}

// Asked tells how often the document was asked for.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Fresh tells how often there was nothing newer than what the asker had.
func (s *Server) Fresh() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fresh
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked++
	data, manner := s.document, s.manner
	s.mu.Unlock()
	switch manner {
	case Down:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case Garbage:
		data = []byte("<html>Welcome to the airport's network</html>")
	case Cut:
		data = data[:len(data)-100]
	case Slow:
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
		return
	case Huge:
		data = make([]byte, 9<<20)
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
	if forge, ok := s.kind.Forged[manner]; ok {
		data = forge(data)
	}
	tag := fmt.Sprintf("\"%x\"", sha256.Sum256(data))
	if r.Header.Get("If-None-Match") == tag {
		s.mu.Lock()
		s.fresh++
		s.mu.Unlock()
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", s.kind.Type)
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
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
