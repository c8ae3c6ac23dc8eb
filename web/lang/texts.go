package lang

import (
	"strconv"

	"golang.org/x/text/language"
)

// Texts are all texts in all languages. They do not change after Load, so any
// number of goroutines may read them.
type Texts struct {
	byKey [count]map[string]text
	tags  [count]language.Tag // as the plural rules know them: parsed once
}

// Text is the text of a key in a language; pairs fill its holes: name, value,
// name, value. A key that is not there comes back itself, so that a mistake is
// seen; Has tells beforehand.
func (t *Texts) Text(l Language, key string, pairs ...string) string {
	found, ok := t.lookup(l, key)
	if !ok {
		return key
	}
	return found.other.fill(pairs)
}

// Count is the text of a key for a number: its plural form, with the number in
// the hole {n} and pairs in the others.
func (t *Texts) Count(l Language, key string, n int, pairs ...string) string {
	found, ok := t.lookup(l, key)
	if !ok {
		return key
	}
	sentence := found.other
	if form, ok := found.forms[form(t.tags[place(l)], n)]; ok {
		sentence = form
	}
	return sentence.fill(append([]string{"n", strconv.Itoa(n)}, pairs...))
}

// Has tells whether the key is there in every language.
func (t *Texts) Has(key string) bool {
	for _, l := range All() {
		if _, ok := t.lookup(l, key); !ok {
			return false
		}
	}
	return true
}

// Holes lists the names of a key's holes, sorted, without {n} of a plural.
func (t *Texts) Holes(key string) []string {
	found, _ := t.lookup(Default, key)
	return found.holes()
}

// Plural tells whether the key depends on a number.
func (t *Texts) Plural(key string) bool {
	found, _ := t.lookup(Default, key)
	return found.forms != nil
}

// Keys lists every key once, in no order.
func (t *Texts) Keys() []string {
	seen := map[string]bool{}
	var keys []string
	for _, byKey := range t.byKey {
		for key := range byKey {
			if !seen[key] {
				seen[key] = true
				keys = append(keys, key)
			}
		}
	}
	return keys
}

func (t *Texts) lookup(l Language, key string) (text, bool) {
	found, ok := t.byKey[place(l)][key]
	return found, ok
}

// place is where a language's texts are; that of the default for one of no name.
func place(l Language) int { return max(0, l.number()) }
