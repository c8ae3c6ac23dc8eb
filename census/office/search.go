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
	city, province string   // as one would ask for them
	words          []string // of city, province and name
}

func newEntry(o Office) entry {
	return entry{
		Office: o, city: strings.Join(asked(o.City), " "), province: strings.Join(asked(o.Province), " "),
		words: wordsOf(o.City + " " + o.Province + " " + o.Name),
	}
}

// inOrder puts a directory into the order in which equally good answers are given,
// once, so that no question has to.
func inOrder(entries []entry) {
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.province, b.province), cmp.Compare(a.city, b.city), cmp.Compare(a.PostalCode, b.PostalCode),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code))
	})
}

// find gives the offices for what somebody typed, the best first, and tells
// whether that was a postal code. The entries are in order.
func find(entries []entry, typed string) (found []*entry, postal bool) {
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
func byPostalCode(entries []entry, code string) []*entry {
	var found []*entry
	for i := range entries {
		e := &entries[i]
		if strings.HasPrefix(e.PostalCode, code) || len(code) == 5 && e.PostalCode[:2] == code[:2] {
			found = append(found, e)
		}
	}
	wanted := number(code)
	away := func(e *entry) int {
		if len(code) < 5 {
			return 0
		}
		return max(number(e.PostalCode)-wanted, wanted-number(e.PostalCode))
	}
	slices.SortStableFunc(found, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(away(a), away(b)), cmp.Compare(a.PostalCode, b.PostalCode))
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
func byPlace(entries []entry, typed string) []*entry {
	words := asked(typed)
	if len(words) == 0 {
		return nil
	}
	name := strings.Join(words, " ")
	var ranked [ranks][]*entry
	for i := range entries {
		if e := &entries[i]; e.has(words) {
			rank := e.rank(name)
			ranked[rank] = append(ranked[rank], e)
		}
	}
	return slices.Concat(ranked[:]...)
}

func (e *entry) has(words []string) bool {
	for _, word := range words {
		if !slices.ContainsFunc(e.words, func(own string) bool { return strings.HasPrefix(own, word) }) {
			return false
		}
	}
	return true
}

// ranks is how many ranks there are.
const ranks = 4

// rank tells how well the name of a place says the office's, 0 best.
func (e *entry) rank(name string) int {
	switch {
	case e.city == name:
		return 0
	case strings.HasPrefix(e.city, name):
		return 1
	case e.province == name:
		return 2
	}
	return 3
}
