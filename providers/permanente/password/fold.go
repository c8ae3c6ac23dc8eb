package password

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold writes small letters without accents, so that Núñez is found in NUNEZ. It is for
// comparing only.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// lookalike undoes the figures and signs that people write for letters.
func lookalike(r rune) rune {
	switch r {
	case '0':
		return 'o'
	case '1', '!', '|':
		return 'i'
	case '3', '€':
		return 'e'
	case '4', '@':
		return 'a'
	case '5', '$':
		return 's'
	case '7', '+':
		return 't'
	case '8':
		return 'b'
	}
	return r
}
