package identity

import (
	"errors"
	"strings"
)

// ErrOrganisationFormat says that a text has not the shape of an organisation's NIF.
var ErrOrganisationFormat = errors.New("not the NIF of an organisation: want a letter, seven digits and a control digit or letter")

// OrganisationNIF is the tax number of a legal entity or administration, nine
// characters, canonical and checked. It is public: it prints in clear.
type OrganisationNIF string

const (
	organisationLetters = "ABCDEFGHJNPQRSUVW"
	// organisationControls gives the control letter by the control digit.
	organisationControls = "JABCDEFGHI"
	// lettersOnly and digitsOnly are the kinds of entity whose control character
	// is always a letter, or always a digit; the others use either.
	lettersOnly = "NPQRSW"
	digitsOnly  = "ABEH"
)

// ParseOrganisationNIF reads the NIF of an organisation, with the tolerance of
// ParseDocument for separators and case. It returns ErrControlLetter when the
// shape is right and the control character wrong, ErrOrganisationFormat otherwise.
// Source: Orden EHA/451/2008, articles 2 to 4; the control sum is that of the
// former CIF (Decreto 2423/1975).
func ParseOrganisationNIF(typed string) (OrganisationNIF, error) {
	s, ok := Squeeze(typed)
	if !ok || len(s) != 9 || strings.IndexByte(organisationLetters, s[0]) < 0 || !allDigits(s[1:8]) {
		return "", ErrOrganisationFormat
	}
	sum := 0
	for i, c := range []byte(s[1:8]) {
		n := int(c - '0')
		if i%2 == 0 { // first, third, … digit: doubled, and its digits added
			n = n*2/10 + n*2%10
		}
		sum += n
	}
	digit := (10 - sum%10) % 10
	control := s[8]
	isDigit := control >= '0' && control <= '9'
	switch {
	case isDigit && strings.IndexByte(lettersOnly, s[0]) >= 0,
		!isDigit && strings.IndexByte(digitsOnly, s[0]) >= 0:
		return "", ErrOrganisationFormat
	case control != byte('0'+digit) && control != organisationControls[digit]:
		return "", ErrControlLetter
	}
	return OrganisationNIF(s), nil
}
