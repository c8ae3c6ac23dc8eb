package authority

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"clave/internal/oid"
)

// List is a list of revoked certificates. The zero value but for At is as it
// should be, and empty.
type List struct {
	At      time.Time
	Lasts   time.Duration // a day when it is zero
	Revoked []*big.Int
	// OfRoot makes it the root's list, on which only Issuer could stand.
	OfRoot bool
	// ByAnother signs it with a key that is not the authority's.
	ByAnother bool
	// Part, when set, says that the list is only about the certificates that name
	// this address. Source: RFC 5280, section 5.2.5.
	Part string
	// Indirect says that the list is about other authorities' certificates.
	Indirect bool
}

// Revocations signs a list.
func (c *CA) Revocations(l List) ([]byte, error) {
	if l.Lasts == 0 {
		l.Lasts = 24 * time.Hour
	}
	template := &x509.RevocationList{
		Number: big.NewInt(l.At.Unix()), ThisUpdate: l.At.UTC(), NextUpdate: l.At.Add(l.Lasts).UTC(),
	}
	for _, number := range l.Revoked {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: number, RevocationTime: l.At.Add(-time.Hour).UTC(), ReasonCode: 1,
		})
	}
	if l.Part != "" || l.Indirect {
		template.ExtraExtensions = []pkix.Extension{{Id: oid.IssuingPoint, Critical: true, Value: scope(l)}}
	}
	issuer, key := c.Issuer, c.issuer
	if l.OfRoot {
		issuer, key = c.Root, c.root
	}
	if l.ByAnother {
		key = c.responder
		other := *issuer
		other.PublicKey = key.Public()
		issuer = &other
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, issuer, key)
	if err != nil {
		return nil, fmt.Errorf("signing a list of revoked certificates: %w", err)
	}
	return der, nil
}

// scope encodes which certificates a list is about.
func scope(l List) []byte {
	var parts []asn1.RawValue
	if l.Part != "" {
		uri := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(l.Part)}
		fullName := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: mustMarshal(uri)}
		parts = append(parts, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: mustMarshal(fullName)})
	}
	if l.Indirect {
		parts = append(parts, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, Bytes: []byte{0xff}})
	}
	return mustMarshal(parts)
}
