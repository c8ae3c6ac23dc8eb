// Package mailserver is a mail server for tests: real SMTP with STARTTLS and
// accounts, which keeps what it is given and refuses what a test tells it to.
package mailserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Message is one e-mail as the server took it.
type Message struct {
	From, To string
	Data     string // headers and body, as they came
	TLS      bool   // whether it came encrypted
	Account  string // who had logged in
}

// Refusal is an answer of the server, as in RFC 5321, section 4.2, and RFC 3463.
type Refusal = smtp.SMTPError

// Server is a mail server. Fields are set before Start.
type Server struct {
	// Username and Password that senders must log in with; empty asks for none.
	Username, Password string
	// NoTLS leaves out STARTTLS, as a server does whose answer somebody tampers with.
	NoTLS bool
	// Implicit encrypts from the first byte.
	Implicit bool
	// React may refuse a recipient or, with data, a message.
	React func(m Message) *Refusal

	listener  net.Listener
	authority *x509.CertPool

	mu          sync.Mutex
	messages    []Message
	connections int
}

// Start listens on loopback until the test ends.
func (s *Server) Start(t testing.TB) *Server {
	t.Helper()
	certificate, authority := selfSigned(t)
	s.authority = authority
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain, server.AllowInsecureAuth = "localhost", true
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	if !s.NoTLS && !s.Implicit {
		server.TLSConfig = config
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listener = listener
	listener = counted{listener, s}
	if s.Implicit {
		listener = tls.NewListener(listener, config)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it always ends with an error, when the test ends
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = s.listener.Close() // the server may not have heard of it yet
		<-done
	})
	return s
}

// counted counts who comes.
type counted struct {
	net.Listener
	server *Server
}

// Accept implements net.Listener.
func (c counted) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.server.mu.Lock()
		c.server.connections++
		c.server.mu.Unlock()
	}
	return conn, err
}

// Address is where the server listens, as localhost:port, which its certificate is
// made for.
func (s *Server) Address() string {
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	return net.JoinHostPort("localhost", port)
}

// Authority is what the server's certificate descends from.
func (s *Server) Authority() *x509.CertPool { return s.authority }

// Messages lists what the server took.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Connections counts how often somebody came.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c}, nil
}

// session is one connection.
type session struct {
	server  *Server
	conn    *smtp.Conn
	account string
	draft   Message
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.server.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != s.server.Username || password != s.server.Password {
			return smtp.ErrAuthFailed
		}
		s.account = username
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.Username != "" && s.account == "" {
		return smtp.ErrAuthRequired
	}
	_, encrypted := s.conn.TLSConnectionState()
	s.draft = Message{From: from, TLS: encrypted, Account: s.account}
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.draft.To = to
	return s.react(s.draft)
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := s.draft
	m.Data = string(data)
	if err := s.react(m); err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.messages = append(s.server.messages, m)
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.draft = Message{} }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

func (s *session) react(m Message) error {
	if s.server.React == nil {
		return nil
	}
	if refusal := s.server.React(m); refusal != nil {
		return refusal
	}
	return nil
}

func selfSigned(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	authority := x509.NewCertPool()
	authority.AddCert(certificate)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, authority
}
