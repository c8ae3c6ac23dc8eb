package desk_test

import (
	"testing"
	"time"

	"clave/census/desk"
)

func TestCaseNumbers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, typed, want string
		good              bool
	}{
		{"none", " ", "", true},
		{"a number and a year", "2026/17", "2026/17", true},
		{"small letters", "exp-2026.17", "EXP-2026.17", true},
		{"a name", "PEPE", "", false},
		{"words", "el 17", "", false},
		{"a DNI", "12345678Z", "", false},
		{"a DNI with hyphens", "12.345.678-Z", "", false},
		{"a DNI that was mistyped", "12345678A", "", false},
		{"a NIE", "x1234567l", "", false},
		{"a phone", "600000001", "", false},
		{"an address", "a1@example.org", "", false},
		{"too long", "1234567890/1234567890/1234567890", "", false},
		{"letters of another alphabet", "ЕХР-17", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := desk.ReadNumber(test.typed)
			if got != test.want || (err == nil) != test.good {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestReasonsAreAClosedList(t *testing.T) {
	t.Parallel()
	for _, r := range desk.Reasons() {
		if got, ok := desk.ParseReason(string(r)); !ok || got != r {
			t.Errorf("%s is no reason", r)
		}
	}
	for _, word := range []string{"", "curiosity", "Registration"} {
		if _, ok := desk.ParseReason(word); ok {
			t.Errorf("%q is a reason", word)
		}
	}
}

func TestACaseCloses(t *testing.T) {
	t.Parallel()
	opened := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name  string
		found bool
		after time.Duration
		want  bool
	}{
		{"at once", true, 0, true},
		{"just in time", true, desk.Shown - time.Second, true},
		{"half an hour later", true, desk.Shown, false},
		{"nobody was found", false, 0, false},
	} {
		if got := (desk.Case{Found: test.found, Opened: opened}).Open(opened.Add(test.after)); got != test.want {
			t.Errorf("%s: got %t", test.name, got)
		}
	}
}
