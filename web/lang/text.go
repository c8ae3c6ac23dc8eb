package lang

import (
	"fmt"
	"slices"
	"strings"
)

// text is one entry: a sentence, or one for each plural form.
type text struct {
	other sentence
	forms map[string]sentence // nil when the text does not depend on a number
}

// sentence is a text cut at its holes: literals[0] hole[0] literals[1] …
type sentence struct {
	literals []string
	holes    []string
}

// parseSentence cuts a text at its holes. Braces have no other use.
func parseSentence(s string) (sentence, error) {
	var cut sentence
	for {
		before, rest, found := strings.Cut(s, "{")
		if strings.Contains(before, "}") {
			return sentence{}, fmt.Errorf("a brace closes that was not opened")
		}
		cut.literals = append(cut.literals, before)
		if !found {
			return cut, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !isName(name) {
			return sentence{}, fmt.Errorf("a hole needs a name of lower-case letters, digits and underscores, as in {name}")
		}
		cut.holes = append(cut.holes, name)
		s = after
	}
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c == '_' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return s != ""
}

// fill puts values into the holes; pairs are name, value, name, value. A hole
// without a value stays visible as {name}.
func (s sentence) fill(pairs []string) string {
	if len(s.holes) == 0 {
		return s.literals[0]
	}
	size := 0
	for i, literal := range s.literals {
		size += len(literal)
		if i < len(s.holes) {
			size += len(valueOf(s.holes[i], pairs))
		}
	}
	var b strings.Builder
	b.Grow(size)
	for i, literal := range s.literals {
		b.WriteString(literal)
		if i < len(s.holes) {
			b.WriteString(valueOf(s.holes[i], pairs))
		}
	}
	return b.String()
}

func valueOf(hole string, pairs []string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == hole {
			return pairs[i+1]
		}
	}
	return "{" + hole + "}"
}

// holeSet lists the names once, sorted.
func (s sentence) holeSet() []string {
	names := slices.Clone(s.holes)
	slices.Sort(names)
	return slices.Compact(names)
}

// holes lists the names of all forms; {n}, the number itself, may be left out by
// a form such as "one try", and is not counted.
func (t text) holes() []string {
	if t.forms == nil {
		return t.other.holeSet()
	}
	var names []string
	for _, form := range t.forms {
		names = append(names, form.holes...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "n" })
}

// kind describes what must agree between the languages.
func (t text) kind() string {
	if t.forms == nil {
		return fmt.Sprintf("holes %v", t.holes())
	}
	return fmt.Sprintf("plural, holes %v", t.holes())
}
