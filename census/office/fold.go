package office

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold is a text as people compare it: without accents and case, its words apart
// by one space. Ñ is N, because many keyboards have none.
func fold(text string) string {
	var b strings.Builder
	gap := false
	for _, c := range norm.NFD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, c):
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(c)
		default:
			gap = true
		}
	}
	return b.String()
}

// small are words that people leave out or add: no place is told by them.
var small = map[string]bool{
	"a": true, "o": true, "as": true, "os": true, "el": true, "la": true, "los": true, "las": true, "l": true, "les": true,
	"de": true, "del": true, "d": true, "da": true, "do": true, "i": true, "y": true, "e": true, "en": true,
}

// alike are words that name the same place in two languages of the country. A
// directory uses one, and a citizen the other. Our choice: the provinces, and the
// cities whose official names do not say both.
var alike = [][2]string{
	{"alava", "araba"}, {"vizcaya", "bizkaia"}, {"guipuzcoa", "gipuzkoa"}, {"navarra", "nafarroa"}, {"bilbao", "bilbo"},
	{"gerona", "girona"}, {"lerida", "lleida"}, {"orense", "ourense"}, {"baleares", "balears"}, {"alicante", "alacant"},
	{"castellon", "castello"}, {"ibiza", "eivissa"}, {"mahon", "mao"}, {"elche", "elx"},
}

// wordsOf are the words under which an office is found.
func wordsOf(text string) []string {
	words := strings.Fields(fold(text))
	for _, word := range words {
		for _, pair := range alike {
			switch word {
			case pair[0]:
				words = append(words, pair[1])
			case pair[1]:
				words = append(words, pair[0])
			}
		}
	}
	return words
}

// asked are the words of what somebody typed, the small ones only when there are
// no others.
func asked(typed string) []string {
	words := strings.Fields(fold(typed))
	var telling []string
	for _, word := range words {
		if !small[word] {
			telling = append(telling, word)
		}
	}
	if telling == nil {
		return words
	}
	return telling
}
