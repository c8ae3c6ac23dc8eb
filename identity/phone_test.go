package identity_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"clave/identity"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"
)

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, prefix, number, want, code string }{
		{"a Spanish mobile", "34", "600000000", "+34600000000", "34"},
		{"with separators", "34", "600 00-00.00", "+34600000000", "34"},
		{"with a plus sign", "+34", "600000000", "+34600000000", "34"},
		{"with the international prefix", "0034", "600000000", "+34600000000", "34"},
		{"a French trunk zero is dropped", "33", "06 12 34 56 78", "+33612345678", "33"},
		{"a British number in brackets", "44", "(0)7400 123456", "+447400123456", "44"},
		{"an American number", "1", "(201) 555-0123", "+12015550123", "1"},
		{"an Andorran number of six digits", "376", "312345", "+376312345", "376"},
		{"a number too short is refused", "34", "60000", "", ""},
		{"a number too long is refused", "34", "6000000000", "", ""},
		{"a number outside the plan is refused", "34", "100000000", "", ""},
		{"no number is refused", "34", "", "", ""},
		{"no prefix is refused", "", "600000000", "", ""},
		{"a prefix of no country is refused", "999", "600000000", "", ""},
		{"half a prefix is refused", "3", "4600000000", "", ""},
		{"a prefix with digits of the number is refused", "346", "00000000", "", ""},
		{"letters are refused", "34", "600FLOWER", "", ""},
		{"an extension is refused", "34", "600000000;ext=12", "", ""},
		{"a second country is refused", "34", "+33612345678", "", ""},
		{"digits of another script are refused", "34", "٦٠٠٠٠٠٠٠٠", "", ""},
		{"a page of digits is not read", "34", strings.Repeat("6", 1<<20), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := identity.ParsePhone(test.prefix, test.number)
			if got.Reveal() != test.want || got.CallingCode() != test.code || (err == nil) != (test.want != "") {
				t.Errorf("got %q, code %q, %v, want %q", got.Reveal(), got.CallingCode(), err, test.want)
			}
			if err != nil && !errors.Is(err, identity.ErrPhone) {
				t.Errorf("got %v, want ErrPhone", err)
			}
		})
	}
}

func TestParseE164Refuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "+", "34600000000", "+34 600000000", "+3460000000x", "+123456", "+1234567890123456", "+0034600000", "+99960000000", "+34600000000\n", "＋34600000000"} {
		if got, err := identity.ParseE164(s); !errors.Is(err, identity.ErrPhone) || !got.IsZero() {
			t.Errorf("%q: got %v, %v, want ErrPhone", s, got, err)
		}
	}
}

func TestCallingCodesAreThoseOfTheNumberingPlans(t *testing.T) {
	t.Parallel()
	for code := range phonenumbers.GetSupportedCallingCodes() {
		want := strconv.Itoa(code)
		phone, err := identity.ParseE164("+" + want + "5555555")
		if err != nil || phone.CallingCode() != want {
			t.Errorf("got %q, %v, want %s", phone.CallingCode(), err, want)
		}
	}
}

func TestPhoneProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[1-9][0-9]{6,14}`).Draw(t, "digits")
		phone, err := identity.ParseE164("+" + digits)
		if err != nil {
			if phone.CallingCode() != "" {
				t.Fatal("a refused number has a calling code")
			}
			return
		}
		if phone.Reveal() != "+"+digits || !strings.HasPrefix(digits, phone.CallingCode()) || !strings.HasSuffix(digits, phone.Last3()) {
			t.Fatalf("%s: got %s, code %s", digits, phone.Reveal(), phone.CallingCode())
		}
		if visible := strings.ReplaceAll(phone.String(), "•", ""); len(visible) != 1+len(phone.CallingCode())+3 {
			t.Fatalf("%s prints %s", digits, phone)
		}
	})
}

func TestPhonePrintsMasked(t *testing.T) {
	t.Parallel()
	phone, err := identity.ParseE164("+34600123456")
	if err != nil {
		t.Fatal(err)
	}
	hidden := struct{ inner identity.Phone }{phone}
	got := fmt.Sprintf("%v %#v %d %x %s %v %+v", phone, phone, phone, phone, phone.LogValue(), hidden, hidden)
	if strings.Contains(got, "6001") || !strings.HasPrefix(got, "+34••••••456 ") {
		t.Errorf("got %s", got)
	}
	if none := (identity.Phone{}); none.String() != "" || none.Last3() != "" || none.CallingCode() != "" || none.Reveal() != "" {
		t.Error("no phone prints something")
	}
}

func FuzzParsePhone(f *testing.F) {
	f.Add("34", "600 00 00 00")
	f.Add("+44", "(0)7400 123456")
	f.Fuzz(func(t *testing.T, prefix, number string) {
		phone, err := identity.ParsePhone(prefix, number)
		if err != nil {
			return
		}
		if again, err := identity.ParseE164(phone.Reveal()); err != nil || again != phone {
			t.Errorf("%q %q became %q, which is not canonical: %v", prefix, number, phone.Reveal(), err)
		}
	})
}

func FuzzParseE164(f *testing.F) {
	f.Add("+34600000000")
	f.Fuzz(func(t *testing.T, s string) {
		if phone, err := identity.ParseE164(s); err == nil && (phone.Reveal() != s || phone.CallingCode() == "") {
			t.Errorf("%q became %q", s, phone.Reveal())
		}
	})
}

func BenchmarkCallingCode(b *testing.B) {
	phone, err := identity.ParseE164("+34600123456")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		phone.CallingCode()
	}
}

func BenchmarkParseDocument(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := identity.ParseDocument("12345678Z"); err != nil {
			b.Fatal(err)
		}
	}
}
