package pin

import (
	"errors"
	"strings"

	"clave/identity"
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
	half, ok := identity.Squeeze(typed)
	if !ok || len(half) != onetime.HalfLength {
		return "", ErrHalf
	}
	return half, nil
}

// ParsePIN reads a PIN as people type it: case, spaces and hyphens do not
// matter. ErrPIN when it cannot be one.
func ParsePIN(typed string) (string, error) {
	pin, ok := identity.Squeeze(typed)
	if !ok || len(pin) != onetime.PINLength || strings.ContainsAny(pin, "0189") {
		return "", ErrPIN
	}
	return pin, nil
}
