package trustedlist

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"clave/internal/xmlsig"
)

// ErrList: these bytes are no list that we take. What is wrong stands around it.
var ErrList = errors.New("unacceptable trusted list")

// List is a list whose signature holds.
type List struct {
	Sequence int64
	// Issued is when it was made. After NextUpdate there must be a newer one.
	Issued, NextUpdate time.Time
	// Signer is the configured certificate that signed it.
	Signer *x509.Certificate
	// Authorities are all that issue, or have issued, qualified certificates.
	Authorities []Authority
	// Unreadable is how many certificates of authorities nobody here can read.
	Unreadable int
}

// Authority is one certificate of a service.
type Authority struct {
	// Provider and Service are names for operators.
	Provider, Service string
	Certificate       *x509.Certificate
	// Granted: it may issue qualified certificates, since Since; Signatures: those for
	// people, and not for seals or web sites alone.
	Granted, Signatures bool
	Since               time.Time
}

// Expired tells whether there should be a newer list.
func (l *List) Expired(now time.Time) bool { return now.After(l.NextUpdate) }

// Trusted are the authorities that may issue for people now.
func (l *List) Trusted(now time.Time) []Authority {
	var all []Authority
	for _, a := range l.Authorities {
		if a.Granted && a.Signatures && !a.Since.After(now) {
			all = append(all, a)
		}
	}
	return all
}

// Withdrawn are those that may issue nothing, and whose key no other service uses that
// may: services change providers and names, and then stand in the list twice.
func (l *List) Withdrawn() []Authority {
	granted := map[[sha256.Size]byte]bool{}
	for _, a := range l.Authorities {
		if a.Granted {
			granted[sha256.Sum256(a.Certificate.RawSubjectPublicKeyInfo)] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(l.Authorities), func(a Authority) bool {
		return granted[sha256.Sum256(a.Certificate.RawSubjectPublicKeyInfo)]
	})
}

// newerThan tells whether this list may take the place of the other one. A list that
// was overtaken would bring back who was withdrawn since.
// Source: ETSI TS 119 612, section 5.3.2: the number never goes back.
func (l *List) newerThan(other *List) bool {
	return other == nil || l.Sequence > other.Sequence || l.Sequence == other.Sequence && !l.Issued.Before(other.Issued)
}

// certificatesOf are the authorities' certificates.
func certificatesOf(authorities []Authority) []*x509.Certificate {
	var all []*x509.Certificate
	for _, a := range authorities {
		all = append(all, a.Certificate)
	}
	return all
}

// Read reads a list that one of the certificates signed, of a territory such as ES.
func Read(data []byte, signers []*x509.Certificate, territory string) (*List, error) {
	document, err := xmlsig.Parse(data, limits)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	signed, err := document.Verify(nil, xmlsig.Trust{Certificates: signers, Properties: true})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	var s stated
	if err := xml.Unmarshal(signed.Bytes, &s); err != nil {
		return nil, fmt.Errorf("%w: it has another form", ErrList)
	}
	l := &List{Sequence: s.Scheme.Sequence, Signer: signed.Signer}
	if err := l.scheme(s.Scheme, territory); err != nil {
		return nil, err
	}
	for _, p := range s.Providers {
		for _, service := range p.Services {
			if err := l.add(p, service); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

// scheme reads what the list says of itself.
func (l *List) scheme(s scheme, territory string) (err error) {
	switch {
	case s.Version < oldestVersion || s.Version > newestVersion:
		return fmt.Errorf("%w: version %d of the format is unknown", ErrList, s.Version)
	case strings.TrimSpace(s.Type) != typeEU:
		return fmt.Errorf("%w: it is no list of a member state", ErrList)
	case strings.TrimSpace(s.Territory) != territory:
		return fmt.Errorf("%w: it is another territory's", ErrList)
	case s.Sequence < 1:
		return fmt.Errorf("%w: it has no number", ErrList)
	}
	if l.Issued, err = instant(s.Issued); err != nil {
		return err
	}
	if strings.TrimSpace(s.NextUpdate) == "" {
		return fmt.Errorf("%w: it is closed, and another has taken its place", ErrList)
	}
	if l.NextUpdate, err = instant(s.NextUpdate); err != nil {
		return err
	}
	if l.Issued.Before(l.Signer.NotBefore) || l.Issued.After(l.Signer.NotAfter) {
		return fmt.Errorf("%w: its signer's certificate was not in force when it was issued", ErrList)
	}
	return nil
}

// add reads a service, if it is one that issues qualified certificates.
func (l *List) add(p provider, s service) error {
	if strings.TrimSpace(s.Type) != issuesQualified {
		return nil
	}
	since, err := instant(s.Since)
	if err != nil {
		return err
	}
	for _, text := range s.Certificates {
		der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			l.Unreadable++
			continue
		}
		c, err := x509.ParseCertificate(der)
		if err != nil || !c.IsCA {
			l.Unreadable++
			continue
		}
		l.Authorities = append(l.Authorities, Authority{
			Provider: nameOf(p.Names), Service: nameOf(s.Names), Certificate: c, Since: since,
			Granted: strings.TrimSpace(s.Status) == statusGranted, Signatures: s.says(forSignatures),
		})
	}
	return nil
}

func instant(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(text))
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: it has a time that cannot be read", ErrList)
	}
	return t.UTC().Truncate(time.Second), nil
}

// nameOf takes the Spanish name, or the first, fit to be shown in a line.
func nameOf(names []name) string {
	if len(names) == 0 {
		return ""
	}
	at := max(0, slices.IndexFunc(names, func(n name) bool { return n.Language == "es" }))
	text := strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, names[at].Text)), " ")
	if letters := []rune(text); len(letters) > maxName {
		text = string(letters[:maxName])
	}
	return text
}
