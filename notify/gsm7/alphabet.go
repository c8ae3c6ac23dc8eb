package gsm7

import "errors"

// ErrAlphabet says that a text holds a character outside the alphabet.
// The character is not named: texts are personal.
var ErrAlphabet = errors.New("character outside the GSM 7 bit alphabet")

const (
	// SegmentSeptets is what one short message holds.
	// Source: 3GPP TS 23.040, section 9.2.3.16 (160 septets in 140 octets).
	SegmentSeptets = 160

	// escape announces a character of the extension table.
	escape = 0x1b

	// absent marks characters that are in neither table.
	absent = 0xff
)

// basic is the default alphabet in the order of its codes. The place of the
// escape (0x1b) is held by a character that no text contains.
// Source: 3GPP TS 23.038, section 6.2.1.
const basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x00ÆæßÉ" +
	" !\"#¤%&'()*+,-./0123456789:;<=>?" +
	"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§" +
	"¿abcdefghijklmnopqrstuvwxyzäöñüà"

// code gives the septet of r and whether an escape stands before it; absent
// when the alphabet lacks r.
func code(r rune) (septet byte, extended bool) {
	if r == 0 {
		return absent, false
	}
	if r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= ' ' && r <= '?' && r != '$') {
		return byte(r), false // most of every text: same code as in ASCII
	}
	if septet, ok := extension(r); ok {
		return septet, true
	}
	place := byte(0)
	for _, c := range basic {
		if c == r {
			return place, false
		}
		place++
	}
	return absent, false
}

// extension gives the code that follows an escape for r.
// Source: 3GPP TS 23.038, section 6.2.1.1.
func extension(r rune) (byte, bool) {
	switch r {
	case '\f':
		return 0x0a, true
	case '^':
		return 0x14, true
	case '{':
		return 0x28, true
	case '}':
		return 0x29, true
	case '\\':
		return 0x2f, true
	case '[':
		return 0x3c, true
	case '~':
		return 0x3d, true
	case ']':
		return 0x3e, true
	case '|':
		return 0x40, true
	case '€':
		return 0x65, true
	}
	return 0, false
}

// width is how many septets r takes; 0 when the alphabet lacks it.
func width(r rune) int {
	septet, extended := code(r)
	switch {
	case septet == absent:
		return 0
	case extended:
		return 2
	}
	return 1
}

// Fits reports whether every character of s is in the alphabet.
func Fits(s string) bool {
	for _, r := range s {
		if width(r) == 0 {
			return false
		}
	}
	return true
}

// Septets is the length of s in septets: extension characters count two.
// Characters outside the alphabet count nothing; ask Fits first.
func Septets(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

// Cut gives the longest beginning of s that takes at most limit septets; it
// never parts an escape from its character.
func Cut(s string, limit int) string {
	for at, r := range s {
		limit -= width(r)
		if limit < 0 {
			return s[:at]
		}
	}
	return s
}

// Split parts s into pieces of at most limit septets (at least 2), never
// inside a character. An empty text is one empty piece.
// Source: 3GPP TS 23.040, section 9.2.3.24.1: an escape sequence is not split.
func Split(s string, limit int) []string {
	limit = max(limit, 2)
	parts := make([]string, 0, 1+Septets(s)/limit)
	for {
		head := Cut(s, limit)
		parts = append(parts, head)
		s = s[len(head):]
		if s == "" {
			return parts
		}
	}
}
