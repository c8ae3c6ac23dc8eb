package lang

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A file of texts is YAML, and of YAML only what texts need: a key with a text in one
// line, plain or in double quotes, or a key with a form a line below it, indented by
// two spaces. A library for the whole of YAML took half of the time in which the
// program starts. What it would read otherwise is refused here.

// entry is a key with its text, or with its forms.
type entry struct {
	key, text string
	forms     []wording
}

// wording is a plural form of a text.
type wording struct{ name, text string }

// parseFile cuts a file into its entries.
func parseFile(content string) ([]entry, error) {
	var entries []entry
	known := map[string]bool{}
	number := 0
	for line := range strings.Lines(content) {
		number++
		line = strings.TrimRight(line, " \r\n")
		if line == "" || strings.HasPrefix(strings.TrimLeft(line, " "), "#") {
			continue
		}
		var err error
		if below, indented := strings.CutPrefix(line, "  "); indented {
			err = addForm(entries, below)
		} else {
			entries, err = addEntry(entries, known, line)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return entries, nil
}

func addEntry(entries []entry, known map[string]bool, line string) ([]entry, error) {
	key, value, err := parseLine(line)
	if err != nil {
		return nil, err
	}
	if known[key] {
		return nil, fmt.Errorf("the key %q is there already", key)
	}
	known[key] = true
	return append(entries, entry{key: key, text: value}), nil
}

func addForm(entries []entry, line string) error {
	name, value, err := parseLine(line)
	if err != nil {
		return err
	}
	if len(entries) == 0 || entries[len(entries)-1].text != "" {
		return fmt.Errorf("the form %q belongs to no key", name)
	}
	if value == "" {
		return fmt.Errorf("the form %q is not a text", name)
	}
	last := &entries[len(entries)-1]
	if slices.ContainsFunc(last.forms, func(f wording) bool { return f.name == name }) {
		return fmt.Errorf("the form %q is there already", name)
	}
	last.forms = append(last.forms, wording{name, value})
	return nil
}

// parseLine cuts a line at its colon; the value is empty when forms follow.
func parseLine(line string) (key, value string, err error) {
	key, value, found := strings.Cut(line, ":")
	if !found || !isKey(key) {
		return "", "", errors.New("is neither a key with a text nor a form")
	}
	if value == "" {
		return key, "", nil
	}
	quoted, found := strings.CutPrefix(value, " ")
	if !found {
		return "", "", fmt.Errorf("key %q: a space belongs behind the colon", key)
	}
	if value, err = parseValue(strings.TrimLeft(quoted, " ")); err != nil {
		return "", "", fmt.Errorf("key %q: %w", key, err)
	}
	return key, value, nil
}

func isKey(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '.')
	})
}

// parseValue reads a text in double quotes, or a plain one in which nothing has a
// meaning of its own.
func parseValue(s string) (string, error) {
	if quoted, found := strings.CutPrefix(s, `"`); found {
		return parseQuoted(quoted)
	}
	switch strings.ToLower(s) {
	case "true", "false", "null":
		return "", errNoText
	}
	switch first, _ := utf8.DecodeRuneInString(s); {
	case unicode.IsLetter(first), first == '¿', first == '¡':
	case unicode.IsDigit(first) && strings.Contains(s, " "): // no number, but words that begin with one
	default:
		return "", errNoText
	}
	if strings.Contains(s, ": ") || strings.HasSuffix(s, ":") || strings.Contains(s, " #") {
		return "", errNoText
	}
	return s, nil
}

var errNoText = errors.New("is not a text: put it in quotes")

// parseQuoted reads a text up to its closing quote, behind which nothing may stand.
func parseQuoted(s string) (string, error) {
	var text strings.Builder
	for {
		at := strings.IndexAny(s, `"\`)
		if at < 0 || s[at] == '\\' && at+1 == len(s) {
			return "", errors.New("the closing quote is missing")
		}
		text.WriteString(s[:at])
		if s[at] == '"' {
			if s[at+1:] != "" {
				return "", errors.New("something stands behind the closing quote")
			}
			if strings.TrimSpace(text.String()) == "" {
				return "", errors.New("is empty")
			}
			return text.String(), nil
		}
		switch s[at+1] {
		case 'n':
			text.WriteByte('\n')
		case '"', '\\':
			text.WriteByte(s[at+1])
		default:
			return "", fmt.Errorf(`the escape \%c is none of \n \" \\`, s[at+1])
		}
		s = s[at+2:]
	}
}
