package authority

import (
	"crypto/x509/pkix"
	"encoding/asn1"
)

// Attributes of names. Source: RFC 4519, X.520; for 2.5.4.97 ETSI EN 319 412-1.
var (
	oidCommonName      = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidSurname         = asn1.ObjectIdentifier{2, 5, 4, 4}
	oidSerialNumber    = asn1.ObjectIdentifier{2, 5, 4, 5}
	oidCountry         = asn1.ObjectIdentifier{2, 5, 4, 6}
	oidOrganisation    = asn1.ObjectIdentifier{2, 5, 4, 10}
	oidGivenName       = asn1.ObjectIdentifier{2, 5, 4, 42}
	oidPseudonym       = asn1.ObjectIdentifier{2, 5, 4, 65}
	oidOrganisationID  = asn1.ObjectIdentifier{2, 5, 4, 97}
	oidSubjectAltName  = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidQCStatements    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 3}
	oidNoCheck         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidQCCompliance    = asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 1}
	oidQCDevice        = asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 4}
	oidQCType          = asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 6}
	oidQCTypeSignature = asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 6, 1}
	oidQCTypeSeal      = asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 6, 2}
	oidFNMTGivenName   = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 5734, 1, 1}
	oidFNMTFirst       = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 5734, 1, 2}
	oidFNMTSecond      = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 5734, 1, 3}
	oidFNMTNumber      = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 5734, 1, 4}
	country            = attribute{oidCountry, "ES"}
)

// attribute is one part of a name.
type attribute struct {
	kind  asn1.ObjectIdentifier
	value string
}

func organisation(o string) attribute { return attribute{oidOrganisation, o} }

// name encodes a distinguished name; empty values are left out.
func name(parts ...attribute) []byte {
	var rdn pkix.RDNSequence
	for _, p := range parts {
		if p.value != "" {
			rdn = append(rdn, pkix.RelativeDistinguishedNameSET{{Type: p.kind, Value: p.value}})
		}
	}
	return mustMarshal(rdn)
}

// alternative is the extension that holds a directory name.
// Source: RFC 5280, section 4.2.1.6: directoryName is [4], and explicit because
// Name is a choice.
func alternative(parts ...attribute) pkix.Extension {
	inner := asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: name(parts...)}
	return pkix.Extension{Id: oidSubjectAltName, Value: mustMarshal([]asn1.RawValue{inner})}
}

// qualified is the extension of statements about a qualified certificate.
// Source: ETSI EN 319 412-5, section 4.
func qualified(kind asn1.ObjectIdentifier, onDevice bool) pkix.Extension {
	type statement struct {
		ID   asn1.ObjectIdentifier
		Info asn1.RawValue `asn1:"optional"`
	}
	statements := []statement{
		{ID: oidQCCompliance},
		{ID: oidQCType, Info: asn1.RawValue{FullBytes: mustMarshal([]asn1.ObjectIdentifier{kind})}},
	}
	if onDevice {
		statements = append(statements, statement{ID: oidQCDevice})
	}
	return pkix.Extension{Id: oidQCStatements, Value: mustMarshal(statements)}
}

// mustMarshal is for structures of ours, which can always be encoded.
func mustMarshal(v any) []byte {
	der, err := asn1.Marshal(v)
	if err != nil {
		panic("authority: " + err.Error())
	}
	return der
}
