package registration_test

import (
	"testing"

	"clave/census/registration"

	"github.com/google/go-cmp/cmp"
)

func TestPhonesAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, prefix, number, want string }{
		{"a Spanish one", "34", "600000001", "+34600000001"},
		{"with spaces and hyphens", " 34 ", "600 00-00.01", "+34600000001"},
		{"a prefix with a plus sign", "+34", "600000001", "+34600000001"},
		{"a prefix with two zeros", "0034", "600000001", "+34600000001"},
		{"a whole number with a plus sign, whatever the prefix says", "34", "+351 910 000 001", "+351910000001"},
		{"a whole number with two zeros", "34", "0033600000004", "+33600000004"},
		{"a whole number and no prefix", "", "+34 600 000 001", "+34600000001"},
		{"its own prefix twice", "34", "+34600000001", "+34600000001"},
		{"a Portuguese one", "351", "910000001", "+351910000001"},
		{"an American one", "1", "(201) 555-0123", "+12015550123"},
		{"with the trunk zero of its country", "44", "07400 123456", "+447400123456"},
		{"one digit short", "34", "60000000", ""},
		{"letters", "34", "6000OOOO1", ""},
		{"no such country", "999", "600000001", ""},
		{"no prefix", "", "600000001", ""},
		{"a plus sign and nothing", "34", "+", ""},
		{"two plus signs", "34", "++34600000001", ""},
		{"nothing", "34", "", ""},
		{"digits of another script", "34", "٦٠٠٠٠٠٠٠١", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := registration.ReadPhone(test.prefix, test.number)
			if got.Reveal() != test.want || (err == nil) != (test.want != "") {
				t.Errorf("got %q, %v; want %q", got.Reveal(), err, test.want)
			}
		})
	}
}

func TestMistakesInTheContact(t *testing.T) {
	t.Parallel()
	good := registration.Contact{
		Prefix: "34", Phone: "600000001", PhoneAgain: "600 000 001", Email: "a@example.org", EmailAgain: "A@example.org", Conditions: "v",
	}
	type mistakes = []registration.Mistake
	for _, test := range []struct {
		name   string
		change func(*registration.Contact)
		want   mistakes
	}{
		{"none", func(*registration.Contact) {}, nil},
		{"nothing was typed", func(c *registration.Contact) { *c = registration.Contact{Prefix: "34"} }, mistakes{
			{registration.FieldPhone, registration.Empty}, {registration.FieldEmail, registration.Empty}, {registration.FieldConditions, registration.Empty},
		}},
		{"no prefix", func(c *registration.Contact) { c.Prefix = "" }, mistakes{{registration.FieldPrefix, registration.Empty}}},
		{"no phone", func(c *registration.Contact) { c.Phone = "123" }, mistakes{{registration.FieldPhone, registration.Malformed}}},
		{"a fixed line", func(c *registration.Contact) { c.Phone, c.PhoneAgain = "910000001", "910000001" }, mistakes{{registration.FieldPhone, registration.NoSMS}}},
		{"the phone once", func(c *registration.Contact) { c.PhoneAgain = " " }, mistakes{{registration.FieldPhoneAgain, registration.Empty}}},
		{"two phones", func(c *registration.Contact) { c.PhoneAgain = "600000002" }, mistakes{{registration.FieldPhoneAgain, registration.Differs}}},
		{"the second is none", func(c *registration.Contact) { c.PhoneAgain = "x" }, mistakes{{registration.FieldPhoneAgain, registration.Differs}}},
		{"no address", func(c *registration.Contact) { c.Email = "a@b" }, mistakes{{registration.FieldEmail, registration.Malformed}}},
		{"the address once", func(c *registration.Contact) { c.EmailAgain = "" }, mistakes{{registration.FieldEmailAgain, registration.Empty}}},
		{"two addresses", func(c *registration.Contact) { c.EmailAgain = "b@example.org" }, mistakes{{registration.FieldEmailAgain, registration.Differs}}},
		{"the conditions of last year", func(c *registration.Contact) { c.Conditions = "old" }, mistakes{{registration.FieldConditions, registration.Empty}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := good
			test.change(&c)
			_, _, got := c.Read(everything(), "v")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want less got:\n%s", diff)
			}
		})
	}
}

func FuzzReadPhone(f *testing.F) {
	f.Add("34", "600000001")
	f.Add("", "+351 (91) 0000001")
	f.Add("00", "0044 7700900123")
	f.Fuzz(func(t *testing.T, prefix, number string) {
		phone, err := registration.ReadPhone(prefix, number)
		if (err == nil) == phone.IsZero() {
			t.Errorf("%q %q gives %v, %v", prefix, number, phone, err)
		}
	})
}

// everything is what the longest form asks for.
func everything() []registration.Field {
	return []registration.Field{registration.FieldPhone, registration.FieldEmail, registration.FieldConditions}
}
