package trustedlist_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clave/internal/xmlsig"
	"clave/providers/certificate/trustedlist"
	"clave/sandbox/authority"
	fake "clave/test/fakes/trustedlist"
)

// noon is when these tests happen.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newSigner(t testing.TB) *fake.Signer {
	t.Helper()
	s, err := fake.NewSigner(noon)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newIssuer(t testing.TB) *x509.Certificate {
	t.Helper()
	ca, err := authority.New(noon, authority.Addresses{})
	if err != nil {
		t.Fatal(err)
	}
	return ca.Issuer
}

func sign(t testing.TB, s *fake.Signer, l fake.List) []byte {
	t.Helper()
	data, err := s.Sign(l)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// listOf is a good list, issued yesterday.
func listOf(sequence int, services ...fake.Service) fake.List {
	return fake.List{Sequence: sequence, Issued: noon.AddDate(0, 0, -1), NextUpdate: noon.AddDate(0, 5, 0), Services: services}
}

func TestServicesAreToldApart(t *testing.T) {
	t.Parallel()
	signer, ca, another := newSigner(t), newIssuer(t), newIssuer(t)
	since := noon.AddDate(-2, 0, 0)
	one := func(s fake.Service) []fake.Service {
		s.Provider, s.Name, s.Certificates = "FNMT", "AC Usuarios", []*x509.Certificate{ca}
		if s.Since.IsZero() {
			s.Since = since
		}
		return []fake.Service{s}
	}
	tests := []struct {
		name               string
		services           []fake.Service
		trusted, withdrawn int
	}{
		{"one that may issue for signatures", one(fake.Service{}), 1, 0},
		{"one that was something else before", one(fake.Service{Former: fake.Withdrawn}), 1, 0},
		{"one that was withdrawn", one(fake.Service{Status: fake.Withdrawn, Former: fake.Granted}), 0, 1},
		{"one of an unknown status", one(fake.Service{Status: "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/recognisedatnationallevel"}), 0, 1},
		{"one that may issue for seals alone", one(fake.Service{Means: fake.Seals}), 0, 0},
		{"one that stamps times", one(fake.Service{Type: fake.TimeStamps}), 0, 0},
		{"one that may from tomorrow on", one(fake.Service{Since: noon.Add(time.Hour)}), 0, 0},
		{"one that was withdrawn for signatures and may issue for seals", append(one(fake.Service{Status: fake.Withdrawn}), one(fake.Service{Means: fake.Seals})...), 0, 0},
		{"one that was withdrawn and granted elsewhere", append(one(fake.Service{Status: fake.Withdrawn}), one(fake.Service{})...), 1, 0},
		{"one without certificate", []fake.Service{{Since: since}}, 0, 0},
		{"one with two certificates", []fake.Service{{Since: since, Certificates: []*x509.Certificate{ca, another}}}, 2, 0},
		{"one whose certificate is no authority's", []fake.Service{{Since: since, Certificates: []*x509.Certificate{signer.Certificate}}}, 0, 0},
		{"none", nil, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l, err := trustedlist.Read(sign(t, signer, listOf(7, test.services...)), []*x509.Certificate{signer.Certificate}, "ES")
			if err != nil {
				t.Fatal(err)
			}
			if got, gone := len(l.Trusted(noon)), len(l.Withdrawn()); got != test.trusted || gone != test.withdrawn {
				t.Errorf("got %d trusted, %d withdrawn; want %d, %d", got, gone, test.trusted, test.withdrawn)
			}
		})
	}
}

func TestWhatAListSays(t *testing.T) {
	t.Parallel()
	signer, ca := newSigner(t), newIssuer(t)
	l, err := trustedlist.Read(sign(t, signer, listOf(7, fake.Service{Provider: "Fábrica\n de  <Moneda>", Name: "AC " + strings.Repeat("U", 500), Certificates: []*x509.Certificate{ca}})),
		[]*x509.Certificate{newSigner(t).Certificate, signer.Certificate}, "ES")
	if err != nil {
		t.Fatal(err)
	}
	if l.Sequence != 7 || !l.Issued.Equal(noon.AddDate(0, 0, -1)) || !l.NextUpdate.Equal(noon.AddDate(0, 5, 0)) || !l.Signer.Equal(signer.Certificate) {
		t.Errorf("got %+v", l)
	}
	if a := l.Authorities[0]; a.Provider != "Fábrica de <Moneda>" || len(a.Service) != 200 || !a.Certificate.Equal(ca) {
		t.Errorf("got %q, %d", a.Provider, len(a.Service))
	}
	if l.Expired(noon) || !l.Expired(noon.AddDate(0, 6, 0)) {
		t.Error("the end is not told")
	}
}

func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	signer, other := newSigner(t), newSigner(t)
	service := fake.Service{Certificates: []*x509.Certificate{newIssuer(t)}, Since: noon}
	with := func(change func(*fake.List)) []byte {
		l := listOf(7, service)
		change(&l)
		return sign(t, signer, l)
	}
	good := sign(t, signer, listOf(7, service))
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := fake.SignerWith(short, xmlsig.RSASHA256, noon)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		data    []byte
		signers []*x509.Certificate
		want    string // part of the error; empty for a good one
	}{
		{"as it should be", good, []*x509.Certificate{signer.Certificate}, ""},
		{"signed by somebody else", good, []*x509.Certificate{other.Certificate}, "is not trusted"},
		{"signed, and nobody is trusted", good, nil, "does not hold"},
		{"signed with a short key that is trusted", sign(t, weak, listOf(7)), []*x509.Certificate{weak.Certificate}, "does not hold"},
		{"with another word", []byte(strings.Replace(string(good), "EJEMPLO", "EJEMPLA", 1)), nil, "does not hold"},
		{"of another country", with(func(l *fake.List) { l.Territory = "PT" }), nil, "another territory"},
		{"of lists", with(func(l *fake.List) { l.Type = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUlistofthelists" }), nil, "no list of a member state"},
		{"of an old version", with(func(l *fake.List) { l.Version = 3 }), nil, "version 3"},
		{"of a new version", with(func(l *fake.List) { l.Version = 7 }), nil, "version 7"},
		{"without number", with(func(l *fake.List) { l.Sequence = 0 }), nil, "no number"},
		{"closed", with(func(l *fake.List) { l.Closed = true }), nil, "closed"},
		{"issued after its signer's time", with(func(l *fake.List) { l.Issued = noon.AddDate(5, 0, 0) }), nil, "not in force"},
		{"issued before its signer's time", with(func(l *fake.List) { l.Issued = noon.AddDate(-5, 0, 0) }), nil, "not in force"},
		{"nothing", nil, nil, "unacceptable XML"},
		{"a page", []byte("<html/>"), nil, "not signed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			signers := test.signers
			if signers == nil && test.name != "signed, and nobody is trusted" {
				signers = []*x509.Certificate{signer.Certificate}
			}
			l, err := trustedlist.Read(test.data, signers, "ES")
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (l != nil || !errors.Is(err, trustedlist.ErrList) || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// A list as long as the Spanish one is read, signed with RSA as that one.
func TestALongList(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := fake.SignerWith(key, xmlsig.RSASHA256, noon)
	if err != nil {
		t.Fatal(err)
	}
	ca := newIssuer(t)
	services := make([]fake.Service, 1000)
	for i := range services {
		services[i] = fake.Service{Provider: fmt.Sprint("Prestador ", i), Name: "AC", Certificates: []*x509.Certificate{ca}, Since: noon.AddDate(-1, 0, 0)}
	}
	data := sign(t, signer, listOf(7, services...))
	l, err := trustedlist.Read(data, []*x509.Certificate{signer.Certificate}, "ES")
	if err != nil || len(l.Trusted(noon)) != len(services) {
		t.Errorf("got %v of %d bytes", err, len(data))
	}
}

func FuzzRead(f *testing.F) {
	signer := newSigner(f)
	f.Add(sign(f, signer, listOf(7, fake.Service{Certificates: []*x509.Certificate{newIssuer(f)}, Since: noon})))
	signers := []*x509.Certificate{signer.Certificate}
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := trustedlist.Read(data, signers, "ES"); (l == nil) == (err == nil) || l != nil && l.Sequence != 7 {
			t.Errorf("got %v, %v", l, err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	signer, ca := newSigner(b), newIssuer(b)
	services := make([]fake.Service, 1000)
	for i := range services {
		services[i] = fake.Service{Provider: fmt.Sprint("Prestador ", i), Name: "AC", Certificates: []*x509.Certificate{ca}, Since: noon.AddDate(-1, 0, 0)}
	}
	data := sign(b, signer, listOf(7, services...))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := trustedlist.Read(data, []*x509.Certificate{signer.Certificate}, "ES"); err != nil {
			b.Fatal(err)
		}
	}
}
