package profile

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"unicode/utf8"

	"clave/internal/oid"
)

// maxName bounds each value that is taken from a certificate, in bytes. Our choice:
// beyond any name, so that pages and rows stay small.
const maxName = 200

// names are attributes of a distinguished name.
type names []pkix.AttributeTypeAndValue

func subjectOf(leaf *x509.Certificate) names { return leaf.Subject.Names }

func (n names) has(kind asn1.ObjectIdentifier) bool {
	for _, a := range n {
		if a.Type.Equal(kind) {
			return true
		}
	}
	return false
}

// value is an attribute's text, trimmed; empty when it is not there, stands there
// twice or is no text that can be shown.
func (n names) value(kind asn1.ObjectIdentifier) string {
	found := ""
	for _, a := range n {
		if !a.Type.Equal(kind) {
			continue
		}
		text, ok := a.Value.(string)
		if !ok || found != "" || len(text) > maxName || !utf8.ValidString(text) || strings.ContainsFunc(text, control) {
			return ""
		}
		found = strings.Join(strings.Fields(text), " ")
	}
	return found
}

func control(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }

// alternativeOf is the directory name beside the subject, if there is one.
// Source: RFC 5280, section 4.2.1.6: directoryName is [4], explicit.
func alternativeOf(leaf *x509.Certificate) names {
	for _, e := range leaf.Extensions {
		if !e.Id.Equal(oid.AlternativeName) {
			continue
		}
		var all []asn1.RawValue
		if rest, err := asn1.Unmarshal(e.Value, &all); err != nil || len(rest) > 0 {
			return nil
		}
		for _, general := range all {
			if general.Class == asn1.ClassContextSpecific && general.Tag == 4 {
				return namesIn(general.Bytes)
			}
		}
	}
	return nil
}

func namesIn(der []byte) names {
	var rdn pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &rdn); err != nil || len(rest) > 0 {
		return nil
	}
	var n names
	for _, set := range rdn {
		n = append(n, set...)
	}
	return n
}

// statements are those about a qualified certificate that count here.
type statements struct {
	qualified bool // it says to be a qualified certificate
	device    bool // the key is on a qualified device
	seal      bool // for seals or web sites: an organisation's
}

func statementsOf(leaf *x509.Certificate) (s statements) {
	for _, e := range leaf.Extensions {
		if !e.Id.Equal(oid.QCStatements) {
			continue
		}
		var all []struct {
			ID   asn1.ObjectIdentifier
			Info asn1.RawValue `asn1:"optional"`
		}
		if rest, err := asn1.Unmarshal(e.Value, &all); err != nil || len(rest) > 0 {
			return statements{seal: true} // what cannot be read is nobody's
		}
		for _, one := range all {
			switch {
			case one.ID.Equal(oid.QCCompliance):
				s.qualified = true
			case one.ID.Equal(oid.QCDevice):
				s.device = true
			case one.ID.Equal(oid.QCType):
				s.seal = s.seal || forOthers(one.Info.FullBytes)
			}
		}
	}
	return s
}

// forOthers tells whether the types of a qualified certificate name another than
// electronic signature.
func forOthers(der []byte) bool {
	var kinds []asn1.ObjectIdentifier
	if rest, err := asn1.Unmarshal(der, &kinds); err != nil || len(rest) > 0 {
		return true
	}
	for _, k := range kinds {
		if k.Equal(oid.QCTypeSeal) || k.Equal(oidQCTypeWeb) {
			return true
		}
	}
	return false
}
