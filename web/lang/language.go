package lang

import (
	"strings"

	"golang.org/x/text/language"
)

// Language is one of the six, written as a BCP 47 tag in lower case, fit for the
// lang attribute and the Content-Language header. The zero value is none.
type Language string

// The languages that are official in Spain or one of its communities, and English.
const (
	Spanish   Language = "es"
	Catalan   Language = "ca"
	Galician  Language = "gl"
	Basque    Language = "eu"
	Valencian Language = "ca-valencia"
	English   Language = "en"
)

// Default is the language when nothing else is known.
const Default = Spanish

// All lists the languages in the order of the language switch.
func All() []Language {
	return []Language{Spanish, Catalan, Galician, Basque, Valencian, English}
}

// Name is the language's name in itself.
func (l Language) Name() string {
	switch l {
	case Spanish:
		return "Español"
	case Catalan:
		return "Català"
	case Galician:
		return "Galego"
	case Basque:
		return "Euskara"
	case Valencian:
		return "Valencià"
	case English:
		return "English"
	}
	return ""
}

// tag is the language as golang.org/x/text knows it, for the plural rules. It has
// no rules for Valencian, which counts as Catalan does.
func (l Language) tag() language.Tag {
	if l == Valencian {
		l = Catalan
	}
	return language.Make(string(l))
}

// number is the place of the language in All, or -1.
func (l Language) number() int {
	switch l {
	case Spanish:
		return 0
	case Catalan:
		return 1
	case Galician:
		return 2
	case Basque:
		return 3
	case Valencian:
		return 4
	case English:
		return 5
	}
	return -1
}

const count = 6

// maxTagBytes is the longest language tag that is looked at.
// Source: RFC 5646 section 4.4.1 asks for 35 at least.
const maxTagBytes = 35

// Parse finds the language of a tag such as "es", "en-GB", "ca-ES-valencia" or
// "va", in any case; false when it is none of ours. The table is our own, because
// golang.org/x/text refuses "va", which browsers and services here send, and
// takes ca-valencia for Catalan.
func Parse(tag string) (Language, bool) {
	if tag == "" || len(tag) > maxTagBytes {
		return "", false
	}
	tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
	primary, rest, _ := strings.Cut(tag, "-")
	switch primary {
	case "es", "spa":
		return Spanish, true
	case "ca", "cat":
		for rest != "" {
			var part string
			if part, rest, _ = strings.Cut(rest, "-"); part == "valencia" {
				return Valencian, true
			}
		}
		return Catalan, true
	case "va":
		return Valencian, true
	case "gl", "glg":
		return Galician, true
	case "eu", "eus", "baq":
		return Basque, true
	case "en", "eng":
		return English, true
	}
	return "", false
}
