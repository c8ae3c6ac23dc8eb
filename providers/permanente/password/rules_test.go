package password_test

import (
	"strings"
	"testing"

	"clave/providers/permanente/password"

	"github.com/google/go-cmp/cmp"
)

func carmen() password.Owner {
	return password.Owner{Names: []string{"CARMEN", "NÚÑEZ DE LOS SANTOS", "MUESTRA"}, Document: "12345678Z"}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		typed string
		want  []password.Problem
	}{
		{"eight characters of three groups are good", "vuelcO7k", nil},
		{"eight characters of four groups are good", "vOlk7!ug", nil},
		{"a sentence of sixteen small letters is good", "tres gatos miopes cantan", nil},
		{"sixteen letters without spaces are good", "trescacerolasrotas", nil},
		{"seven are too short, whatever they are", "vO7!ugx", []password.Problem{password.TooShort}},
		{"eight of two groups are too simple", "vuelco77", []password.Problem{password.TooSimple}},
		{"fifteen of one group are too simple", "vuelcodegatones", []password.Problem{password.TooSimple}},
		{"letters with accents are letters, not signs", "vúelcóñs", []password.Problem{password.TooSimple}},
		{"sixteen times the same is too simple and common", strings.Repeat("a", 16), []password.Problem{password.TooSimple, password.Common}},
		{"the given name counts whatever its case", "xxCarmen7!", []password.Problem{password.HasName}},
		{"a surname counts without its accents", "Nunez!7kwq", []password.Problem{password.HasName}},
		{"each part of a surname counts", "7kwq!Santos", []password.Problem{password.HasName}},
		{"particles of names do not count", "dientes de los lobos", nil},
		{"the document counts", "Kw!12345678z", []password.Problem{password.HasName}},
		{"the document counts with dots between", "Kw!12.345.678", []password.Problem{password.HasName}},
		{"a common password is refused", "Password1", []password.Problem{password.Common}},
		{"as it is with figures for letters", "P@ssw0rd", []password.Problem{password.Common}},
		{"and with the year and a sign behind", "Madrid2026!", []password.Problem{password.Common}},
		{"and with a sign before", "!Barcelona92", []password.Problem{password.Common}},
		{"runs of keys are common", "Qwerty1234", []password.Problem{password.Common}},
		{"and what lovers choose", "TeamoLucia1", []password.Problem{password.Common}},
		{"a word within a sentence is not", "Madrid no tiene playa", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			normal, err := password.Normal(test.typed)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(password.Problems(normal, carmen()), test.want); diff != "" {
				t.Errorf("got less want:\n%s", diff)
			}
		})
	}
}

func TestNormal(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, typed, want string }{
		{"ASCII stays as it is", "Kw!7 x", "Kw!7 x"},
		{"two ways to write ñ are one", "pin\u0303a", "pi\u00f1a"},
		{"every space is a space", "a\u00a0b\u3000c", "a b c"},
		{"spaces at the ends count", " a ", " a "},
		{"wide letters stay wide", "\uff21", "\uff21"},
		{"128 characters are read", strings.Repeat("ñ", 128), strings.Repeat("ñ", 128)},
		{"129 are not", strings.Repeat("ñ", 129), ""},
		{"nothing is no password", "", ""},
		{"controls are refused", "abc\x00def", ""},
		{"line ends are refused", "abc\ndef", ""},
		{"broken text is refused", "abc\xffdef", ""},
		{"a megabyte is refused before it is looked at", strings.Repeat("a", 1<<20), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := password.Normal(test.typed)
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func FuzzNormal(f *testing.F) {
	f.Add("pin\u0303a\u3000")
	f.Fuzz(func(t *testing.T, typed string) {
		normal, err := password.Normal(typed)
		if err != nil {
			return
		}
		again, err := password.Normal(normal)
		if again != normal || err != nil {
			t.Errorf("got %q of %q, %v: want it to stay", again, normal, err)
		}
		password.Problems(normal, carmen())
	})
}
