package password

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths of a good password, in characters: ShortLength with three of the four
// groups (small letters, capitals, digits, others), or LongLength of any.
// Source: the help of Cl@ve Permanente for the first; the second is our choice, after
// NIST SP 800-63B, appendix A: length is worth more than kinds of characters.
const (
	ShortLength = 8
	LongLength  = 16
	groups      = 3
)

// Problem is why a new password is refused. The list is closed.
type Problem string

// The problems.
const (
	Impossible Problem = "impossible" // cannot be typed everywhere, or is too long
	TooShort   Problem = "too_short"
	TooSimple  Problem = "too_simple" // too few groups for its length
	HasName    Problem = "has_name"   // holds a name, a surname or the document's number
	Common     Problem = "common"     // among those that everybody tries first
	Same       Problem = "same"       // is the present one, or the one before
)

// Owner is what a password may not contain. Values are as the register writes them.
type Owner struct {
	Names    []string // given name, surnames
	Document string
}

// Problems tells what is wrong with a new password in its normal form; nothing for a
// good one. That it is not one of before is for who holds the hashes to say.
func Problems(normal string, owner Owner) []Problem {
	var wrong []Problem
	switch n := utf8.RuneCountInString(normal); {
	case n < ShortLength:
		wrong = append(wrong, TooShort)
	case n < LongLength && groupsOf(normal) < groups:
		wrong = append(wrong, TooSimple)
	case distinct(normal) < fewest:
		wrong = append(wrong, TooSimple) // aaaaaaaaaaaaaaaa
	}
	if owner.within(normal) {
		wrong = append(wrong, HasName)
	}
	if IsCommon(normal) {
		wrong = append(wrong, Common)
	}
	return wrong
}

// fewest is how many different characters a password has at least. Our choice.
const fewest = 5

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

func groupsOf(s string) int {
	var small, capital, digit, other int
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digit = 1
		case unicode.IsUpper(r):
			capital = 1
		case unicode.IsLower(r):
			small = 1
		default:
			other = 1
		}
	}
	return small + capital + digit + other
}

// shortestName is how long a part of a name is that counts: "de" and "la" are in many
// words.
const shortestName = 3

// within tells whether the password holds a part of a name, or the number of the
// document with or without its letters.
func (o Owner) within(normal string) bool {
	plain := Fold(normal)
	for _, name := range o.Names {
		for _, part := range strings.FieldsFunc(Fold(name), func(r rune) bool { return !unicode.IsLetter(r) }) {
			if utf8.RuneCountInString(part) >= shortestName && !particle(part) && strings.Contains(plain, part) {
				return true
			}
		}
	}
	digits := strings.TrimFunc(Fold(o.Document), func(r rune) bool { return !unicode.IsDigit(r) })
	return digits != "" && strings.Contains(squeezed(plain), digits)
}

// particle tells whether a part of a name is a common word, as in "de los Santos".
func particle(part string) bool {
	switch part {
	case "del", "los", "las", "von", "van", "dos", "das":
		return true
	}
	return false
}

// squeezed takes out what people put between the digits of a number.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) {
			return -1
		}
		return r
	}, s)
}
