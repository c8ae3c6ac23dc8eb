package onetime

import (
	"regexp"
	"strings"
	"testing"
)

func TestPrintedCodes(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^[A-HJ-NP-Z2-9]{16}$`)
	seen := map[string]bool{}
	for range 1000 {
		got := NewPrinted(InvitationLength)
		if !shape.MatchString(got) || seen[got] {
			t.Fatalf("got %q", got)
		}
		seen[got] = true
		if read, ok := ReadPrinted(strings.ToLower(Grouped(got)), InvitationLength); !ok || read != got {
			t.Fatalf("got %q, %v from the paper's %q", read, ok, got)
		}
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()
	if got := NewDigits(14); !regexp.MustCompile(`^[0-9]{14}$`).MatchString(got) {
		t.Errorf("got %q", got)
	}
}

func TestReadPrinted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, typed, want string
		ok                bool
	}{
		{"as printed", "ABCD-EFGH-JKLM", "ABCDEFGHJKLM", true},
		{"pasted with blanks and a long dash", " abcd efgh–jklm\n", "ABCDEFGHJKLM", true},
		{"a zero is no letter O", "ABCD-EFGH-JKL0", "", false},
		{"a character short", "ABCD-EFGH-JKL", "ABCDEFGHJKL", false},
		{"a character long", "ABCD-EFGH-JKLMN", "ABCDEFGHJKLMN", false},
		{"letters of another script", "АBCD-EFGH-JKLM", "", false},
		{"a character beyond a byte that ends in one of the alphabet", "ABCDEFGHJKL\u0141", "", false},
		{"nothing", "", "", false},
		{"more than anybody types", strings.Repeat(" ", 200), "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := ReadPrinted(test.typed, ActivationLength); got != test.want || ok != test.ok {
				t.Errorf("got %q, %v; want %q, %v", got, ok, test.want, test.ok)
			}
		})
	}
}
