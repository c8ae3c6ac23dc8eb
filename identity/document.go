package identity

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
)

var (
	// ErrDocumentFormat says that what was typed has not the shape of a DNI or NIE.
	ErrDocumentFormat = errors.New("not the number of a DNI or NIE")
	// ErrControlLetter says that the shape is right and the control character is
	// not the one that the digits give: most likely a mistyped digit.
	ErrControlLetter = errors.New("the control letter does not belong to the number")
)

// controlLetters gives the letter of a number by its remainder modulo 23.
// Source: Real Decreto 1553/2005, article 11; Ministerio del Interior, "Cálculo
// del dígito de control del NIF/NIE".
const controlLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

const (
	documentLength = 9
	// maxTyped bounds what the parsers look at; the longest honest input is a
	// number with a separator after each character. Our choice.
	maxTyped = 64
)

// DocumentID is the number of a DNI (8 digits and a letter) or NIE (X, Y or Z,
// 7 digits and a letter), always canonical and with the right letter. It is
// comparable; the zero value is "none". It prints masked.
//
// It holds bytes and not a string because fmt cannot call methods of unexported
// fields: inside another struct it still does not print as a document number.
type DocumentID struct{ canonical [documentLength]byte }

// ParseDocument reads a DNI or NIE as people type it: spaces, dots and dashes
// anywhere, lower case, leading zeros left out. It returns ErrControlLetter when
// the shape is right and the letter wrong, ErrDocumentFormat otherwise.
//
// The NIF of minors and non-residents (K, L, M) is refused: a citizen logs in
// with a DNI or a NIE. Digits of other scripts are refused, so that one person
// has one spelling.
func ParseDocument(typed string) (DocumentID, error) {
	s, ok := Squeeze(typed)
	if !ok || len(s) < 2 {
		return DocumentID{}, ErrDocumentFormat
	}
	digits, letter := s[:len(s)-1], s[len(s)-1]
	prefix, width, number := "", 8, 0
	if first := digits[0]; first >= 'X' && first <= 'Z' {
		prefix, width, number = digits[:1], 7, int(first-'X')
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > width || !allDigits(digits) || !isUpper(letter) {
		return DocumentID{}, ErrDocumentFormat
	}
	digits = strings.Repeat("0", width-len(digits)) + digits
	for _, c := range []byte(digits) {
		number = number*10 + int(c-'0')
	}
	if controlLetters[number%23] != letter {
		return DocumentID{}, ErrControlLetter
	}
	var d DocumentID
	copy(d.canonical[:], prefix+digits)
	d.canonical[documentLength-1] = letter
	return d, nil
}

// IsZero reports whether there is no document.
func (d DocumentID) IsZero() bool { return d == DocumentID{} }

// Foreigner reports whether the document is a NIE.
func (d DocumentID) Foreigner() bool { return d.canonical[0] >= 'X' }

// Reveal returns the number in clear, 9 characters, or "" for none.
func (d DocumentID) Reveal() string {
	if d.IsZero() {
		return ""
	}
	return string(d.canonical[:])
}

// String returns the masked number, as in •••••678Z, or "" for none.
func (d DocumentID) String() string {
	if d.IsZero() {
		return ""
	}
	return strings.Repeat(mask, 5) + string(d.canonical[5:])
}

// Format prints the masked number for every verb.
func (d DocumentID) Format(f fmt.State, _ rune) { writeMasked(f, d.String()) }

// LogValue gives logs the masked number.
func (d DocumentID) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalText gives encoders the masked number; what must be kept is revealed
// on purpose.
func (d DocumentID) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Digits reads a code of n digits as people type it, with spaces or hyphens anywhere.
// It reports false for what cannot be one.
func Digits(typed string, n int) (string, bool) {
	code, ok := Squeeze(typed)
	if !ok || len(code) != n {
		return "", false
	}
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return "", false
		}
	}
	return code, true
}

// Squeeze drops the separators that people type and turns ASCII letters to
// upper case. It reports false for input of more than 64 bytes, or that holds
// anything but ASCII letters and digits.
func Squeeze(typed string) (string, bool) {
	if len(typed) > maxTyped {
		return "", false
	}
	out := make([]byte, 0, len(typed))
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			out = append(out, byte(r))
		case r >= 'a' && r <= 'z':
			out = append(out, byte(r-'a'+'A'))
		case r == '.', unicode.IsSpace(r), unicode.Is(unicode.Pd, r):
		default:
			return "", false
		}
	}
	return string(out), true
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func allUpper(s string) bool {
	for i := range len(s) {
		if !isUpper(s[i]) {
			return false
		}
	}
	return true
}
