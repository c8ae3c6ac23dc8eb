package proxied

import (
	"encoding/base64"
	"errors"
	"strings"
)

// Bounds of what a proxy may hand on. Our choice: Spanish citizens' certificates have
// up to 3 kB, and one or two authorities between them and the root.
const (
	maxBytes = 8 << 10 // of one certificate in DER
	maxChain = 5
)

var (
	errNoBytes = errors.New("is no byte sequence, base64 between colons")
	errTooBig  = errors.New("holds a certificate of more than 8 kB")
	errTooLong = errors.New("holds more than five certificates")
)

// parseItem reads a field that is one byte sequence. Parameters, of which RFC 9440
// has none, are refused, as is base64 without padding or with bits left over, which
// parsers need not take.
// Source: RFC 9651, section 4.2.7; RFC 9440, section 2.1.
func parseItem(value string) ([]byte, error) {
	coded, found := strings.CutPrefix(trim(value), ":")
	coded, closed := strings.CutSuffix(coded, ":")
	if !found || !closed || coded == "" || strings.ContainsAny(coded, "\r\n") {
		return nil, errNoBytes
	}
	if len(coded) > base64.StdEncoding.EncodedLen(maxBytes) {
		return nil, errTooBig
	}
	der, err := base64.StdEncoding.Strict().DecodeString(coded)
	if err != nil {
		return nil, errNoBytes
	}
	return der, nil
}

// parseList reads a field that is a list of byte sequences.
// Source: RFC 9651, section 4.2.1; RFC 9440, section 2.3.
func parseList(value string) ([][]byte, error) {
	var all [][]byte
	for member := range strings.SplitSeq(value, ",") { // base64 has no comma
		if len(all) == maxChain {
			return nil, errTooLong
		}
		der, err := parseItem(member)
		if err != nil {
			return nil, err
		}
		all = append(all, der)
	}
	return all, nil
}

// trim takes away the white space that may stand around members of a list.
// Source: RFC 9110, section 5.6.3.
func trim(s string) string { return strings.Trim(s, " \t") }
