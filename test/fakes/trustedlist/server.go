package trustedlist

import (
	"bytes"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
)

// Manner is how the host behaves.
type Manner string

// The manners. The zero value is as it should be.
const (
	Down      Manner = "down"      // status 503
	Garbage   Manner = "garbage"   // a page of the airport's network
	Cut       Manner = "cut"       // the list without its end
	Changed   Manner = "changed"   // the list with another word
	Unsigned  Manner = "unsigned"  // the list without its signature
	Slow      Manner = "slow"      // no answer until the asker leaves
	Huge      Manner = "huge"      // more than anybody wants to read
	Packed    Manner = "packed"    // that, and small on its way
	Elsewhere Manner = "elsewhere" // a redirect to another host, which has the list
	Circles   Manner = "circles"   // a redirect to itself
	Moved     Manner = "moved"     // a redirect within the host, which has the list
	Unchanged Manner = "unchanged" // 304 for who never asked
)

// Server is the host of a list.
type Server struct {
	URL string // of the list
	// PEM is the host's own certificate.
	PEM []byte

	web    *httptest.Server
	other  *httptest.Server
	mu     sync.Mutex
	list   []byte
	manner Manner
	asked  int
	fresh  int // answers that there is nothing newer
	closed chan struct{}
}

// Start starts a host for the time of a test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := New()
	t.Cleanup(s.Close)
	return s
}

// New starts a host until Close.
func New() *Server {
	s := &Server{closed: make(chan struct{})}
	s.web = httptest.NewTLSServer(http.HandlerFunc(s.answer))
	s.other = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { s.write(w) }))
	s.URL = s.web.URL + "/TSL.xml"
	s.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.web.Certificate().Raw})
	return s
}

// Close stops the host.
func (s *Server) Close() {
	close(s.closed)
	s.web.Close()
	s.other.Close()
}

// Transport trusts the host.
func (s *Server) Transport() http.RoundTripper { return s.web.Client().Transport }

// Publish puts a list there.
func (s *Server) Publish(list []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = list
}

// Behave sets the manner.
func (s *Server) Behave(m Manner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manner = m
}

// Asked tells how often the list was asked for, and how often there was nothing newer.
func (s *Server) Asked() (asked, fresh int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked, s.fresh
}

func (s *Server) write(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = w.Write(s.list) // who left needs no answer
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	list := s.list
	switch s.manner {
	case Down:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case Garbage:
		list = []byte("<html>Welcome to the airport's network</html>")
	case Cut:
		list = list[:len(list)-100]
	case Changed:
		list = bytes.Replace(list, []byte("EJEMPLO"), []byte("EJEMPLA"), 1)
	case Unsigned:
		list = append(bytes.Clone(list[:bytes.Index(list, []byte("<ds:Signature"))]), "</TrustServiceStatusList>"...)
	case Slow:
		s.mu.Unlock()
		select {
		case <-r.Context().Done():
		case <-s.closed:
		}
		s.mu.Lock()
		return
	case Huge:
		list = make([]byte, 9<<20)
	case Packed:
		w.Header().Set("Content-Encoding", "gzip")
		list = bomb()
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
	tag := fmt.Sprintf("\"%x\"", sha256.Sum256(list))
	if r.Header.Get("If-None-Match") == tag {
		s.fresh++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", "application/vnd.etsi.tsl+xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(list)))
	_, _ = io.Copy(w, bytes.NewReader(list)) // who left needs no answer
}
