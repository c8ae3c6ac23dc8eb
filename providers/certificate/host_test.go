package certificate_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/providers/certificate"
	"clave/providers/certificate/certificatetest"
	"clave/providers/certificate/proxied"
	"clave/providers/providertest"
	"clave/sandbox/authority"
	"clave/web/route"

	"github.com/gorilla/mux"
)

// site is the host of the certificates on a real listener.
type site struct {
	*certificatetest.World
	address string
	login   *broker.Login
}

func openSite(t *testing.T, highest uint16) *site {
	t.Helper()
	w, _ := certificatetest.New(t)
	s := &site{World: w, login: w.Broker().Open(providertest.Party())}
	server, err := w.CA.Server(time.Now(), "certificado.clave.example")
	if err != nil {
		t.Fatal(err)
	}
	router := mux.NewRouter()
	err = route.Mount(router, w.HostRoutes(), route.Guards{
		Fail: func(rw http.ResponseWriter, _ *http.Request, status int, key, _ string) { http.Error(rw, key, status) }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = inner.Addr().String()
	web := &http.Server{Handler: w.Only(router), ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go func() {
		_ = web.Serve(certificate.Listen(inner, func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return server, nil }, highest)) // it is closed
	}()
	t.Cleanup(func() { _ = web.Close() }) // the test is over
	return s
}

// client shows a certificate, or none.
func (s *site) client(shows *tls.Certificate, change ...func(*tls.Config)) *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(s.CA.Root)
	config := &tls.Config{RootCAs: roots, ServerName: "certificado.clave.example", MinVersion: tls.VersionTLS12}
	if shows != nil {
		config.Certificates = []tls.Certificate{*shows}
	}
	for _, c := range change {
		c(config)
	}
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}
}

func (s *site) get(t *testing.T, c *http.Client, path, host string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() }) // read by nobody
	return answer
}

const hostName = "certificado.clave.example"

// ticketIn is the ticket of a redirect back to the login.
func (s *site) ticketIn(t *testing.T, answer *http.Response) string {
	t.Helper()
	location := answer.Header.Get("Location")
	ticket, found := strings.CutPrefix(location, certificatetest.Issuer+"/login/"+string(s.login.Request.ID)+"/certificate/back?ticket=")
	if answer.StatusCode != http.StatusSeeOther || !found {
		t.Fatalf("got status %d to %s", answer.StatusCode, location)
	}
	return ticket
}

func TestTheHostSendsTheBrowserBack(t *testing.T) {
	t.Parallel()
	s := openSite(t, tls.VersionTLS13)
	good := s.CA.Good(t, authority.Citizen, certificatetest.Juan)
	answer := s.get(t, s.client(good.TLS()), "/"+s.Handle(s.login), hostName)
	if !answer.Close || answer.ProtoMajor != 1 || answer.TLS.Version != tls.VersionTLS13 {
		t.Errorf("the connection stays open: %v, %s, TLS %x", !answer.Close, answer.Proto, answer.TLS.Version)
	}
	if err := s.Accept(t.Context(), s.login, s.ticketIn(t, answer)); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestNoCertificateIsNoBrokenConnection(t *testing.T) {
	t.Parallel()
	s := openSite(t, tls.VersionTLS13)
	answer := s.get(t, s.client(nil), "/"+s.Handle(s.login), hostName)
	if err := s.Accept(t.Context(), s.login, s.ticketIn(t, answer)); causeOf(err) != certificate.NoCertificate {
		t.Errorf("got %v", err)
	}
}

// Whatever certificate is shown, the connection stands and the citizen reads why.
func TestStrangeCertificatesAreNoBrokenConnections(t *testing.T) {
	t.Parallel()
	for _, kind := range authority.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			s := openSite(t, tls.VersionTLS13)
			answer := s.get(t, s.client(s.CA.Good(t, kind, certificatetest.Juan).TLS()), "/"+s.Handle(s.login), hostName)
			s.ticketIn(t, answer)
		})
	}
}

// A certificate is public: who has it without its key gets nowhere.
func TestACertificateWithoutItsKeyIsNothing(t *testing.T) {
	t.Parallel()
	s := openSite(t, tls.VersionTLS13)
	stolen := s.CA.Good(t, authority.DNIe, certificatetest.Juan).TLS()
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	stolen.PrivateKey = other
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.address+"/"+s.Handle(s.login), nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := s.client(stolen).Do(r); err == nil {
		answer.Body.Close()
		t.Errorf("got status %d", answer.StatusCode)
	}
}

func TestSessionsAreNotResumed(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		s := openSite(t, version)
		c := s.client(s.CA.Good(t, authority.Citizen, certificatetest.Juan).TLS(), func(c *tls.Config) { c.ClientSessionCache = tls.NewLRUClientSessionCache(4) })
		for range 3 {
			if answer := s.get(t, c, "/"+s.Handle(s.login), hostName); answer.TLS.DidResume || answer.TLS.Version != version {
				t.Errorf("resumed: %v, version %x, want %x", answer.TLS.DidResume, answer.TLS.Version, version)
			}
		}
	}
}

// Keys of every sort that counts, in both versions of TLS.
func TestKeysOfEverySort(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		s := openSite(t, version)
		for _, kind := range []authority.Kind{authority.Citizen, authority.CitizenRSA, authority.CitizenP384} {
			s.login = s.Broker().Open(providertest.Party())
			answer := s.get(t, s.client(s.CA.Good(t, kind, certificatetest.Juan).TLS()), "/"+s.Handle(s.login), hostName)
			if answer.TLS.Version != version {
				t.Errorf("%s: got version %x, want %x", kind, answer.TLS.Version, version)
			}
			if err := s.Accept(t.Context(), s.login, s.ticketIn(t, answer)); err != nil {
				t.Errorf("%s with TLS %x: got %v", kind, version, err)
			}
		}
	}
}

// Where this node does the TLS itself, the headers of proxies mean nothing, whoever
// writes them and with whatever secret.
func TestTheHeadersOfProxiesAreIgnored(t *testing.T) {
	t.Parallel()
	s := openSite(t, tls.VersionTLS13)
	victim := s.CA.Good(t, authority.DNIe, certificatetest.Maria)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.address+"/"+s.Handle(s.login), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = hostName
	r.Header.Set(proxied.CertificateHeader, ":"+base64.StdEncoding.EncodeToString(victim.Certificate.Raw)+":")
	r.Header.Set(proxied.SecretHeader, "anything")
	answer, err := s.client(nil).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := s.Accept(t.Context(), s.login, s.ticketIn(t, answer)); causeOf(err) != certificate.NoCertificate {
		t.Errorf("got %v", err)
	}
}

// An old card signs with RSA and PKCS #1 v1.5 alone: TLS 1.2 lets it in.
func TestACardWithoutPSS(t *testing.T) {
	t.Parallel()
	s := openSite(t, tls.VersionTLS12)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	issued, err := s.CA.IssueFor(authority.DNIe, certificatetest.Juan, key)
	if err != nil {
		t.Fatal(err)
	}
	card := issued.TLS()
	card.SupportedSignatureAlgorithms = []tls.SignatureScheme{tls.PKCS1WithSHA256}
	answer := s.get(t, s.client(card), "/"+s.Handle(s.login), hostName)
	if err := s.Accept(t.Context(), s.login, s.ticketIn(t, answer)); err != nil {
		t.Errorf("got %v", err)
	}
	if _, isRSA := card.PrivateKey.(crypto.Signer).Public().(*rsa.PublicKey); !isRSA {
		t.Error("the key is none of RSA")
	}
}

func TestOtherHostsAndHandles(t *testing.T) {
	t.Parallel()
	s := openSite(t, tls.VersionTLS13)
	for host, want := range map[string]int{
		hostName: http.StatusSeeOther, strings.ToUpper(hostName): http.StatusSeeOther, "clave.example": http.StatusMisdirectedRequest,
		"a." + hostName: http.StatusMisdirectedRequest, "evil.example": http.StatusMisdirectedRequest,
	} {
		if answer := s.get(t, s.client(nil), "/forged", host); answer.StatusCode != want {
			t.Errorf("%s: got status %d, want %d", host, answer.StatusCode, want)
		}
	}
	if answer := s.get(t, s.client(nil), "/forged", hostName); answer.Header.Get("Location") != certificatetest.Issuer+"/login/unknown" {
		t.Errorf("got %s", answer.Header.Get("Location"))
	}
	late := s.Handle(s.login)
	s.Pass(certificate.HandleLifetime)
	if answer := s.get(t, s.client(nil), "/"+late, hostName); !strings.HasSuffix(answer.Header.Get("Location"), string(s.login.Request.ID)+"/certificate") {
		t.Errorf("got %s", answer.Header.Get("Location"))
	}
}

func TestFreshNames(t *testing.T) {
	t.Parallel()
	w, _ := certificatetest.New(t, func(c *certificate.Config) { c.Host = "https://*.certificado.clave.example" })
	for host, want := range map[string]bool{
		"abc." + hostName: true, "ABC.Certificado.clave.example": true, hostName: false, "a.b." + hostName: false,
		"." + hostName: false, "abc.clave.example": false, "certificado.clave.example.evil.example": false,
	} {
		if got := w.Serves(host); got != want {
			t.Errorf("%s: got %v", host, got)
		}
	}
	if !w.FreshHost() {
		t.Error("the names are not fresh")
	}
}
