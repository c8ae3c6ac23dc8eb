package trust_test

import (
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clave/providers/certificate/trust"
	"clave/sandbox/authority"
)

func opened(t *testing.T, now time.Time, paths ...string) *trust.Live {
	t.Helper()
	l, err := trust.Open(paths, now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func put(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAListSaysCounts(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ours, foreign := newCA(t, now), newCA(t, now)
	good, alien, expired := issue(t, ours, authority.Citizen), issue(t, foreign, authority.Citizen), issue(t, ours, authority.Expired)
	root := filepath.Join(t.TempDir(), "root.pem")
	put(t, root, ours.RootPEM())
	only := func(c *x509.Certificate) []*x509.Certificate { return []*x509.Certificate{c} }
	tests := []struct {
		name      string
		files     []string
		list      trust.Listed
		presented []*x509.Certificate
		want      error
		length    int
	}{
		{"nothing is trusted before there is a list", nil, trust.Listed{}, good.Chain, trust.ErrUnknownIssuer, 0},
		{"an authority between, as the list names it", nil, trust.Listed{Trusted: only(ours.Issuer)}, good.Chain, nil, 2},
		{"an expired certificate of it", nil, trust.Listed{Trusted: only(ours.Issuer)}, expired.Chain, trust.ErrExpired, 0},
		{"another authority of the same name", nil, trust.Listed{Trusted: only(ours.Issuer)}, alien.Chain, trust.ErrUnknownIssuer, 0},
		{"its root is not trusted by that", nil, trust.Listed{Trusted: only(foreign.Issuer)}, good.Chain, trust.ErrUnknownIssuer, 0},
		{"a file beside the list", []string{root}, trust.Listed{Trusted: only(foreign.Issuer)}, good.Chain, nil, 3},
		{"withdrawn, and nothing else", nil, trust.Listed{Withdrawn: only(ours.Issuer)}, good.Chain, trust.ErrUnknownIssuer, 0},
		{"withdrawn, below a root of a file", []string{root}, trust.Listed{Withdrawn: only(ours.Issuer)}, good.Chain, trust.ErrUnknownIssuer, 0},
		{"the root withdrawn, with the authority below in the list", nil, trust.Listed{Trusted: only(ours.Issuer), Withdrawn: only(ours.Root)}, good.Chain, nil, 2},
		{"the root of a file withdrawn", []string{root}, trust.Listed{Withdrawn: only(ours.Root)}, good.Chain, trust.ErrUnknownIssuer, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := opened(t, now, test.files...)
			l.List(test.list)
			chain, err := l.Chain(test.presented, now)
			if !errors.Is(err, test.want) || len(chain) != test.length {
				t.Errorf("got %v and a chain of %d, want %v and %d", err, len(chain), test.want, test.length)
			}
		})
	}
}

// Who issued with a key that was withdrawn has another certificate for it.
func TestAWithdrawnKeyIsWithdrawnInEveryCertificate(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ca := newCA(t, now)
	good := issue(t, ca, authority.Citizen)
	again := *ca.Issuer
	again.Raw = append([]byte{}, ca.Issuer.Raw...)
	again.Raw[len(again.Raw)-1] ^= 1 // another signature over the same key
	root := filepath.Join(t.TempDir(), "root.pem")
	put(t, root, ca.RootPEM())
	l := opened(t, now, root)
	l.List(trust.Listed{Withdrawn: []*x509.Certificate{&again}})
	if _, err := l.Chain(good.Chain, now); !errors.Is(err, trust.ErrUnknownIssuer) {
		t.Errorf("got %v", err)
	}
}

func TestFilesAreReadAgain(t *testing.T) {
	t.Parallel()
	now := time.Now()
	first, second := newCA(t, now), newCA(t, now)
	one, two := issue(t, first, authority.Citizen), issue(t, second, authority.Citizen)
	dir := t.TempDir()
	put(t, filepath.Join(dir, "first.pem"), first.RootPEM())
	l := opened(t, now, dir)
	trusts := func(want ...error) {
		t.Helper()
		for i, issued := range []*authority.Issued{one, two} {
			if _, err := l.Chain(issued.Chain, now); !errors.Is(err, want[i]) {
				t.Errorf("authority %d: got %v, want %v", i+1, err, want[i])
			}
		}
	}
	reload := func(want bool, problem string) {
		t.Helper()
		changed, err := l.Reload(now)
		if changed != want || (err == nil) != (problem == "") || err != nil && !strings.Contains(err.Error(), problem) {
			t.Errorf("got %v, %v", changed, err)
		}
	}
	reload(false, "")
	trusts(nil, trust.ErrUnknownIssuer)
	put(t, filepath.Join(dir, "second.pem"), second.RootPEM())
	reload(true, "")
	trusts(nil, nil)
	// A mistake is told once, and changes nothing.
	put(t, filepath.Join(dir, "second.pem"), []byte("half of it"))
	reload(false, "is no certificate")
	reload(false, "")
	trusts(nil, nil)
	if err := os.Remove(filepath.Join(dir, "second.pem")); err != nil {
		t.Fatal(err)
	}
	reload(true, "")
	trusts(nil, trust.ErrUnknownIssuer)
	// The list stays when files change.
	l.List(trust.Listed{Withdrawn: []*x509.Certificate{first.Issuer}})
	put(t, filepath.Join(dir, "third.pem"), second.RootPEM())
	reload(true, "")
	trusts(trust.ErrUnknownIssuer, nil)
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	if _, err := trust.Open([]string{filepath.Join(t.TempDir(), "none")}, time.Now()); err == nil {
		t.Error("opened")
	}
}
