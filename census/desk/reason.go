package desk

import (
	"errors"
	"slices"
	"strings"

	"clave/identity"
)

// Reason is why an officer asks for a citizen's data. The list is closed, so that
// nobody writes about anybody into the audit trail.
type Reason string

// The reasons. Our choice, after what the help pages send citizens to an office for.
const (
	ToRegister Reason = "registration"
	ToChange   Reason = "change"    // of phone or e-mail, a higher level, a new code
	ToLeave    Reason = "leaving"   // the citizen withdraws
	ToTell     Reason = "query"     // the citizen asks what is held about them
	Complaint  Reason = "complaint" // somebody says that something is not theirs
	ExOfficio  Reason = "ex_officio"
)

// Reasons lists the reasons.
func Reasons() []Reason { return []Reason{ToRegister, ToChange, ToLeave, ToTell, Complaint, ExOfficio} }

// ParseReason reads a reason; false for what is none.
func ParseReason(s string) (Reason, bool) {
	r := Reason(s)
	return r, slices.Contains(Reasons(), r)
}

// MaxNumber is how many characters a case number has at most.
const MaxNumber = 30

// ErrNumber says that something is no case number, or might be somebody's.
var ErrNumber = errors.New("a case number has letters, digits, points, hyphens and slashes, and is no document")

// ReadNumber reads the number of the office's own file, which may be left out. What
// could be the number of a DNI or NIE, a phone or an address is none: the trail shows it
// in clear.
func ReadNumber(typed string) (string, error) {
	number := strings.ToUpper(strings.TrimSpace(typed))
	if len(number) > MaxNumber {
		return "", ErrNumber
	}
	digits := 0
	for _, c := range number {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'A' && c <= 'Z', c == '-', c == '/', c == '.':
		default:
			return "", ErrNumber
		}
	}
	_, err := identity.ParseDocument(number)
	switch {
	case number == "":
		return "", nil
	case digits == 0, err == nil, errors.Is(err, identity.ErrControlLetter):
		return "", ErrNumber // a name, or a document that was mistyped
	case digits >= 9 && digits == len(number):
		return "", ErrNumber // a phone
	}
	return number, nil
}
