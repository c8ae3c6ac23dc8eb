package onetime

import "crypto/rand"

const (
	// PINLength and HalfLength are in characters.
	PINLength  = 3
	HalfLength = 4

	// pinAlphabet is the letters without Ñ and the digits without 0, 1, 8 and 9:
	// 32 characters, so 32,768 PINs. Source: AEAT, help for obtaining a Cl@ve PIN.
	pinAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	// halfAlphabet: the same source, for the code that the citizen chooses.
	halfAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

// NewPIN makes the half of an access code that is sent: 3 characters.
func NewPIN() string { return code(fill, pinAlphabet, PINLength) }

// NewHalf makes the citizen's half of an access code: 4 characters, for who
// does not choose them.
func NewHalf() string { return code(fill, halfAlphabet, HalfLength) }

func fill(b []byte) { _, _ = rand.Read(b) } // never fails: the program stops when the system has no randomness

// code draws n characters, each equally likely: bytes beyond the last whole
// multiple of the alphabet are thrown away, for they would favour its beginning.
func code(fill func([]byte), alphabet string, n int) string {
	limit := 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	var b [16]byte
	for len(out) < n {
		fill(b[:])
		for _, x := range b {
			if int(x) < limit && len(out) < n {
				out = append(out, alphabet[int(x)%len(alphabet)])
			}
		}
	}
	return string(out)
}
