package trust_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clave/providers/certificate/trust"
	"clave/sandbox/authority"
)

var ana = authority.Holder{Document: "12345678Z", GivenName: "ANA", FirstSurname: "PRUEBA"}

func newCA(t *testing.T, now time.Time) *authority.CA {
	t.Helper()
	ca, err := authority.New(now, authority.Addresses{})
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func issue(t *testing.T, ca *authority.CA, kind authority.Kind) *authority.Issued {
	t.Helper()
	issued, err := ca.Issue(kind, ana)
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

func TestChain(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ours, foreign := newCA(t, now), newCA(t, now)
	good, expired, early := issue(t, ours, authority.Citizen), issue(t, ours, authority.Expired), issue(t, ours, authority.NotYetValid)
	alien, alienExpired := issue(t, foreign, authority.Citizen), issue(t, foreign, authority.Expired)
	rootAlone, both := trust.New(ours.Root), trust.New(ours.Root, ours.Issuer)
	tests := []struct {
		name      string
		store     *trust.Store
		presented []*x509.Certificate
		at        time.Time
		want      error
	}{
		{"the browser sends the authority between", rootAlone, good.Chain, now, nil},
		{"the store has the authority between", both, good.Chain[:1], now, nil},
		{"nobody has the authority between", rootAlone, good.Chain[:1], now, trust.ErrUnknownIssuer},
		{"another root of the same name", both, alien.Chain, now, trust.ErrUnknownIssuer},
		{"another root that the browser sends along", both, append(alien.Chain, foreign.Root), now, trust.ErrUnknownIssuer},
		{"expired", both, expired.Chain, now, trust.ErrExpired},
		{"not valid yet", both, early.Chain, now, trust.ErrNotYetValid},
		{"expired, and of nobody we know", both, alienExpired.Chain, now, trust.ErrUnknownIssuer},
		{"many certificates that lead nowhere", rootAlone, append(good.Chain[:1:1], alien.Chain[1], alien.Chain[1], alien.Chain[1], alien.Chain[1], alien.Chain[1], good.Chain[1]), now, trust.ErrUnknownIssuer},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			chain, err := test.store.Chain(test.presented, test.at)
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if err == nil && (len(chain) != 3 || !chain[2].Equal(ours.Root)) {
				t.Errorf("got a chain of %d", len(chain))
			}
		})
	}
}

// A citizen's certificate that signs another one is no authority.
func TestACitizenIssuesNothing(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ca := newCA(t, now)
	citizen := issue(t, ca, authority.Citizen)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "another"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, citizen.Certificate, key.Public(), citizen.Key)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trust.New(ca.Root, ca.Issuer).Chain(append([]*x509.Certificate{forged}, citizen.Chain...), now); !errors.Is(err, trust.ErrUnknownIssuer) {
		t.Errorf("got %v", err)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ca := newCA(t, now)
	citizen := issue(t, ca, authority.Citizen)
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	root, issuer := write("ca/root.pem", ca.RootPEM()), write("ca/issuer.der", ca.Issuer.Raw)
	write("ca/README", []byte("not a certificate"))
	leaf, text := write("leaf.der", citizen.Certificate.Raw), write("text.pem", []byte("hello"))
	key := write("key.pem", []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
	tests := []struct {
		name  string
		paths []string
		at    time.Time
		want  []string // parts of the error; none is a good store
	}{
		{"a folder", []string{filepath.Dir(root)}, now, nil},
		{"files", []string{root, issuer}, now, nil},
		{"an authority without its root", []string{issuer}, now, []string{"give the root too"}},
		{"a citizen's certificate", []string{root, issuer, leaf}, now, []string{"is no authority's certificate"}},
		{"no certificate", []string{text}, now, []string{"is no certificate in PEM or DER"}},
		{"a private key", []string{key}, now, []string{"holds a private key"}},
		{"an empty folder", []string{t.TempDir()}, now, []string{"nobody could log in"}},
		{"nothing, where a trusted list says it all", nil, now, nil},
		{"several mistakes", []string{text, filepath.Join(dir, "missing.pem")}, now, []string{"is no certificate", "missing.pem: cannot be read: no such file"}},
		{"an authority that is over", []string{root}, now.AddDate(40, 0, 0), []string{"expired on"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := trust.Load(test.paths, test.at)
			if (err == nil) != (test.want == nil) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
		})
	}
}
