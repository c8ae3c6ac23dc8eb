// Package ca is a certification authority with a real responder (OCSP) and lists of
// revoked certificates (CRL), which can also misbehave in every way that somebody
// between it and us could bring about.
package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"clave/sandbox/authority"

	"golang.org/x/crypto/ocsp"
)

// Manner is how the responder or the lists behave.
type Manner string

// The manners. The zero value is as it should be.
const (
	Down          Manner = "down"           // status 503
	Garbage       Manner = "garbage"        // nothing that can be read
	Huge          Manner = "huge"           // more than anybody wants to read
	Elsewhere     Manner = "elsewhere"      // a redirect to one that would answer well
	Stale         Manner = "stale"          // an old answer that was good once
	Future        Manner = "future"         // dated tomorrow
	Undated       Manner = "undated"        // without an end
	UndatedOld    Manner = "undated_old"    // without an end, made an hour ago
	WrongSigner   Manner = "wrong_signer"   // signed by nobody we know
	Unauthorised  Manner = "unauthorised"   // signed by a certificate of the issuer that is for something else
	Unmarked      Manner = "unmarked"       // signed by a responder that may have been revoked itself
	NonceMismatch Manner = "nonce_mismatch" // made for another question
	NoNonce       Manner = "no_nonce"       // without nonce, as many responders
	OtherIssuer   Manner = "other_issuer"   // about the same number of another issuer
	Unknown       Manner = "unknown"        // the responder does not know the certificate
	Declined      Manner = "declined"       // the responder declines to answer
	OtherPart     Manner = "other_part"     // a list about other certificates
	Indirect      Manner = "indirect"       // a list about other issuers' certificates
)

// Server is the authority with its addresses.
type Server struct {
	*authority.CA
	URL string

	origin string // that stands in certificates
	now    func() time.Time

	mu      sync.Mutex
	answers Manner
	lists   Manner
	revoked []*big.Int
	asked   map[string]int
	forger  *ecdsa.PrivateKey
	clerk   *x509.Certificate // of the issuer, and not for answering
	// unmarked may answer, unless it was revoked.
	unmarked *x509.Certificate
}

// Start starts one for the time of a test.
func Start(t testing.TB, now func() time.Time) *Server { return start(t, "", now, authority.New) }

// StartRSA is Start for one whose own keys are RSA.
func StartRSA(t testing.TB, now func() time.Time) *Server { return start(t, "", now, authority.NewRSA) }

// StartAs is Start for one that certificates name by another origin, for who reaches
// it through a proxy: it takes what proxies are asked, too.
func StartAs(t testing.TB, origin string, now func() time.Time) *Server {
	return start(t, origin, now, authority.New)
}

func start(t testing.TB, origin string, now func() time.Time, begin func(time.Time, authority.Addresses) (*authority.CA, error)) *Server {
	t.Helper()
	s := &Server{now: now, asked: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ocsp", s.answer)
	mux.HandleFunc("POST /good/ocsp", s.well(s.answer))
	mux.HandleFunc("GET /list", s.list(false))
	mux.HandleFunc("GET /root", s.list(true))
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	s.URL = web.URL
	if s.origin = origin; origin == "" {
		s.origin = s.URL
	}
	var err error
	if s.CA, err = begin(now(), authority.Addresses{OCSP: s.origin + "/ocsp", CRL: s.origin + "/list", RootCRL: s.origin + "/root"}); err != nil {
		t.Fatal(err)
	}
	if s.forger, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	clerk, err := s.IssueFor(authority.Citizen, authority.Holder{Document: "00000000T", GivenName: "CLERK", FirstSurname: "PRUEBA"}, s.forger)
	if err != nil {
		t.Fatal(err)
	}
	s.clerk = clerk.Certificate
	if s.unmarked, err = s.UnmarkedResponder(s.forger); err != nil {
		t.Fatal(err)
	}
	return s
}

// Behave sets the manners of responder and lists.
func (s *Server) Behave(answers, lists Manner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers, s.lists = answers, lists
}

// Revoke revokes a certificate.
func (s *Server) Revoke(c *x509.Certificate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = append(s.revoked, c.SerialNumber)
}

// RevokeResponder revokes the one of the manner Unmarked.
func (s *Server) RevokeResponder() { s.Revoke(s.unmarked) }

// Asked tells how often an address was asked, such as "/ocsp".
func (s *Server) Asked(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

// Good issues a certificate that is in order.
func (s *Server) Good(t testing.TB, kind authority.Kind, h authority.Holder) *authority.Issued {
	t.Helper()
	issued, err := s.Issue(kind, h)
	if err != nil {
		t.Fatal(err)
	}
	if kind == authority.Revoked {
		s.Revoke(issued.Certificate)
	}
	return issued
}

func (s *Server) isRevoked(number *big.Int) bool {
	return slices.ContainsFunc(s.revoked, func(n *big.Int) bool { return n.Cmp(number) == 0 })
}

// well answers as it should, whatever the manner.
func (s *Server) well(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		manner := s.answers
		s.answers = ""
		s.mu.Unlock()
		next(w, r)
		s.mu.Lock()
		s.answers = manner
		s.mu.Unlock()
	}
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[r.URL.Path]++
	question, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10))
	if err != nil || broken(w, r, s.answers, "/good/ocsp") {
		return
	}
	a := authority.Answer{At: s.now(), Revoked: s.isRevoked}
	switch s.answers {
	case Stale:
		a.At, a.Revoked = s.now().Add(-48*time.Hour), nil
	case Future:
		a.At = s.now().Add(24 * time.Hour)
	case Undated:
		a.Undated = true
	case UndatedOld:
		a.Undated, a.At, a.Revoked = true, s.now().Add(-time.Hour), nil
	case WrongSigner:
		a.Key, a.Revoked = s.forger, nil
	case Unauthorised:
		a.Key, a.By, a.Revoked = s.forger, s.clerk, nil
	case Unmarked:
		a.Key, a.By = s.forger, s.unmarked
	case NonceMismatch:
		a.Nonce, a.Revoked = make([]byte, 32), nil
	case NoNonce:
		a.NoNonce = true
	case OtherIssuer:
		a.OtherIssuer, a.Revoked = true, nil
	case Unknown:
		a.Unknown, a.Revoked = func(*big.Int) bool { return true }, nil
	}
	body, err := s.Respond(question, a)
	if s.answers == Declined {
		body = ocsp.UnauthorizedErrorResponse
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	_, _ = w.Write(body) // who left needs no answer
}

// broken answers for the manners that need no key.
func broken(w http.ResponseWriter, r *http.Request, m Manner, well string) bool {
	switch m {
	case Down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case Garbage:
		_, _ = io.WriteString(w, "<html>Welcome to the airport's network</html>")
	case Huge:
		_, _ = w.Write(make([]byte, 1<<20))
	case Elsewhere:
		http.Redirect(w, r, well, http.StatusTemporaryRedirect)
	default:
		return false
	}
	return true
}

func (s *Server) list(ofRoot bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked[r.URL.Path]++
		if broken(w, r, s.lists, "/list") {
			return
		}
		l := authority.List{At: s.now().Add(-time.Minute), Revoked: s.revoked, OfRoot: ofRoot}
		switch s.lists {
		case Stale:
			l.At, l.Revoked = s.now().Add(-72*time.Hour), nil
		case Future:
			l.At = s.now().Add(24 * time.Hour)
		case WrongSigner:
			l.ByAnother, l.Revoked = true, nil
		case OtherPart:
			l.Part, l.Revoked = s.origin+"/another", nil
		case Indirect:
			l.Indirect, l.Revoked = true, nil
		case OtherIssuer:
			l.OfRoot, l.Revoked = !ofRoot, nil
		}
		if s.lists == "" && !ofRoot {
			l.Part = s.origin + "/list"
		}
		body, err := s.Revocations(l)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(body) // who left needs no answer
	}
}
