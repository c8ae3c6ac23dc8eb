package pin

import (
	"errors"
	"strings"
	"testing"

	"clave/internal/onetime"
)

func TestParseHalf(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, typed, want string }{
		{"four letters", "ABCD", "ABCD"},
		{"case does not matter", "abCd", "ABCD"},
		{"digits", "0189", "0189"},
		{"separators are dropped", " a-b.c d\t", "ABCD"},
		{"three are too few", "ABC", ""},
		{"five are too many", "ABCDE", ""},
		{"an Ñ is no letter here", "AÑOS", ""},
		{"nor are digits of another script", "٠١٢٣", ""},
		{"nothing", "", ""},
		{"a kilobyte", strings.Repeat("A", 1024), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseHalf(test.typed)
			if got != test.want || errors.Is(err, ErrHalf) != (test.want == "") {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestParsePIN(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, typed, want string }{
		{"three letters", "ABC", "ABC"},
		{"case does not matter", "a2z", "A2Z"},
		{"separators are dropped", " A-B 7 ", "AB7"},
		{"no PIN has a zero", "A0B", ""},
		{"nor a one, eight or nine", "189", ""},
		{"two are too few", "AB", ""},
		{"four are too many", "ABCD", ""},
		{"an Ñ is in no PIN", "AÑB", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParsePIN(test.typed)
			if got != test.want || errors.Is(err, ErrPIN) != (test.want == "") {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestCodesThatAreMadeAreRead(t *testing.T) {
	t.Parallel()
	for range 1000 {
		pin, half := onetime.NewPIN(), onetime.NewHalf()
		if got, err := ParsePIN(pin); err != nil || got != pin {
			t.Fatalf("got a PIN that is none: %v", err)
		}
		if got, err := ParseHalf(half); err != nil || got != half {
			t.Fatalf("got a half that is none: %v", err)
		}
	}
}

func FuzzParseCodes(f *testing.F) {
	for _, seed := range []string{"", "abcd", "A-B 7", "Ñ", "\x00", strings.Repeat("-", 70)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if half, err := ParseHalf(typed); err == nil {
			if again, err := ParseHalf(half); err != nil || again != half {
				t.Errorf("got %q from %q, and %q from that", half, typed, again)
			}
		}
		if pin, err := ParsePIN(typed); err == nil && strings.Trim(pin, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
			t.Errorf("got %q, which no PIN can be", pin)
		}
	})
}
