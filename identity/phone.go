package identity

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// ErrPhone says that a text is not a phone number of any country.
var ErrPhone = errors.New("not a phone number")

// Number of digits after the "+". Source: ITU-T E.164, section 6.2.1 for the most;
// the fewest is our choice: no country has subscribers with less.
const (
	minPhoneDigits = 7
	maxPhoneDigits = 15
)

// Phone is a phone number of any country in E.164. It is comparable; the zero
// value is "none". It prints masked, and like DocumentID holds bytes so that it
// does so inside other structs too.
type Phone struct{ e164 [1 + maxPhoneDigits]byte }

// ParseE164 reads a stored number: "+", an assigned calling code, 7 to 15 digits
// in all and nothing else. It is cheap and knows no numbering plans; ParsePhone
// is for what people type.
func ParseE164(s string) (Phone, error) {
	if len(s) < 1+minPhoneDigits || len(s) > 1+maxPhoneDigits || s[0] != '+' || !allDigits(s[1:]) || callingCode(s[1:]) == "" {
		return Phone{}, ErrPhone
	}
	var p Phone
	copy(p.e164[:], s)
	return p, nil
}

// ParsePhone reads a number as people type it: the country's prefix, with or
// without "+" or "00", and the number with separators of any kind and, where the
// country has one, the trunk zero. It returns ErrPhone unless the country's
// numbering plan has such a number.
func ParsePhone(prefix, number string) (Phone, error) {
	code, ok := Squeeze(strings.TrimPrefix(strings.TrimSpace(prefix), "+"))
	code = strings.TrimPrefix(code, "00")
	if !ok || code == "" || !allDigits(code) || callingCode(code) != code || len(number) > maxTyped {
		return Phone{}, ErrPhone
	}
	for _, r := range number {
		if r != '/' && r != '(' && r != ')' {
			if _, ok := Squeeze(string(r)); !ok || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
				return Phone{}, ErrPhone // a second "+", letters, digits of another script
			}
		}
	}
	parsed, err := phonenumbers.Parse("+"+code+number, "")
	if err != nil || fmt.Sprint(parsed.GetCountryCode()) != code || !phonenumbers.IsValidNumber(parsed) {
		return Phone{}, ErrPhone
	}
	return ParseE164(phonenumbers.Format(parsed, phonenumbers.E164))
}

// IsZero reports whether there is no number.
func (p Phone) IsZero() bool { return p == Phone{} }

// Reveal returns the number as +34600000000, or "" for none.
func (p Phone) Reveal() string { return strings.TrimRight(string(p.e164[:]), "\x00") }

// Last3 returns the last three digits, which pages show so that the citizen
// knows which phone to look at, or "" for none.
func (p Phone) Last3() string {
	if p.IsZero() {
		return ""
	}
	s := p.Reveal()
	return s[len(s)-3:]
}

// CallingCode returns the country's code without "+", as in 34, or "" for none.
// Countries that share one (1, 7) are not told apart.
func (p Phone) CallingCode() string {
	if p.IsZero() {
		return ""
	}
	return callingCode(p.Reveal()[1:])
}

// String returns the masked number, as in +34••••••000, or "" for none.
func (p Phone) String() string {
	if p.IsZero() {
		return ""
	}
	code := p.CallingCode()
	return "+" + code + strings.Repeat(mask, len(p.Reveal())-1-len(code)-3) + p.Last3()
}

// Format prints the masked number for every verb.
func (p Phone) Format(f fmt.State, _ rune) { writeMasked(f, p.String()) }

// LogValue gives logs the masked number.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText gives encoders the masked number.
func (p Phone) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
