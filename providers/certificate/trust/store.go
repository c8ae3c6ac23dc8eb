// Package trust says whether a certificate was issued by somebody whom the
// installation trusts: it builds the chain from a citizen's certificate to an authority
// of the operator's files or of the trusted list.
//
//	files ───────► Live ──► Store, made anew when one of them changes
//	trusted list ──┘          │ Chain
//	                          ▼
//	                        who issued this?
package trust

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Errors that callers decide on.
var (
	// ErrUnknownIssuer: no authority of the store issued it.
	ErrUnknownIssuer = errors.New("no trusted authority issued this certificate")
	// ErrExpired and ErrNotYetValid: an authority of the store issued it, and it is
	// not in force.
	ErrExpired     = errors.New("the certificate has expired")
	ErrNotYetValid = errors.New("the certificate is not valid yet")
)

// Store holds the authorities that are trusted. It is safe for concurrent use.
type Store struct {
	roots, between *x509.CertPool
	withdrawn      map[[sha256.Size]byte]bool // hashes of public keys
}

// New makes a store: who signed their own certificate is an anchor, the others only
// help to find the way there.
func New(authorities ...*x509.Certificate) *Store { return build(authorities, Listed{}) }

// Listed is what a trusted list says.
type Listed struct {
	// Trusted are anchors as they are: lists name the authorities that issue, whoever
	// signed their certificates.
	Trusted []*x509.Certificate
	// Withdrawn are trusted by no way, not even by a root of the files.
	Withdrawn []*x509.Certificate
}

func build(files []*x509.Certificate, l Listed) *Store {
	s := &Store{roots: x509.NewCertPool(), between: x509.NewCertPool(), withdrawn: map[[sha256.Size]byte]bool{}}
	for _, a := range files {
		if Anchor(a) {
			s.roots.AddCert(a)
		} else {
			s.between.AddCert(a)
		}
	}
	for _, a := range l.Trusted {
		s.roots.AddCert(a)
	}
	for _, a := range l.Withdrawn {
		s.withdrawn[keyOf(a)] = true
	}
	return s
}

// keyOf names a key, because an authority has several certificates for one.
func keyOf(c *x509.Certificate) [sha256.Size]byte { return sha256.Sum256(c.RawSubjectPublicKeyInfo) }

// Anchor tells whether a certificate is a trust anchor: an authority's, signed by
// itself.
func Anchor(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, c.RawIssuer) }

// Load reads files, and folders of files named .pem, .crt, .cer or .der, each with
// one certificate in DER or any number in PEM. All mistakes are told at once, one a
// line.
func Load(paths []string, now time.Time) ([]*x509.Certificate, error) {
	var (
		all      []*x509.Certificate
		problems []error
	)
	for _, path := range paths {
		found, err := loadPath(path)
		if err != nil {
			problems = append(problems, err)
		}
		all = append(all, found...)
	}
	s := New(all...)
	for _, c := range all {
		if err := s.fit(c, now); err != nil {
			problems = append(problems, err)
		}
	}
	if len(problems) == 0 && len(all) == 0 && len(paths) > 0 {
		problems = append(problems, errors.New("holds no certificate: nobody could log in"))
	}
	return all, errors.Join(problems...)
}

// fit tells what makes an authority useless.
func (s *Store) fit(c *x509.Certificate, now time.Time) error {
	who := c.Subject.CommonName
	switch {
	case !c.IsCA || !c.BasicConstraintsValid:
		return fmt.Errorf("%q is no authority's certificate; give the roots and those between them and the citizens", who)
	case now.After(c.NotAfter):
		return fmt.Errorf("%q expired on %s; take it away", who, c.NotAfter.UTC().Format(time.DateOnly))
	case Anchor(c):
		return nil
	}
	if _, err := c.Verify(x509.VerifyOptions{Roots: s.roots, Intermediates: s.between, CurrentTime: now, KeyUsages: anyUsage()}); err != nil {
		return fmt.Errorf("%q was issued by %q, which is not here; give the root too", who, c.Issuer.CommonName)
	}
	return nil
}

// loadPath reads a file or the files of a folder.
func loadPath(path string) ([]*x509.Certificate, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if !info.IsDir() {
		return loadFile(path)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	var (
		all      []*x509.Certificate
		problems []error
	)
	for _, e := range entries {
		if e.IsDir() || !slices.Contains([]string{".pem", ".crt", ".cer", ".der"}, strings.ToLower(filepath.Ext(e.Name()))) {
			continue
		}
		found, err := loadFile(filepath.Join(path, e.Name()))
		all, problems = append(all, found...), append(problems, err)
	}
	return all, errors.Join(problems...)
}

func loadFile(path string) ([]*x509.Certificate, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	all, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

func unreadable(path string, err error) error {
	var inner *os.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return fmt.Errorf("%s: cannot be read: %w", path, err)
}

// Parse reads one certificate in DER or any number in PEM.
func Parse(data []byte) ([]*x509.Certificate, error) {
	if c, err := x509.ParseCertificate(data); err == nil {
		return []*x509.Certificate{c}, nil
	}
	var all []*x509.Certificate
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("holds a %s; certificates alone belong here", strings.ToLower(block.Type))
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("holds a certificate that cannot be read as X.509")
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, errors.New("is no certificate in PEM or DER")
	}
	return all, nil
}
