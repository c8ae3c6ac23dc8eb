package password

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"
	"unicode"
)

// common.txt.gz holds one word a line, folded: what people who choose badly choose.
// It was put together by hand: words, names, places and clubs of this country, runs of
// keys, and what is said with them.
//
//go:embed common.txt.gz
var commonList []byte

// commonWords reads the list once: it takes a millisecond, and most processes never
// see a new password.
var commonWords = sync.OnceValue(func() map[string]bool {
	z, err := gzip.NewReader(bytes.NewReader(commonList))
	if err != nil {
		panic("password: the list of common passwords is broken: " + err.Error())
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic("password: the list of common passwords is broken: " + err.Error())
	}
	words := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		words[strings.TrimSpace(line)] = true
	}
	return words
})

// IsCommon tells whether a password is among those that everybody tries first, as it
// is or dressed up: capitals, accents, figures for letters, and figures and signs
// around it do not help (Madrid2026!, P@ssw0rd123).
// Source: NIST SP 800-63B, section 5.1.1.2, asks for such a list; the dressing is our
// choice, because the groups of characters make people dress up just so.
func IsCommon(normal string) bool {
	words, folded := commonWords(), Fold(normal)
	bare := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, folded)
	// Trailing figures go before the rest are read as letters: in p4ssw0rd123 only
	// the inner ones stand for letters.
	core := strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	outer := strings.Map(lookalike, strings.TrimRightFunc(folded, func(r rune) bool { return unicode.IsDigit(r) || unicode.IsPunct(r) && r != '@' }))
	for _, try := range []string{folded, bare, core, strings.Map(lookalike, core), strings.Map(lookalike, folded), outer} {
		if words[try] || words[halved(try)] {
			return true
		}
	}
	return false
}

// halved is the half of what is written twice, as in sevillasevilla.
func halved(s string) string {
	if half := len(s) / 2; len(s)%2 == 0 && s[:half] == s[half:] {
		return s[:half]
	}
	return s
}
