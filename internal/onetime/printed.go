package onetime

import "strings"

// printedAlphabet is for codes that people read from paper and type: capitals and
// digits without 0, O, 1 and I, which paper does not tell apart. 32 characters, so
// each carries 5 bits. Our choice.
const printedAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// Lengths of printed codes, in characters. Source of the three uses: the AEAT's
// invitation letter ("16 caracteres") and receipts; the lengths of 80 and 60 bits
// are beyond guessing at any rate that a page answers.
const (
	InvitationLength   = 16
	VerificationLength = 16
	ActivationLength   = 12
)

// NewPrinted makes a code for paper of that many characters, without groups.
func NewPrinted(length int) string { return code(fill, printedAlphabet, length) }

// NewDigits makes that many random digits.
func NewDigits(length int) string { return code(fill, digits, length) }

const digits = "0123456789"

// Grouped writes a printed code in groups of four, as in ABCD-EFGH-JKLM.
func Grouped(code string) string {
	var b strings.Builder
	for i := range len(code) {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(code[i])
	}
	return b.String()
}

// ReadPrinted reads what NewPrinted made as people type it: any case, spaces and
// hyphens anywhere. It reports false for what cannot be such a code. It corrects
// nothing: a 0 or an I is no character of the alphabet, and so a mistake.
func ReadPrinted(typed string, length int) (string, bool) {
	if len(typed) > 4*length+maxBlanks {
		return "", false
	}
	out := make([]byte, 0, length)
	for _, r := range typed {
		switch {
		case r >= 'a' && r <= 'z':
			r += 'A' - 'a'
		case r == ' ', r == '-', r == '\t', r == '\n', r == '\r', r == '\u00a0', r >= '\u2010' && r <= '\u2015':
			continue
		}
		if r > 'Z' || strings.IndexByte(printedAlphabet, byte(r)) < 0 {
			return "", false
		}
		out = append(out, byte(r))
	}
	return string(out), len(out) == length
}

// maxBlanks is how many blanks around a typed code are still read.
const maxBlanks = 32
