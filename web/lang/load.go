package lang

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed texts
var embedded embed.FS

// Load gives the texts that are part of the program. They are read once: nobody can
// change them, and a test that builds many installations would read them for each. An
// error names the file and the key; whether the languages agree is said by Check.
func Load() (*Texts, error) { return own() }

// own are the embedded texts.
var own = sync.OnceValues(func() (*Texts, error) {
	files, err := fs.Sub(embedded, "texts")
	if err != nil {
		return nil, fmt.Errorf("opening the texts: %w", err)
	}
	return Read(files)
})

// Read reads texts from LANGUAGE/PACKAGE.yaml below a folder.
func Read(files fs.FS) (*Texts, error) {
	texts := &Texts{}
	for _, l := range All() {
		byKey := map[string]text{}
		texts.byKey[l.number()], texts.tags[l.number()] = byKey, l.tag()
		names, err := fs.Glob(files, string(l)+"/*.yaml")
		if err != nil {
			return nil, fmt.Errorf("listing the texts in %s: %w", l, err)
		}
		for _, name := range names {
			if err := readFile(files, name, byKey); err != nil {
				return nil, fmt.Errorf("reading the texts in %s: %w", name, err)
			}
		}
	}
	return texts, nil
}

func readFile(files fs.FS, name string, byKey map[string]text) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	entries, err := parseFile(string(content))
	if err != nil {
		return err
	}
	owner := strings.TrimSuffix(path.Base(name), ".yaml") + "."
	for _, e := range entries {
		if !strings.HasPrefix(e.key, owner) {
			return fmt.Errorf("key %q does not begin with %q", e.key, owner)
		}
		if byKey[e.key], err = parseEntry(e); err != nil {
			return fmt.Errorf("key %q: %w", e.key, err)
		}
	}
	return nil
}

func parseEntry(e entry) (text, error) {
	if e.text != "" {
		sentence, err := parseText(e.text)
		return text{other: sentence}, err
	}
	forms := map[string]sentence{}
	for _, f := range e.forms {
		sentence, err := parseText(f.text)
		if err != nil {
			return text{}, fmt.Errorf("form %q: %w", f.name, err)
		}
		forms[f.name] = sentence
	}
	other, found := forms["other"]
	if !found {
		return text{}, errors.New(`a text that depends on a number needs the form "other"`)
	}
	return text{other: other, forms: forms}, nil
}

// parseText refuses what would look wrong on a page.
func parseText(s string) (sentence, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return sentence{}, errors.New("is empty")
	}
	if strings.ContainsAny(s, "<>") {
		return sentence{}, errors.New("has an angle bracket; texts have no HTML")
	}
	return parseSentence(s)
}

// Check tells, all at once, where the languages do not agree: a key that is
// missing in one, other holes, other plural forms than the language has.
func (t *Texts) Check() error {
	var problems []error
	keys := t.Keys()
	slices.Sort(keys)
	for _, key := range keys {
		want, known := t.lookup(Default, key)
		for _, l := range All() {
			got, ok := t.lookup(l, key)
			switch {
			case !ok:
				problems = append(problems, fmt.Errorf("%s: %s is missing", l, key))
			case known && got.kind() != want.kind():
				problems = append(problems, fmt.Errorf("%s: %s has %s, in %s %s", l, key, got.kind(), Default, want.kind()))
			case got.forms != nil:
				problems = append(problems, checkForms(l, key, got)...)
			}
		}
	}
	return errors.Join(problems...)
}

func checkForms(l Language, key string, t text) []error {
	var problems []error
	needed := formsOf(l)
	for _, name := range needed {
		if _, ok := t.forms[name]; !ok {
			problems = append(problems, fmt.Errorf("%s: %s lacks the form %q", l, key, name))
		}
	}
	for name := range t.forms {
		if !slices.Contains(needed, name) {
			problems = append(problems, fmt.Errorf("%s: %s has the form %q, which the language does not use", l, key, name))
		}
	}
	return problems
}
