package smsc

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"sync"
	"testing"
)

// Reaction is how the centre answers one submit_sm. The zero value accepts.
type Reaction struct {
	// Status other than OK refuses.
	Status uint32
	// Drop closes the connection; the message is stored, the answer never sent.
	Drop bool
	// Silent stores the message and never answers.
	Silent bool
	// Hold keeps the answer back until Release; held answers then go out in
	// reverse order.
	Hold bool
	// Twice sends the answer two times.
	Twice bool
}

// Server is a message centre. Fields are set before Start.
type Server struct {
	// SystemID and Password must be matched by binds, unless empty.
	SystemID, Password string
	// TLS makes the centre speak TLS.
	TLS *tls.Config
	// Packed makes it read GSM 7 bit text as packed septets.
	Packed bool
	// React decides about each message; nil accepts all.
	React func(m Message) Reaction
	// DropBind closes a connection at its bind when it answers true.
	DropBind func(connection int) bool
	// Deaf makes the centre ignore enquire_link.
	Deaf bool

	listener net.Listener
	wg       sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	peers    map[*peer]bool
	binds    int
	unbinds  int
	enquired int
	ids      int
	messages []Message
	answers  map[string]uint32 // deliver_sm_resp status by receipt's message id
	held     []func()
	changed  chan struct{}
}

// Start listens on a free port of loopback until the test ends.
func (s *Server) Start(t testing.TB) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if s.TLS != nil {
		listener = tls.NewListener(listener, s.TLS)
	}
	s.listener, s.peers, s.answers = listener, map[*peer]bool{}, map[string]uint32{}
	s.wg.Go(s.accept)
	t.Cleanup(s.stop)
	return s
}

// Address is where the centre listens.
func (s *Server) Address() string { return s.listener.Addr().String() }

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		p := &peer{server: s, conn: conn}
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			_ = conn.Close()
			return
		}
		s.peers[p] = true
		s.mu.Unlock()
		s.wg.Go(p.serve)
	}
}

func (s *Server) stop() {
	_ = s.listener.Close()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.Hangup()
	s.wg.Wait()
}

// Hangup closes all connections without a word.
func (s *Server) Hangup() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.peers {
		_ = p.conn.Close()
	}
}

// note changes what tests look at and wakes those that wait.
func (s *Server) note(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// Messages lists what was submitted, in the order of arrival.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Binds tells how many binds succeeded, Unbinds how many were ended politely,
// Enquiries how many enquire_link came.
func (s *Server) Binds() int { s.mu.Lock(); defer s.mu.Unlock(); return s.binds }

// Unbinds counts polite ends.
func (s *Server) Unbinds() int { s.mu.Lock(); defer s.mu.Unlock(); return s.unbinds }

// Enquiries counts enquire_link.
func (s *Server) Enquiries() int { s.mu.Lock(); defer s.mu.Unlock(); return s.enquired }

// Answer is the status with which the receipt about a message was answered.
func (s *Server) Answer(id string) (status uint32, answered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status, answered = s.answers[id]
	return status, answered
}

// Wait waits until holds is true; it looks again after everything that comes.
func (s *Server) Wait(ctx context.Context, holds func() bool) error {
	for {
		s.mu.Lock()
		if s.changed == nil {
			s.changed = make(chan struct{})
		}
		changed := s.changed
		s.mu.Unlock()
		if holds() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Release sends the held answers, the last one first.
func (s *Server) Release() {
	s.mu.Lock()
	held := s.held
	s.held = nil
	s.mu.Unlock()
	for _, send := range slices.Backward(held) {
		send()
	}
}
