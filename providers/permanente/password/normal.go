package password

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxCharacters is how long a password may be. Longer ones are refused and not cut:
// a prefix that logs in would be weaker than its owner believes.
// Source: our choice; NIST SP 800-63B, section 5.1.1.2, asks for 64 or more.
const MaxCharacters = 128

// ErrPassword says that what was typed cannot be a password: it is empty, too long,
// or holds characters that keyboards do not make.
var ErrPassword = errors.New("what was typed cannot be a password")

// Normal is a password in the form that is hashed, so that the same keys give the
// same password on every machine: non-ASCII spaces are spaces, and composed letters
// are one character. Case and inner spaces count. ErrPassword otherwise.
// Source: RFC 8265, section 4.2 (OpaqueString).
func Normal(typed string) (string, error) {
	const mostBytes = 4 * MaxCharacters * 3 // of decomposed letters
	if typed == "" || len(typed) > mostBytes || !utf8.ValidString(typed) {
		return "", ErrPassword
	}
	spaced := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, typed)
	normal := norm.NFC.String(spaced)
	if utf8.RuneCountInString(normal) > MaxCharacters || strings.ContainsFunc(normal, unicode.IsControl) {
		return "", ErrPassword
	}
	return normal, nil
}
