package revocation

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"clave/internal/oid"
)

// list is a list of revoked certificates that was found good.
type list struct {
	revoked map[string]struct{} // by serial number
	end     time.Time
	scope   scope
}

// byList looks the certificate up in the lists that it names, until one counts.
func (c *Checker) byList(ctx context.Context, certificate, issuer *x509.Certificate) (bool, error) {
	addresses := web(certificate.CRLDistributionPoints)
	if len(addresses) == 0 {
		return false, errors.New("no list is known")
	}
	var problems error
	for _, address := range addresses {
		l, err := c.lists.get(ctx, string(issuer.RawSubjectPublicKeyInfo)+"\n"+address, func(ctx context.Context) (*list, time.Time, error) {
			l, until, err := c.fetch(ctx, address, issuer)
			if err == nil {
				// One about other certificates is not kept: somebody between us and the
				// authority would have us refuse everybody as long as it lasts.
				err = l.scope.covers(certificate)
			}
			return l, until, err
		})
		if err == nil {
			err = l.scope.covers(certificate)
		}
		if err == nil {
			_, found := l.revoked[string(certificate.SerialNumber.Bytes())]
			return found, nil
		}
		problems = errors.Join(problems, fmt.Errorf("reading %s: %w", address, err))
	}
	return false, problems
}

// fetch downloads a list and checks that the issuer signed it, lately.
// Source: RFC 5280, section 6.3.3.
func (c *Checker) fetch(ctx context.Context, address string, issuer *x509.Certificate) (*list, time.Time, error) {
	body, err := c.get(ctx, address)
	if err != nil {
		return nil, time.Time{}, err
	}
	parsed, err := x509.ParseRevocationList(body)
	if err != nil {
		return nil, time.Time{}, errors.New("it cannot be read as a list of revoked certificates")
	}
	if !bytes.Equal(parsed.RawIssuer, issuer.RawSubject) {
		return nil, time.Time{}, errors.New("it is another authority's")
	}
	if err := parsed.CheckSignatureFrom(issuer); err != nil {
		return nil, time.Time{}, fmt.Errorf("the issuer did not sign it: %w", err)
	}
	now := c.now()
	if parsed.ThisUpdate.After(now.Add(Skew)) || !now.Add(-Skew).Before(parsed.NextUpdate) {
		return nil, time.Time{}, errors.New("it is stale, or from the future")
	}
	l := &list{revoked: make(map[string]struct{}, len(parsed.RevokedCertificateEntries)), end: parsed.NextUpdate}
	if l.scope, err = scopeOf(parsed.Extensions); err != nil {
		return nil, time.Time{}, err
	}
	for _, e := range parsed.RevokedCertificateEntries {
		l.revoked[string(e.SerialNumber.Bytes())] = struct{}{}
	}
	return l, earlier(now.Add(keepList), l.end.Add(Skew)), nil
}

// scope says which certificates a list is about; the zero value is all.
type scope struct {
	addresses             []string // of the part, when the list is one
	citizens, authorities bool     // only theirs
}

// The issuing distribution point. Source: RFC 5280, section 5.2.5.
type issuingPoint struct {
	Point struct {
		FullName []asn1.RawValue `asn1:"optional,tag:0"`
		Relative asn1.RawValue   `asn1:"optional,tag:1"`
	} `asn1:"optional,tag:0"`
	OnlyUsers       bool           `asn1:"optional,tag:1"`
	OnlyAuthorities bool           `asn1:"optional,tag:2"`
	SomeReasons     asn1.BitString `asn1:"optional,tag:3"`
	Indirect        bool           `asn1:"optional,tag:4"`
	OnlyAttributes  bool           `asn1:"optional,tag:5"`
}

var (
	// oidKeyID and oidNumber say nothing about which certificates are meant.
	oidKeyID  = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidNumber = asn1.ObjectIdentifier{2, 5, 29, 20}
)

// scopeOf reads the scope. What is critical and not understood makes the list useless
// (section 5.2): a delta list (2.5.29.27) says who was revoked since another one.
func scopeOf(extensions []pkix.Extension) (s scope, err error) {
	for _, e := range extensions {
		switch {
		case e.Id.Equal(oid.IssuingPoint):
			if s, err = readScope(e.Value); err != nil {
				return s, err
			}
		case e.Critical && !e.Id.Equal(oidKeyID) && !e.Id.Equal(oidNumber):
			return s, errors.New("it says something that we do not understand")
		}
	}
	return s, nil
}

func readScope(der []byte) (s scope, err error) {
	var p issuingPoint
	if rest, err := asn1.Unmarshal(der, &p); err != nil || len(rest) > 0 {
		return s, errors.New("what it is about cannot be read")
	}
	if p.Indirect || p.OnlyAttributes || p.SomeReasons.BitLength > 0 || len(p.Point.Relative.FullBytes) > 0 {
		return s, errors.New("it is about other certificates, or some reasons only")
	}
	for _, n := range p.Point.FullName {
		if n.Class == asn1.ClassContextSpecific && n.Tag == 6 { // uniformResourceIdentifier
			s.addresses = append(s.addresses, string(n.Bytes))
		}
	}
	if len(p.Point.FullName) > 0 && len(s.addresses) == 0 {
		return s, errors.New("what it is about cannot be read")
	}
	s.citizens, s.authorities = p.OnlyUsers, p.OnlyAuthorities
	return s, nil
}

// covers tells whether the list is about the certificate. Who is between us and the
// authority can hand out another part, which it signed too and on which the
// certificate does not stand.
func (s scope) covers(c *x509.Certificate) error {
	part := len(s.addresses) == 0
	for _, a := range s.addresses {
		part = part || slices.Contains(c.CRLDistributionPoints, a)
	}
	if !part || s.citizens && c.IsCA || s.authorities && !c.IsCA {
		return errors.New("it is about other certificates")
	}
	return nil
}
