package identity

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// ErrEmail says that a text is not an e-mail address that we can write to.
var ErrEmail = errors.New("not an e-mail address")

// Lengths in octets. Source: RFC 5321, section 4.5.3.1, and RFC 3696 erratum 1690.
const (
	maxEmail  = 254
	maxLocal  = 64
	maxDomain = 253
	maxLabel  = 63
)

// Email is an e-mail address with its domain in lower case. It is comparable;
// the zero value is "none". It prints masked.
type Email struct{ address string }

// ParseEmail reads one bare address, with spaces around it ignored, or returns
// ErrEmail. Quoted local parts, address literals and characters outside ASCII
// are refused, because hardly any mailbox has them and every one of them has
// been used to smuggle something past a parser; an internationalised domain is
// given in its xn-- form. Source of the shape: RFC 5321, section 4.1.2 (Dot-string, Domain).
func ParseEmail(typed string) (Email, error) {
	typed = strings.TrimSpace(typed)
	local, domain, found := strings.Cut(typed, "@")
	if !found || len(typed) > maxEmail || !dotString(local) || !hostName(domain) {
		return Email{}, ErrEmail
	}
	return Email{local + "@" + strings.ToLower(domain)}, nil
}

// IsZero reports whether there is no address.
func (e Email) IsZero() bool { return e == Email{} }

// Reveal returns the address in clear.
func (e Email) Reveal() string { return e.address }

// Same reports whether two addresses are the same mailbox for people, who do not
// mind upper and lower case. No address is the same as none.
func (e Email) Same(other Email) bool {
	return !e.IsZero() && strings.EqualFold(e.address, other.address)
}

// String returns the masked address, as in c•••@e•••.es, or "" for none.
func (e Email) String() string {
	if e.IsZero() {
		return ""
	}
	local, domain, _ := strings.Cut(e.address, "@")
	last := domain[strings.LastIndexByte(domain, '.'):]
	return local[:1] + strings.Repeat(mask, 3) + "@" + domain[:1] + strings.Repeat(mask, 3) + last
}

// Format prints the masked address for every verb.
func (e Email) Format(f fmt.State, _ rune) { writeMasked(f, e.String()) }

// LogValue gives logs the masked address.
func (e Email) LogValue() slog.Value { return slog.StringValue(e.String()) }

// MarshalText gives encoders the masked address.
func (e Email) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// dotString reports whether s is a local part without quotes.
func dotString(s string) bool {
	if len(s) == 0 || len(s) > maxLocal || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && !strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", rune(s[i])) {
			return false
		}
	}
	return true
}

// hostName reports whether s is a domain of at least two labels whose last one
// is not a number (which would be an address).
func hostName(s string) bool {
	if len(s) > maxDomain {
		return false
	}
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if len(label) == 0 || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if !isAlphanumeric(label[i]) && label[i] != '-' {
				return false
			}
		}
	}
	return len(labels) > 1 && !allDigits(labels[len(labels)-1])
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
