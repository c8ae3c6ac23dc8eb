package lang

import (
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// form is the name of the plural form that a number takes in a language.
func form(tag language.Tag, n int) string {
	if n < 0 {
		n = -n
	}
	switch plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0) {
	case plural.Zero:
		return "zero"
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	}
	return "other"
}

// formsOf lists the forms that a language needs, found by trying numbers: the
// table in golang.org/x/text (CLDR) cannot be listed.
func formsOf(l Language) []string {
	var names []string
	seen := map[string]bool{}
	for _, n := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 20, 21, 22, 100, 101, 1000, 1000000} {
		if name := form(l.tag(), n); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}
