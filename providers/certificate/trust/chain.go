package trust

import (
	"crypto/x509"
	"errors"
	"slices"
	"time"
)

// maxPresented is how many of the certificates that a browser sends along are
// looked at. Our choice: real chains have one or two between citizen and root.
const maxPresented = 6

// Chain finds the way from the first presented certificate to an anchor: the
// certificate, those between, the anchor. What the browser sends along only helps
// to find it. What the key may be used for is the profile's matter.
func (s *Store) Chain(presented []*x509.Certificate, now time.Time) ([]*x509.Certificate, error) {
	leaf := presented[0]
	chain, err := s.verify(leaf, presented, now)
	if err == nil {
		return chain, nil
	}
	// That a certificate has expired is told only of those whose issuer is known:
	// everything else that it says, its dates included, anybody could have written.
	var invalid x509.CertificateInvalidError
	if !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		return nil, ErrUnknownIssuer
	}
	switch {
	case now.After(leaf.NotAfter):
		if _, err := s.verify(leaf, presented, leaf.NotAfter); err == nil {
			return nil, ErrExpired
		}
	case now.Before(leaf.NotBefore):
		if _, err := s.verify(leaf, presented, leaf.NotBefore); err == nil {
			return nil, ErrNotYetValid
		}
	}
	return nil, ErrUnknownIssuer
}

func (s *Store) verify(leaf *x509.Certificate, presented []*x509.Certificate, at time.Time) ([]*x509.Certificate, error) {
	between := s.between
	if len(presented) > 1 {
		between = s.between.Clone()
		for _, c := range presented[1:min(len(presented), maxPresented)] {
			between.AddCert(c)
		}
	}
	chains, err := leaf.Verify(x509.VerifyOptions{
		Roots: s.roots, Intermediates: between, CurrentTime: at, KeyUsages: anyUsage(),
	})
	if err != nil {
		return nil, err
	}
	for _, chain := range chains {
		if !slices.ContainsFunc(chain[1:], func(c *x509.Certificate) bool { return s.withdrawn[keyOf(c)] }) {
			return chain, nil
		}
	}
	return nil, ErrUnknownIssuer
}

// anyUsage leaves extended usages to the profile: the DNIe has none, and what
// authorities write into their own differs.
func anyUsage() []x509.ExtKeyUsage { return []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }
