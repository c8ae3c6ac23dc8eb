package proxied_test

import (
	"crypto/x509"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"clave/internal/clocktest"
	"clave/internal/safelog/safelogtest"
	"clave/providers/certificate/proxied"
	"clave/sandbox/authority"
)

const (
	secret = "correct-horse-battery-staple-1234"
	newer  = "the-one-that-comes-next-5678901234"
)

// gate is a Gate before a handler that tells what it was given.
type gate struct {
	http.Handler
	log    *safelogtest.Log
	clock  *clocktest.Clock
	passed bool
	shown  []*x509.Certificate
	header http.Header
}

func newGate() *gate {
	g := &gate{log: &safelogtest.Log{}, clock: clocktest.Noon()}
	g.Handler = proxied.NewGate(proxied.Options{
		Networks: []netip.Prefix{netip.MustParsePrefix("10.1.2.3/24"), netip.MustParsePrefix("2001:db8::/64")},
		Secrets:  [][]byte{[]byte(secret), []byte(newer)},
		Log:      slog.New(slog.NewJSONHandler(g.log, nil)), Now: g.clock.Now,
	}).Admit(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		g.passed, g.shown, g.header = true, proxied.Shown(r.Context()), r.Header
	}))
	return g
}

// ask sends a request from an address, with pairs of header and value.
func (g *gate) ask(from string, headers ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, "/handle", nil)
	r.RemoteAddr = from
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	g.passed, g.shown, g.header = false, nil, nil
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w.Result()
}

const proxy = "10.1.2.9:40000"

func chain(t *testing.T) []*x509.Certificate {
	t.Helper()
	ca, err := authority.New(time.Now(), authority.Addresses{})
	if err != nil {
		t.Fatal(err)
	}
	issued, err := ca.Issue(authority.Citizen, authority.Holder{Document: "12345678Z", GivenName: "ANA", FirstSurname: "PRUEBA"})
	if err != nil {
		t.Fatal(err)
	}
	return issued.Chain
}

func field(der []byte) string { return ":" + base64.StdEncoding.EncodeToString(der) + ":" }

func TestNobodyButTheProxyPasses(t *testing.T) {
	t.Parallel()
	own := field(chain(t)[0].Raw)
	const refused = http.StatusForbidden
	tests := []struct {
		name    string
		from    string
		headers []string
		want    int
	}{
		{"the proxy", proxy, []string{"Clave-Proxy-Secret", secret, "Client-Cert", own}, http.StatusOK},
		{"the proxy with the next secret", proxy, []string{"Clave-Proxy-Secret", newer, "Client-Cert", own}, http.StatusOK},
		{"the proxy for a browser without certificate", proxy, []string{"Clave-Proxy-Secret", secret}, http.StatusOK},
		{"the proxy by IPv6", "[2001:db8::7]:40000", []string{"Clave-Proxy-Secret", secret}, http.StatusOK},
		{"the proxy by IPv4 on a socket for both", "[::ffff:10.1.2.9]:40000", []string{"Clave-Proxy-Secret", secret}, http.StatusOK},
		{"a neighbour who knows the secret", "10.1.3.1:40000", []string{"Clave-Proxy-Secret", secret, "Client-Cert", own}, refused},
		{"a neighbour who says to be the proxy", "10.1.3.1:40000", []string{"Clave-Proxy-Secret", secret, "X-Forwarded-For", "10.1.2.9", "Forwarded", "for=10.1.2.9"}, refused},
		{"this machine", "127.0.0.1:40000", []string{"Clave-Proxy-Secret", secret}, refused},
		{"nobody knows from where", "@", []string{"Clave-Proxy-Secret", secret}, refused},
		{"no secret", proxy, []string{"Client-Cert", own}, refused},
		{"no secret and no certificate", proxy, nil, refused},
		{"an empty secret", proxy, []string{"Clave-Proxy-Secret", ""}, refused},
		{"a wrong secret", proxy, []string{"Clave-Proxy-Secret", secret + "5"}, refused},
		{"the beginning of the secret", proxy, []string{"Clave-Proxy-Secret", secret[:len(secret)-1]}, refused},
		{"both secrets in one", proxy, []string{"Clave-Proxy-Secret", secret + ", " + newer}, refused},
		{"the browser's guess beside the proxy's secret", proxy, []string{"Clave-Proxy-Secret", "guess", "Clave-Proxy-Secret", secret}, refused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGate()
			answer := g.ask(test.from, test.headers...)
			if answer.StatusCode != test.want || g.passed != (test.want == http.StatusOK) {
				t.Errorf("got status %d, passed: %v", answer.StatusCode, g.passed)
			}
			if (g.log.String() == "") != g.passed {
				t.Errorf("the log says %q", g.log)
			}
			if strings.Contains(g.log.String(), secret[:8]) {
				t.Error("the log tells the secret")
			}
		})
	}
}

func TestWhatTheProxyHandsOn(t *testing.T) {
	t.Parallel()
	c := chain(t)
	g := newGate()
	g.ask(proxy, "Clave-Proxy-Secret", secret, "Client-Cert", field(c[0].Raw), "Client-Cert-Chain", field(c[1].Raw)+", "+field(c[1].Raw))
	if len(g.shown) != 3 || !g.shown[0].Equal(c[0]) || !g.shown[2].Equal(c[1]) {
		t.Errorf("got %d certificates", len(g.shown))
	}
	for _, gone := range []string{"Client-Cert", "Client-Cert-Chain", "Clave-Proxy-Secret"} {
		if g.header.Get(gone) != "" {
			t.Errorf("%s goes further in", gone)
		}
	}
	g.ask(proxy, "Clave-Proxy-Secret", secret)
	if !g.passed || g.shown != nil {
		t.Errorf("without certificate: passed %v, %d certificates", g.passed, len(g.shown))
	}
	// A key of a kind that nobody knows is the citizen's trouble, and not the proxy's.
	g.ask(proxy, "Clave-Proxy-Secret", secret, "Client-Cert", field([]byte{0x30, 0}))
	if len(g.shown) != 1 || g.shown[0].PublicKey != nil {
		t.Errorf("an unreadable one: %d certificates", len(g.shown))
	}
}

func TestWhatNobodyCanUnderstand(t *testing.T) {
	t.Parallel()
	c := chain(t)
	own, between := field(c[0].Raw), field(c[1].Raw)
	tests := []struct {
		name    string
		headers []string
		why     string
	}{
		{"the browser's header beside the proxy's", []string{"Client-Cert", own, "Client-Cert", own}, "Client-Cert comes twice"},
		{"the browser's certificate before the proxy's", []string{"Client-Cert", own + ", " + own}, "is no byte sequence"},
		{"the browser's chain beside the proxy's", []string{"Client-Cert", own, "Client-Cert-Chain", between, "Client-Cert-Chain", between}, "Client-Cert-Chain comes twice"},
		{"a chain of nobody", []string{"Client-Cert-Chain", between}, "comes without Client-Cert"},
		{"PEM", []string{"Client-Cert", "-----BEGIN CERTIFICATE----- MIIB"}, "is no byte sequence"},
		{"PEM in base64", []string{"Client-Cert", field([]byte("-----BEGIN CERTIFICATE-----"))}, "holds no certificate in DER"},
		{"an empty header", []string{"Client-Cert", ""}, "is no byte sequence"},
		{"more after the certificate", []string{"Client-Cert", field(append(c[0].Raw[:len(c[0].Raw):len(c[0].Raw)], 0))}, "holds no certificate in DER"},
		{"an empty chain", []string{"Client-Cert", own, "Client-Cert-Chain", ""}, "Client-Cert-Chain is no byte sequence"},
		{"all certificates of the chain in one", []string{"Client-Cert", own, "Client-Cert-Chain", field(append(c[1].Raw[:len(c[1].Raw):len(c[1].Raw)], c[1].Raw...))}, "Client-Cert-Chain holds no certificate"},
		{"a chain without end", []string{"Client-Cert", own, "Client-Cert-Chain", strings.Repeat(between+",", 5) + between}, "more than five"},
		{"a certificate without end", []string{"Client-Cert", field(make([]byte, 9000))}, "more than 8 kB"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGate()
			answer := g.ask(proxy, append([]string{"Clave-Proxy-Secret", secret}, test.headers...)...)
			if answer.StatusCode != http.StatusBadRequest || g.passed {
				t.Errorf("got status %d, passed: %v", answer.StatusCode, g.passed)
			}
			if !strings.Contains(g.log.String(), test.why) {
				t.Errorf("the log says %s, want %q", g.log, test.why)
			}
		})
	}
}

// Whoever sends requests does not fill the log.
func TestTheLogSaysTheSameOnceAMinute(t *testing.T) {
	t.Parallel()
	g := newGate()
	for range 100 {
		g.ask("203.0.113.9:1")
		g.ask(proxy)
	}
	if lines := strings.Count(g.log.String(), "\n"); lines != 2 {
		t.Errorf("got %d lines", lines)
	}
	if strings.Contains(g.log.String(), "203.0.113.9") || !strings.Contains(g.log.String(), "10.1.2.9") {
		t.Errorf("the log tells a citizen's address, or not the proxy's: %s", g.log)
	}
	g.clock.Pass(time.Minute)
	g.ask(proxy)
	if !strings.Contains(g.log.String(), `"left_out":99`) {
		t.Errorf("got %s", g.log)
	}
}

// A gate that nobody was told about lets nobody in, a wrong secret of no bytes
// included.
func TestTheZeroGateIsShut(t *testing.T) {
	t.Parallel()
	g := &gate{log: &safelogtest.Log{}}
	g.Handler = proxied.NewGate(proxied.Options{Networks: []netip.Prefix{netip.MustParsePrefix("10.1.2.0/24")}, Log: slog.New(slog.DiscardHandler), Now: time.Now}).
		Admit(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { g.passed = true }))
	for _, said := range []string{"", "x"} {
		if answer := g.ask(proxy, "Clave-Proxy-Secret", said); answer.StatusCode != http.StatusForbidden || g.passed {
			t.Errorf("%q: got status %d", said, answer.StatusCode)
		}
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		secret: true, strings.Repeat("x", 32): true, strings.Repeat("x", 31): false, "": false,
		strings.Repeat("x", 16) + " " + strings.Repeat("x", 16): false, strings.Repeat("ñ", 20): false, strings.Repeat("x", 32) + "\n": false,
	} {
		if err := proxied.CheckSecret([]byte(text)); (err == nil) != want {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
