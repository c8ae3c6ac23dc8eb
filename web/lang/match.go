package lang

import (
	"strconv"
	"strings"
)

// Match chooses the language of a page: the first of ours among those that the
// relying party asked for (ui_locales, in order), then the cookie, then the
// browser's Accept-Language by weight, then Spanish.
func Match(uiLocales []string, cookie, acceptLanguage string) Language {
	for _, tag := range uiLocales {
		if l, ok := Parse(tag); ok {
			return l
		}
	}
	if l, ok := Parse(cookie); ok {
		return l
	}
	if l, ok := accepted(acceptLanguage); ok {
		return l
	}
	return Default
}

// maxRanges is how many entries of Accept-Language are read: browsers send fewer.
const maxRanges = 32

// accepted reads an Accept-Language header: the heaviest of ours, the first among
// equals; entries of weight 0 or without sense are left out. "*" takes the default.
// Source: RFC 9110 section 12.5.4.
func accepted(header string) (Language, bool) {
	var best Language
	heaviest := 0
	for range maxRanges {
		if header == "" {
			break
		}
		var entry string
		entry, header, _ = strings.Cut(header, ",")
		tag, parameter, _ := strings.Cut(entry, ";")
		l, ok := Parse(strings.TrimSpace(tag))
		if !ok && strings.TrimSpace(tag) == "*" {
			l, ok = Default, true
		}
		if weight := weight(parameter); ok && weight > heaviest {
			best, heaviest = l, weight
		}
	}
	return best, heaviest > 0
}

// weight is the q parameter in thousandths: 1000 when there is none, 0 when it
// cannot be read.
func weight(parameter string) int {
	parameter = strings.TrimSpace(parameter)
	if parameter == "" {
		return 1000
	}
	value, found := strings.CutPrefix(strings.ToLower(parameter), "q=")
	if !found {
		return 0
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return int(q * 1000)
}
