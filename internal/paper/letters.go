package paper

import (
	"fmt"
	"unicode"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// letters knows which characters the fonts have.
type letters struct {
	font   *sfnt.Font
	buffer sfnt.Buffer
}

func newLetters() (*letters, error) {
	font, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("reading the font: %w", err)
	}
	return &letters{font: font}, nil
}

func (l *letters) has(r rune) bool {
	if r < ' ' {
		return r == '\n'
	}
	glyph, err := l.font.GlyphIndex(&l.buffer, r)
	return err == nil && glyph != 0
}

// fold gives a text that the fonts can show. A character that they lack becomes its base
// letter, as in Ș → S, or a question mark; what shows nothing, such as a mark of the
// direction of writing, is left out.
func (l *letters) fold(s string) string {
	whole := true
	for _, r := range s {
		whole = whole && l.has(r)
	}
	if whole {
		return s
	}
	var out []rune
	for _, r := range norm.NFC.String(s) {
		switch {
		case l.has(r):
			out = append(out, r)
		case unicode.IsSpace(r):
			out = append(out, ' ')
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r):
		default:
			base := []rune(norm.NFD.String(string(r)))[0]
			if base == r || !l.has(base) {
				base = '?'
			}
			out = append(out, base)
		}
	}
	return string(out)
}
