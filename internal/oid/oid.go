// Package oid names the object identifiers in certificates, and in what is said of
// their revocation, that more than one of our packages read or write.
package oid

import "encoding/asn1"

// Attributes of names. Source: RFC 4519; X.520; for OrganisationID ETSI EN 319 412-1,
// section 5.1.4.
var (
	CommonName     = asn1.ObjectIdentifier{2, 5, 4, 3}
	Surname        = asn1.ObjectIdentifier{2, 5, 4, 4}
	SerialNumber   = asn1.ObjectIdentifier{2, 5, 4, 5}
	GivenName      = asn1.ObjectIdentifier{2, 5, 4, 42}
	Pseudonym      = asn1.ObjectIdentifier{2, 5, 4, 65}
	OrganisationID = asn1.ObjectIdentifier{2, 5, 4, 97}
)

// The person's names and number in the directory name of FNMT's certificates.
// Source: FNMT-RCM, profile of the AC FNMT Usuarios certificate.
var (
	FNMTGivenName     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 5734, 1, 1}
	FNMTFirstSurname  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 5734, 1, 2}
	FNMTSecondSurname = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 5734, 1, 3}
	FNMTNumber        = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 5734, 1, 4}
)

// Extensions and statements. Source: RFC 5280, section 4.2.1.6; RFC 3739, section
// 3.2.6; ETSI EN 319 412-5, section 4.
var (
	AlternativeName = asn1.ObjectIdentifier{2, 5, 29, 17}
	QCStatements    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 3}
	QCCompliance    = asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 1}
	QCDevice        = asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 4}
	QCType          = asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 6}
	QCTypeSeal      = asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 6, 2}
)

// Revocation. Source: RFC 5280, section 5.2.5; RFC 6960, sections 4.2.2.2.1 and
// 4.4.1; RFC 3370, section 2.1.
var (
	IssuingPoint = asn1.ObjectIdentifier{2, 5, 29, 28}
	NoCheck      = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	Nonce        = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	SHA1         = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
)
