package authority

import (
	"crypto/x509/pkix"
	"encoding/asn1"

	"clave/internal/oid"
)

// What only the issuer names. Source: RFC 4519; ETSI EN 319 412-5, section 4.
var (
	oidCountry         = asn1.ObjectIdentifier{2, 5, 4, 6}
	oidOrganisation    = asn1.ObjectIdentifier{2, 5, 4, 10}
	oidQCTypeSignature = asn1.ObjectIdentifier{0, 4, 0, 1862, 1, 6, 1}
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
	return pkix.Extension{Id: oid.AlternativeName, Value: mustMarshal([]asn1.RawValue{inner})}
}

// qualified is the extension of statements about a qualified certificate.
// Source: ETSI EN 319 412-5, section 4.
func qualified(kind asn1.ObjectIdentifier, onDevice bool) pkix.Extension {
	type statement struct {
		ID   asn1.ObjectIdentifier
		Info asn1.RawValue `asn1:"optional"`
	}
	statements := []statement{
		{ID: oid.QCCompliance},
		{ID: oid.QCType, Info: asn1.RawValue{FullBytes: mustMarshal([]asn1.ObjectIdentifier{kind})}},
	}
	if onDevice {
		statements = append(statements, statement{ID: oid.QCDevice})
	}
	return pkix.Extension{Id: oid.QCStatements, Value: mustMarshal(statements)}
}

// mustMarshal is for structures of ours, which can always be encoded.
func mustMarshal(v any) []byte {
	der, err := asn1.Marshal(v)
	if err != nil {
		panic("authority: " + err.Error())
	}
	return der
}
