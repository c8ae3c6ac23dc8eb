package gsm7

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold brings a text into the alphabet: what is in it stays, letters lose the
// marks that the alphabet lacks (á í ó ú ç become a i o u c; à é ñ ü stay),
// typographic signs become plain ones, control characters become spaces and
// whatever is left becomes "?". One character outside would double the cost of
// a message and halve its room.
//
// The choices are ours; the same plain letters are what people type on a phone
// without accents.
func Fold(s string) string {
	s = norm.NFC.String(s)
	if Fits(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch plain, known := plainSign(r); {
		case width(r) > 0:
			b.WriteRune(r)
		case known:
			b.WriteString(plain)
		case unicode.IsSpace(r) || unicode.IsControl(r):
			b.WriteByte(' ')
		default:
			b.WriteString(unmarked(r))
		}
	}
	return b.String()
}

// plainSign gives what stands for a sign without a plain letter inside.
func plainSign(r rune) (string, bool) {
	switch r {
	case '‘', '’', '‚', '´', '`', 'ʼ':
		return "'", true
	case '“', '”', '„', '«', '»':
		return `"`, true
	case '‐', '‑', '‒', '–', '—', '―', '−':
		return "-", true
	case '·', '•', '∙', '‧':
		return ".", true // Catalan l·l: most phones without it write l.l
	case '…':
		return "...", true
	case 'ª':
		return "a", true
	case 'º', '°':
		return "o", true
	case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad':
		return "", true
	}
	return "", false
}

// unmarked gives the letter under r's marks, or "?" when the alphabet has
// nothing like it.
func unmarked(r rune) string {
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		switch {
		case unicode.Is(unicode.Mn, part):
		case width(part) > 0:
			b.WriteRune(part)
		default:
			return "?"
		}
	}
	if b.Len() == 0 {
		return "" // a lone mark: nothing to show
	}
	return b.String()
}
