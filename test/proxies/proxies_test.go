package proxies

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"clave/broker"
	"clave/providers/certificate"
	"clave/providers/certificate/certificatetest"
	"clave/providers/certificate/proxied"
	"clave/providers/providertest"
	"clave/sandbox/authority"
	"clave/test/fakes/ca"
	"clave/test/fakes/tlsproxy"
	"clave/web/route"

	"github.com/gorilla/mux"
)

const (
	secret   = "not-very-secret-but-long-enough-1"
	hostName = "fresh.certificado.clave.example"
)

// site is the certificates' host behind a proxy.
type site struct {
	*certificatetest.World
	address string // of the proxy
}

func open(t *testing.T, f front) *site {
	t.Helper()
	w, _ := certificatetest.New(t, func(c *certificate.Config) { c.Host = "https://*.certificado.clave.example" })
	router := mux.NewRouter()
	err := route.Mount(router, w.HostRoutes(), route.Guards{
		Fail: func(rw http.ResponseWriter, _ *http.Request, status int, key, _ string) { http.Error(rw, key, status) }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	gate := proxied.NewGate(proxied.Options{
		Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Secrets: [][]byte{[]byte(secret)},
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: time.Now,
	})
	node := httptest.NewServer(gate.Admit(w.Only(router)))
	t.Cleanup(node.Close)
	server, err := w.CA.Server(time.Now(), "*.certificado.clave.example")
	if err != nil {
		t.Fatal(err)
	}
	return &site{w, f.start(t, node.Listener.Addr().String(), secret, server)}
}

// browser shows a certificate, or none.
func (s *site) browser(shows *tls.Certificate, version uint16) (*http.Client, *tls.Config) {
	roots := x509.NewCertPool()
	roots.AddCert(s.CA.Root)
	config := &tls.Config{
		RootCAs: roots, ServerName: hostName, MinVersion: version, MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(4),
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if shows == nil {
				return new(tls.Certificate), nil
			}
			return shows, nil
		},
	}
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}, config
}

// visit follows a login's link, with headers that the browser writes itself.
func (s *site) visit(t *testing.T, l *broker.Login, b *http.Client, headers map[string]string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+s.address+"/"+s.Handle(l), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = hostName
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	answer, err := b.Do(r)
	if err == nil {
		_ = answer.Body.Close() // a redirect has nothing to read
	}
	return answer, err
}

// result is how the login ends to which the answer leads back.
func (s *site) result(t *testing.T, l *broker.Login, answer *http.Response) certificate.Cause {
	t.Helper()
	_, ticket, found := strings.Cut(answer.Header.Get("Location"), "/certificate/back?ticket=")
	if answer.StatusCode != http.StatusSeeOther || !found {
		t.Fatalf("got status %d to %q", answer.StatusCode, answer.Header.Get("Location"))
	}
	err := s.Accept(t.Context(), l, ticket)
	var denied *certificate.Denied
	switch {
	case errors.As(err, &denied):
		return denied.Cause
	case err != nil:
		t.Fatal(err)
	}
	return ""
}

// login is one login with a certificate.
func (s *site) login(t *testing.T, shows *tls.Certificate, version uint16, headers map[string]string) (*broker.Login, certificate.Cause, error) {
	t.Helper()
	l := s.Broker().Open(providertest.Party())
	b, _ := s.browser(shows, version)
	answer, err := s.visit(t, l, b, headers)
	if err != nil {
		return l, "", err
	}
	return l, s.result(t, l, answer), nil
}

// each runs a test before each proxy.
func each(t *testing.T, test func(t *testing.T, f front, s *site)) {
	t.Helper()
	for _, f := range fronts() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			test(t, f, open(t, f))
		})
	}
}

var versions = []uint16{tls.VersionTLS12, tls.VersionTLS13}

func TestCitizensLogInThroughTheProxy(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ front, s *site) {
		for _, version := range versions {
			for _, kind := range []authority.Kind{authority.Citizen, authority.CitizenRSA, authority.CitizenP384, authority.DNIe} {
				_, cause, err := s.login(t, s.CA.Good(t, kind, certificatetest.Juan).TLS(), version, nil)
				if cause != "" || err != nil {
					t.Errorf("%s with TLS %x: got %q, %v", kind, version, cause, err)
				}
			}
			if _, cause, err := s.login(t, nil, version, nil); cause != certificate.NoCertificate || err != nil {
				t.Errorf("none with TLS %x: got %q, %v", version, cause, err)
			}
		}
	})
}

// What a browser writes into the headers counts for nothing, whether it shows a
// certificate of its own or none.
func TestForgedHeadersAreReplaced(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ front, s *site) {
		victim := s.CA.Good(t, authority.DNIe, certificatetest.Maria)
		forged := map[string]string{
			"Client-Cert": tlsproxy.Field(victim.Certificate.Raw), "Client-Cert-Chain": tlsproxy.Field(victim.Chain[1].Raw), "Clave-Proxy-Secret": "guess",
		}
		for _, version := range versions {
			if _, cause, err := s.login(t, nil, version, forged); cause != certificate.NoCertificate || err != nil {
				t.Errorf("without a certificate: got %q, %v", cause, err)
			}
			l, cause, err := s.login(t, s.CA.Good(t, authority.Citizen, certificatetest.Juan).TLS(), version, forged)
			if cause != "" || err != nil {
				t.Fatalf("with one of their own: got %q, %v", cause, err)
			}
			if ev := s.Broker().Evidence(l); ev.Person != s.Person(certificatetest.Juan) {
				t.Errorf("somebody else was logged in: %s", ev.Person)
			}
		}
	})
}

// A certificate that logs nobody in gets as far as our page, which says why; nowhere
// does it log anybody in.
func TestBadCertificates(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f front, s *site) {
		stranger := ca.Start(t, s.Clock.Now)
		tests := []struct {
			name    string
			shows   *authority.Issued
			want    certificate.Cause
			lenient bool // only a proxy that judges nothing hands it on
		}{
			{"expired", s.CA.Good(t, authority.Expired, certificatetest.Juan), certificate.Expired, true},
			{"not valid yet", s.CA.Good(t, authority.NotYetValid, certificatetest.Juan), certificate.NotYetValid, true},
			{"for servers", s.CA.Good(t, authority.ServerOnly, certificatetest.Juan), "wrong_usage", true},
			{"a short key", s.CA.Good(t, authority.WeakKey, certificatetest.Juan), certificate.Weak, true},
			{"an old signature", s.CA.Good(t, authority.WeakSignature, certificatetest.Juan), certificate.Weak, true},
			{"a stranger's", stranger.Good(t, authority.Citizen, certificatetest.Juan), certificate.UnknownIssuer, false},
			{"revoked", s.CA.Good(t, authority.Revoked, certificatetest.Juan), certificate.Revoked, false},
		}
		for _, test := range tests {
			for _, version := range versions {
				l, cause, err := s.login(t, test.shows.TLS(), version, nil)
				if broken := err != nil && f.strict && test.lenient; !broken && (err != nil || cause != test.want) {
					t.Errorf("%s with TLS %x: got %q, %v", test.name, version, cause, err)
				}
				if s.Broker().Evidence(l) != nil {
					t.Errorf("%s: somebody was logged in", test.name)
				}
			}
		}
	})
}

// Who has a certificate without its key gets nowhere.
func TestTheProxyWantsTheKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ front, s *site) {
		for _, version := range versions {
			stolen := s.CA.Good(t, authority.DNIe, certificatetest.Juan).TLS()
			other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			stolen.PrivateKey = other
			if _, cause, err := s.login(t, stolen, version, nil); err == nil {
				t.Errorf("TLS %x: got %q", version, cause)
			}
		}
	})
}

// The next person at a browser is never shown as the last one: each request has a
// handshake of its own.
func TestNothingIsResumedOrKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ front, s *site) {
		for _, version := range versions {
			b, config := s.browser(s.CA.Good(t, authority.Citizen, certificatetest.Juan).TLS(), version)
			asked := 0
			config.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
				asked++
				if len(info.AcceptableCAs) > 0 {
					t.Error("the proxy names authorities, by which browsers choose")
				}
				return s.CA.Good(t, authority.Citizen, certificatetest.Juan).TLS(), nil
			}
			for range 3 {
				answer, err := s.visit(t, s.Broker().Open(providertest.Party()), b, nil)
				if err != nil {
					t.Fatal(err)
				}
				if answer.TLS.DidResume || !answer.Close || answer.ProtoMajor != 1 {
					t.Errorf("TLS %x: resumed %v, closed %v, %s", version, answer.TLS.DidResume, answer.Close, answer.Proto)
				}
			}
			if asked != 3 {
				t.Errorf("TLS %x: asked for a certificate %d times in 3 requests", version, asked)
			}
		}
	})
}

// Nothing older than TLS 1.2 is spoken.
func TestOldVersionsAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ front, s *site) {
		connection, err := tls.Dial("tcp", s.address, &tls.Config{ServerName: hostName, InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
		if err == nil {
			t.Errorf("TLS %x is spoken", connection.ConnectionState().Version)
			_ = connection.Close() // it should not be there
		}
	})
}
