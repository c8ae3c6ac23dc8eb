package pin

import (
	"errors"
	"strings"
	"unicode"

	"clave/internal/onetime"
)

// Errors of what a citizen types as a code.
var (
	// ErrHalf: not four letters without accent, or digits.
	ErrHalf = errors.New("the chosen code is not four letters or digits")
	// ErrPIN: it cannot be a PIN, so it is no try.
	ErrPIN = errors.New("a PIN has three characters: letters and the digits 2 to 7")
)

// ParseHalf reads the citizen's own half as people type it: case, spaces and
// hyphens do not matter. ErrHalf otherwise.
func ParseHalf(typed string) (string, error) {
	half, ok := tidy(typed)
	if !ok || len(half) != onetime.HalfLength {
		return "", ErrHalf
	}
	return half, nil
}

// ParsePIN reads a PIN as people type it: case, spaces and hyphens do not
// matter. ErrPIN when it cannot be one.
func ParsePIN(typed string) (string, error) {
	pin, ok := tidy(typed)
	if !ok || len(pin) != onetime.PINLength || strings.ContainsAny(pin, "0189") {
		return "", ErrPIN
	}
	return pin, nil
}

// maxTypedBytes bounds what is looked at; an honest code is much shorter.
const maxTypedBytes = 64

// tidy drops separators and turns letters to upper case; false when anything
// but A-Z and 0-9 is left.
func tidy(typed string) (string, bool) {
	if len(typed) > maxTypedBytes {
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
