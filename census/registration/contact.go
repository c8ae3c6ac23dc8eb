package registration

import (
	"slices"
	"strings"

	"clave/identity"
)

// Contact is what a citizen types to be reached, as it was typed.
type Contact struct {
	Prefix, Phone, PhoneAgain string
	Email, EmailAgain         string
	// Conditions is the version of the conditions that was accepted, or empty.
	Conditions string
}

// Mistake is what is wrong with a field; the page has a text for each.
type Mistake struct {
	Field Field
	What  What
}

// What is a kind of mistake. The list is closed.
type What string

// The kinds.
const (
	Empty     What = "empty"
	Malformed What = "malformed"
	// NoSMS: a number of a fixed line, which gets no text messages.
	NoSMS What = "no_sms"
	// Differs: it is not what was typed the first time.
	Differs What = "differs"
)

// What the form of a contact may ask for.
func phoneFields() []Field     { return []Field{FieldPrefix, FieldPhone, FieldPhoneAgain} }
func emailFields() []Field     { return []Field{FieldEmail, FieldEmailAgain} }
func conditionsField() []Field { return []Field{FieldConditions} }

// Read gives the phone and the address, where the form asks for them, or every
// mistake at once, in the order of the form. conditions is the version that has to be
// accepted.
func (c Contact) Read(asks []Field, conditions string) (phone identity.Phone, email identity.Email, mistakes []Mistake) {
	wrong := func(f Field, w What) { mistakes = append(mistakes, Mistake{f, w}) }
	if slices.Contains(asks, FieldPhone) {
		phone = c.phone(wrong)
	}
	if slices.Contains(asks, FieldEmail) {
		email = c.email(wrong)
	}
	if slices.Contains(asks, FieldConditions) && c.Conditions != conditions {
		wrong(FieldConditions, Empty)
	}
	return phone, email, mistakes
}

func (c Contact) phone(wrong func(Field, What)) identity.Phone {
	phone, err := ReadPhone(c.Prefix, c.Phone)
	switch {
	case blank(c.Phone):
		wrong(FieldPhone, Empty)
	case err != nil && blank(c.Prefix):
		wrong(FieldPrefix, Empty)
	case err != nil:
		wrong(FieldPhone, Malformed)
	case !getsSMS(phone):
		wrong(FieldPhone, NoSMS)
	case blank(c.PhoneAgain):
		wrong(FieldPhoneAgain, Empty)
	default:
		// The prefix may stand in the first number alone.
		if again, err := ReadPhone(phone.CallingCode(), c.PhoneAgain); err != nil || again != phone {
			wrong(FieldPhoneAgain, Differs)
		}
	}
	return phone
}

func (c Contact) email(wrong func(Field, What)) identity.Email {
	email, err := identity.ParseEmail(c.Email)
	switch {
	case blank(c.Email):
		wrong(FieldEmail, Empty)
	case err != nil:
		wrong(FieldEmail, Malformed)
	case blank(c.EmailAgain):
		wrong(FieldEmailAgain, Empty)
	default:
		if again, err := identity.ParseEmail(c.EmailAgain); err != nil || !again.Same(email) {
			wrong(FieldEmailAgain, Differs)
		}
	}
	return email
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// longestPrefix is how many digits a country's prefix has at most.
// Source: ITU-T E.164, section 6.2.1.
const longestPrefix = 3

// ReadPhone reads a prefix and a number as people type them. Who pastes a whole
// number with "+" or "00" into the field of the number is understood; its prefix
// counts then. It returns identity.ErrPhone for what is no number.
func ReadPhone(prefix, number string) (identity.Phone, error) {
	whole, international := strings.CutPrefix(strings.TrimSpace(number), "+")
	if !international {
		whole, international = strings.CutPrefix(strings.TrimSpace(number), "00")
	}
	if !international {
		return identity.ParsePhone(prefix, number)
	}
	whole = strings.TrimLeft(whole, " (")
	for n := 1; n <= min(longestPrefix, len(whole)) && whole[n-1] >= '0' && whole[n-1] <= '9'; n++ {
		if phone, err := identity.ParsePhone(whole[:n], whole[n:]); err == nil {
			return phone, nil
		}
	}
	return identity.Phone{}, identity.ErrPhone
}

// getsSMS tells whether a number may belong to a phone that gets text messages. It
// knows the Spanish plan only: mobile numbers begin with 6 or 7.
// Source: Plan nacional de numeración telefónica, Real Decreto 2296/2004, anexo II.
func getsSMS(p identity.Phone) bool {
	if p.CallingCode() != "34" {
		return true
	}
	national := p.Reveal()[len("+34"):]
	return national[0] == '6' || national[0] == '7'
}
