package onetime

import "crypto/rand"

const (
	// pinAlphabet: letters without Ñ and digits without 0 1 8 9, 32 characters, so
	// that three of them give 32,768 PINs. Source: AEAT, help for obtaining a Cl@ve PIN.
	pinAlphabet  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	halfAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	// PINLength and HalfLength are in characters.
	PINLength  = 3
	HalfLength = 4
)

// NewPIN makes the half of an access code that is sent: 3 characters.
func NewPIN() string { return code(pinAlphabet, PINLength) }

// NewHalf makes the citizen's half of an access code: 4 characters, for who
// does not choose them.
func NewHalf() string { return code(halfAlphabet, HalfLength) }

// code draws n characters, each equally likely: bytes that would favour the
// first letters are thrown away.
func code(alphabet string, n int) string {
	limit := byte(256 - 256%len(alphabet) - 1)
	out := make([]byte, 0, n)
	var b [16]byte
	for len(out) < n {
		_, _ = rand.Read(b[:]) // never fails
		for _, x := range b {
			if x <= limit && len(out) < n {
				out = append(out, alphabet[int(x)%len(alphabet)])
			}
		}
	}
	return string(out)
}
