package identity

import (
	"errors"
	"fmt"
	"strings"
)

// DocumentKind is what a citizen holds in the hand.
type DocumentKind string

// The documents with which a citizen identifies. The three foreign ones carry a
// NIE. The values are those of the reference data file.
const (
	DNI             DocumentKind = "dni"
	ForeignerCard   DocumentKind = "foreigner_card"
	ResidencePermit DocumentKind = "residence_permit"
	EUCertificate   DocumentKind = "eu_certificate"
)

// ParseDocumentKind reads a kind as the reference data spell it.
func ParseDocumentKind(s string) (DocumentKind, error) {
	switch k := DocumentKind(s); k {
	case DNI, ForeignerCard, ResidencePermit, EUCertificate:
		return k, nil
	}
	return "", fmt.Errorf("unknown kind of document %q: want dni, foreigner_card, residence_permit or eu_certificate", s)
}

// ContrastKind is which second datum is compared with the reference data.
type ContrastKind string

// The data that are printed on the document and known to its holder.
const (
	ValidityDate  ContrastKind = "validity_date"
	IssueDate     ContrastKind = "issue_date"
	SupportNumber ContrastKind = "support_number"
)

// ContrastFor tells which datum to ask for: the validity date of a DNI, the
// issue date of a permanent one (all of those show the same validity), and the
// support number of what foreigners hold. An unknown kind gets the support
// number, which never matches where none is stored.
// Source: clave.gob.es, help of Cl@ve PIN, "Dato de contraste".
func ContrastFor(kind DocumentKind, validity Date) ContrastKind {
	switch {
	case kind == DNI && validity.Permanent():
		return IssueDate
	case kind == DNI:
		return ValidityDate
	}
	return SupportNumber
}

// ErrSupportFormat says that what was typed has not the shape of that kind of
// document's support number.
var ErrSupportFormat = errors.New("not the support number of such a document")

// ParseSupport reads a support number as people type it (spaces, dots, dashes,
// lower case) and returns it canonical: three letters and six digits for a DNI,
// E and eight digits for a foreigner card or residence permit, C and eight
// digits for an EU citizen certificate, where C and leading zeros may be left out.
// It returns ErrSupportFormat otherwise.
// Source: sede.agenciatributaria.gob.es, help on the support number ("número de
// soporte") of DNI, TIE and EU certificate.
func ParseSupport(typed string, kind DocumentKind) (string, error) {
	s, ok := Squeeze(typed)
	if !ok {
		return "", ErrSupportFormat
	}
	switch kind {
	case DNI:
		if len(s) == 9 && allUpper(s[:3]) && allDigits(s[3:]) {
			return s, nil
		}
	case ForeignerCard, ResidencePermit:
		if len(s) == 9 && s[0] == 'E' && allDigits(s[1:]) {
			return s, nil
		}
	case EUCertificate:
		digits := strings.TrimPrefix(s, "C")
		if len(digits) >= 1 && len(digits) <= 8 && allDigits(digits) {
			return "C" + strings.Repeat("0", 8-len(digits)) + digits, nil
		}
	}
	return "", ErrSupportFormat
}
