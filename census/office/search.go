package office

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// entry is an office with what it is found by.
type entry struct {
	Office
	city, province string   // folded
	words          []string // of city, province and name
}

func newEntry(o Office) entry {
	return entry{Office: o, city: fold(o.City), province: fold(o.Province), words: wordsOf(o.City + " " + o.Province + " " + o.Name)}
}

// find gives the offices for what somebody typed, the best first, and tells
// whether that was a postal code.
func find(entries []entry, typed string) (found []Office, postal bool) {
	if code := postalCode(typed); code != "" {
		return byPostalCode(entries, code), true
	}
	return byPlace(entries, typed), false
}

// postalCode reads a postal code or its beginning: at least the two digits of the
// province. People leave out the zero in front, and spreadsheets take it away.
func postalCode(typed string) string {
	code := strings.Map(func(c rune) rune {
		if c == ' ' || c == '.' || c == '-' {
			return -1
		}
		return c
	}, typed)
	if len(code) == 4 && provinceOf("0"+code) != "" {
		code = "0" + code
	}
	if len(code) < 2 || len(code) > 5 || !digits(code) {
		return ""
	}
	return code
}

// byPostalCode gives the offices of the province, those with the nearest codes
// first. Beyond the province numbers say nothing: 28999 is Madrid, 29001 Málaga.
func byPostalCode(entries []entry, code string) []Office {
	var found []Office
	for _, e := range entries {
		if strings.HasPrefix(e.PostalCode, code) || len(code) == 5 && e.PostalCode[:2] == code[:2] {
			found = append(found, e.Office)
		}
	}
	wanted := number(code)
	away := func(o Office) int {
		if len(code) < 5 {
			return number(o.PostalCode)
		}
		return max(number(o.PostalCode)-wanted, wanted-number(o.PostalCode))
	}
	slices.SortStableFunc(found, func(a, b Office) int {
		return cmp.Or(cmp.Compare(away(a), away(b)), cmp.Compare(a.PostalCode, b.PostalCode), cmp.Compare(a.Name, b.Name))
	})
	return found
}

func number(code string) int {
	n, _ := strconv.Atoi(code) // digits, checked before
	return n
}

// byPlace gives the offices in which each word that was typed begins a word of
// city, province or name: the city of that name first, then cities that begin so,
// then the province.
func byPlace(entries []entry, typed string) []Office {
	words := asked(typed)
	if len(words) == 0 {
		return nil
	}
	type ranked struct {
		entry
		rank int
	}
	name := strings.Join(words, " ")
	var found []ranked
	for _, e := range entries {
		if e.has(words) {
			found = append(found, ranked{e, e.rank(name)})
		}
	}
	slices.SortStableFunc(found, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.province, b.province), cmp.Compare(a.city, b.city), cmp.Compare(a.PostalCode, b.PostalCode), cmp.Compare(a.Name, b.Name))
	})
	offices := make([]Office, len(found))
	for i, f := range found {
		offices[i] = f.Office
	}
	return offices
}

func (e entry) has(words []string) bool {
	for _, word := range words {
		if !slices.ContainsFunc(e.words, func(own string) bool { return strings.HasPrefix(own, word) }) {
			return false
		}
	}
	return true
}

func (e entry) rank(name string) int {
	city := strings.Join(asked(e.City), " ")
	switch {
	case city == name:
		return 0
	case strings.HasPrefix(city, name):
		return 1
	case strings.Join(asked(e.Province), " ") == name:
		return 2
	}
	return 3
}
